import type { HistoryEvent } from '../../model/history.ts';
import type { Micros } from '../../model/units.ts';
import type { Window } from '../timeline/windows.ts';

type EventOf<T extends HistoryEvent['type']> = Extract<HistoryEvent, { readonly type: T }>;

/** A change that lies between the last question that was answered otherwise and the answer that showed it. */
type Change = { readonly lo: Micros; readonly hi: Micros; readonly event: EventOf<'alert'> };

/** What Prometheus said of one alert. */
export type AlertStates = {
  /** Whether it fired when it was first asked; undefined where it never answered. */
  readonly atFirst: boolean | undefined;
  /** When it began to fire, where it fired at first before that, and when it ended, in order, each with the labels that were told. */
  readonly began: readonly Change[];
  readonly ended: readonly Change[];
  /** Labels of alerts of the same name that fired, and not with those that are asked for. */
  readonly strange: readonly string[];
};

const isOf =
  <T extends HistoryEvent['type']>(type: T) =>
  (event: HistoryEvent): event is EventOf<T> =>
    event.type === type;

/** Whether Prometheus was ever to be asked; stretches in which it did not answer, as far as the run goes. */
export function alertSilence(events: readonly HistoryEvent[], end: Micros): { asked: boolean; silent: Window[] } {
  const told = events.filter(isOf('alert-telemetry'));
  const silent: Window[] = [];
  for (const [index, { readable, from, t }] of told.entries()) {
    if (!readable) silent.push({ start: from ?? t, end: told[index + 1]?.t ?? end });
  }
  return { asked: told.length > 0, silent };
}

/** The states of the alert that stands at `index` of the scenario's. */
export function alertStates(events: readonly HistoryEvent[], index: number): AlertStates {
  const own = events.filter(isOf('alert')).filter((event) => event.index === index);
  const changes = own.flatMap((event, at) => {
    const before = own[at - 1]?.firing ?? false;
    return before === event.firing ? [] : [{ lo: event.from, hi: event.t, event }];
  });
  return {
    atFirst: own[0]?.firing,
    began: changes.filter(({ event }) => event.firing),
    ended: changes.filter(({ event }) => !event.firing),
    strange: [...new Set(own.flatMap(({ strange }) => strange))],
  };
}

/** Names of other alerts that began to fire from `from` on, those that may have begun before it, and those that had fired before. */
export function otherAlerts(
  events: readonly HistoryEvent[],
  known: readonly string[],
  from: Micros,
): {
  readonly fresh: readonly string[];
  readonly unsure: readonly string[];
  readonly old: readonly string[];
  readonly event: HistoryEvent | undefined;
} {
  const told = events.filter(isOf('alerts-firing'));
  const others = (names: readonly string[]) => names.filter((name) => !known.includes(name));
  const old = new Set(told.filter(({ t }) => t < from).flatMap(({ names }) => others(names)));
  const began = new Map<string, EventOf<'alerts-firing'>>();
  for (const event of told) for (const name of others(event.names)) if (!began.has(name)) began.set(name, event);
  const later = [...began].filter(([name]) => !old.has(name));
  const isSure = ([, event]: (typeof later)[number]) => event.from >= from;
  const sure = later.filter(isSure);
  return {
    fresh: sure.map(([name]) => name),
    unsure: later.filter((one) => !isSure(one)).map(([name]) => name),
    old: [...old],
    event: (sure[0] ?? later[0])?.[1],
  };
}

/** What began to fire under a name that is asked for, and with labels that are not: as of `otherAlerts`. */
export function strangeAlerts(
  events: readonly HistoryEvent[],
  from: Micros,
): { readonly fresh: readonly string[]; readonly unsure: readonly string[] } {
  const told = events.filter(isOf('alert'));
  // Several alerts that are asked for may have one name.
  const own = new Set(told.flatMap(({ labels }) => labels));
  const began = new Map<string, EventOf<'alert'>>();
  for (const event of told) {
    for (const labels of event.strange) if (!own.has(labels) && !began.has(labels)) began.set(labels, event);
  }
  const later = [...began].filter(([, { t }]) => t >= from);
  const isSure = ([, event]: (typeof later)[number]) => event.from >= from;
  return {
    fresh: later.filter(isSure).map(([labels]) => labels),
    unsure: later.filter((one) => !isSure(one)).map(([labels]) => labels),
  };
}

/** Whether it fired at a moment, as far as the last answer before it tells. */
export function isFiringAt({ began, ended }: AlertStates, at: Micros): boolean {
  const last = [...began, ...ended]
    .filter(({ hi }) => hi <= at)
    .sort((a, b) => a.hi - b.hi)
    .at(-1);
  return last?.event.firing ?? false;
}
