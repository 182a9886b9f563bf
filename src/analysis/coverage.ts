import type { Micros } from '../model/units.ts';
import type { Facts } from './facts.ts';
import type { Window } from './segments.ts';

/**
 * How many requests a window lacks because a path's records end (at `lastDue`) before it does. Load is wanted until
 * the recovery has been watched, however long its stop takes then; the last requests before that may be missing for a
 * second, or three requests, without anything being lost.
 */
export function unseenRequests(facts: Facts, lastDue: Micros, window: Window): number {
  const rate = facts.header.scenario.load.ratePerSecond;
  const wanted = facts.phases.find(({ phase }) => phase === 'recover')?.end ?? facts.end;
  const end = Math.min(window.end, wanted);
  const slack = Math.max(1e6, 3e6 / rate);
  const from = Math.max(lastDue, window.start);
  return end - from > slack ? Math.max(1, Math.floor(((end - from) / 1e6) * rate)) : 0;
}
