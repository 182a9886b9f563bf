import type { Micros } from '../../model/units.ts';
import type { EjectionsEvent } from '../timeline/history.ts';
import type { Span } from '../timeline/windows.ts';
import { mostOf } from './extremes.ts';
import type { ProxyRow } from './proxies.ts';

/** Ejections as far as the readings tell: at least `lo`, at most `hi`. */
export type EjectionCount = { readonly lo: number; readonly hi: number };

/** One of the totals of a reading. */
type Counter = (event: EjectionsEvent) => number;
export const enforced: Counter = ({ enforcedTotal }) => enforcedTotal;

/** Whether a reading says all that tells the counters of one proxy, and proxies of one name, apart. */
const isOneCounter = ({ port, namespace, podNamespace }: EjectionsEvent): boolean =>
  port !== undefined && namespace !== undefined && podNamespace !== undefined;

/** Readings without a port may be those of two ports of one Service that take turns: then its counters fall twice or more. */
export function takesTurns({ events }: ProxyRow): boolean {
  const falls = events.filter((event, i) => enforced(event) < enforced(events[i - 1] ?? event)).length;
  return falls > 1 && events.some((event) => event.port === undefined);
}

/**
 * What a counter gained between two readings. A fall means that its proxy began again, from 0: what it shows then it has
 * counted since the reading before. That may be from before the span; and where a row may be of several counters, the
 * fall may be none.
 */
function between(of: Counter, last: EjectionsEvent, event: EjectionsEvent, from: Micros): EjectionCount {
  const now = of(event);
  const more = now - of(last);
  const unseen = Math.max(0, (event.unseen ?? 0) - (last.unseen ?? 0));
  if (more >= 0) return { lo: more, hi: more + unseen };
  return { lo: isOneCounter(event) && last.t >= from ? now : 0, hi: now };
}

/** What one counter gained in a span; nothing is sure where two ports took turns. `isNew`: whether its proxy began at 0 then. */
export function gained(
  row: ProxyRow,
  of: Counter,
  { from, to }: Span,
  isNew: (event: EjectionsEvent) => boolean,
): EjectionCount {
  const count = { lo: 0, hi: 0 };
  row.events.forEach((event, i) => {
    if (event.t < from || event.t > to) return;
    const last = row.events[i - 1];
    const first = isNew(event) ? of(event) : 0;
    const { lo, hi } = last === undefined ? { lo: first, hi: first } : between(of, last, event, from);
    count.lo += lo;
    count.hi += hi;
  });
  return takesTurns(row) ? { lo: 0, hi: count.hi } : count;
}

/** The most that one proxy held at once, over its ports. */
export function mostActive(rows: readonly ProxyRow[], { from, to }: Span): number {
  const held = rows.flatMap(({ events }) => {
    const carried = events.findLast((event) => event.t < from)?.active ?? 0;
    return [carried, ...events.filter((event) => event.t >= from && event.t <= to).map(({ active }) => active)];
  });
  return mostOf(held, 0);
}
