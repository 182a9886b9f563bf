import type { Micros } from '../model/units.ts';
import type { Facts } from './facts.ts';
import type { Window } from './segments.ts';

/**
 * The longest time without a request that was due that the scenario's rate explains: a second, or three requests, and a
 * timeout, because a script that sends on several paths in turn waits for one before the next.
 */
export function longestSilence({ header }: Facts): Micros {
  const { ratePerSecond, timeoutMs } = header.scenario.load;
  return Math.max(1e6, 3e6 / ratePerSecond) + timeoutMs * 1000;
}

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
