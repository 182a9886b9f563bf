import type { Micros } from '../../model/units.ts';
import type { Facts } from './history.ts';
import type { Window } from './windows.ts';

/** A quiet shorter than this is what a busy machine does, and hides too little to matter. */
const LEAST_QUIET: Micros = 250_000;
/** Less than this share of the asked rate is a load that was not delivered. */
const DELIVERED = 0.9;

/**
 * The longest time between two requests of a path that its rate explains: a quarter of a second, or three requests. A
 * script that sends on several paths in turn waits for one before the next, so there a timeout comes on top.
 */
export function longestQuiet({ header }: Facts): Micros {
  const { ratePerSecond, timeoutMs, script } = header.scenario.load;
  return Math.max(LEAST_QUIET, 3e6 / ratePerSecond) + (script === undefined ? 0 : timeoutMs * 1000);
}

/** What a quiet of this length hides: nothing where the rate explains it. */
export function hiddenBy(facts: Facts, quiet: Micros): Micros {
  return quiet > longestQuiet(facts) ? quiet : 0;
}

/** Requests that the rate wanted in a stretch in which none was due. */
export function unscheduled(facts: Facts, gap: Micros): number {
  if (gap <= longestQuiet(facts)) return 0;
  return Math.max(1, Math.round((gap / 1e6) * facts.header.scenario.load.ratePerSecond) - 1);
}

/** Until when load is wanted: until the recovery was watched, or nothing was injected after all; its stop takes longer. */
export function loadWantedUntil({ phases, firstInject, end }: Facts): Micros {
  const last =
    phases.find(({ phase }) => phase === 'recover') ?? (firstInject === undefined ? phases.at(-1) : undefined);
  return last?.end ?? end;
}

/**
 * How many requests a window lacks because a path's records end (at `lastDue`) before it does; the last requests before
 * the end of the load may be missing for a second, or three requests, without anything being lost.
 */
export function unseenRequests(facts: Facts, lastDue: Micros, window: Window): number {
  const rate = facts.header.scenario.load.ratePerSecond;
  const end = Math.min(window.end, loadWantedUntil(facts));
  const slack = Math.max(1e6, 3e6 / rate);
  const from = Math.max(lastDue, window.start);
  return end - from > slack ? Math.max(1, Math.floor(((end - from) / 1e6) * rate)) : 0;
}

/** Requests that the rate asked for until the last one of a path, and that were never due; 0 for a load that was delivered. */
export function undelivered(
  facts: Facts,
  due: number,
  lastDue: Micros,
): { readonly asked: number; readonly due: number } | undefined {
  const start = facts.phases.find(({ phase }) => phase === 'baseline')?.start ?? 0;
  const end = Math.min(lastDue, loadWantedUntil(facts));
  const asked = Math.floor((Math.max(0, end - start) / 1e6) * facts.header.scenario.load.ratePerSecond);
  return due + 3 < DELIVERED * asked ? { asked, due } : undefined;
}
