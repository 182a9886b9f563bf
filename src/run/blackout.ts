import { type Blackout, WEEKDAYS } from '../model/target.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A moment on the clock and calendar of a zone. */
type Local = {
  /** Midnight of its day, as if that were UTC. */
  readonly day: number;
  /** After midnight, as the clock shows it. */
  readonly minute: number;
};

/**
 * The first minute of a span in which a blackout holds, and which. Every minute is asked by the zone's own clock, so that an
 * hour that comes twice, or not at all, is what people there see.
 */
export function firstBlackout(
  blackouts: readonly Blackout[],
  from: Date,
  to: Date,
): { readonly blackout: Blackout; readonly at: Date } | undefined {
  if (blackouts.length === 0) return undefined;
  const clocks = new Map(blackouts.map(({ timeZone }) => [timeZone, clockOf(timeZone)]));
  for (let at = from.getTime(); at <= to.getTime(); at = (Math.floor(at / MINUTE_MS) + 1) * MINUTE_MS) {
    const found = blackouts.find((one) => holds(one, clocks.get(one.timeZone)?.(at)));
    if (found !== undefined) return { blackout: found, at: new Date(at) };
  }
  return undefined;
}

/** Fails closed: a moment that cannot be read is one that is not allowed. */
function holds(blackout: Blackout, local: Local | undefined): boolean {
  if (local === undefined || !Number.isFinite(local.day + local.minute)) return true;
  const { hours = { from: 0, to: 1_440 } } = blackout;
  const today = isMeant(blackout, local.day);
  if (hours.from < hours.to) return today && local.minute >= hours.from && local.minute < hours.to;
  const sinceYesterday = isMeant(blackout, local.day - DAY_MS) && local.minute < hours.to;
  return sinceYesterday || (today && local.minute >= hours.from);
}

/** Whether a blackout begins on a day. */
function isMeant({ days, dates }: Blackout, day: number): boolean {
  const date = new Date(day);
  const text = date.toISOString().slice(0, 10);
  const weekday = WEEKDAYS[(date.getUTCDay() + 6) % 7];
  const isDay = days === undefined || days.some((one) => one === weekday);
  return isDay && (dates === undefined || (dates.from <= text && text <= dates.to));
}

function clockOf(timeZone: string): (at: number) => Local {
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', hourCycle: 'h23', ...numeric });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? Number.NaN;
    return {
      day: Date.UTC(part('year'), part('month') - 1, part('day')),
      minute: part('hour') * 60 + part('minute'),
    };
  };
}

/** A blackout as its targets file says it. */
export function blackoutText({ because, timeZone, days, dates, hours }: Blackout): string {
  const when = [
    ...(days === undefined ? [] : [days.join(', ')]),
    ...(dates === undefined ? [] : [`${dates.from} to ${dates.to}`]),
    ...(hours === undefined ? [] : [`${timeText(hours.from)} to ${timeText(hours.to)}`]),
  ];
  return `${because} (${when.join(', ')}, ${timeZone})`;
}

function timeText(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
