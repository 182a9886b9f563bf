import type { Clock } from '../model/ports.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Millis } from '../model/units.ts';
import type { StopReason } from './stop.ts';
import { LONGEST_UNDO_MS } from './undo-bound.ts';

/** What proofs, rollouts and undo may take on top of the phases that the clock ends. */
const SLACK_MS = 300_000;

/** The longest a run may take before it is stopped and undone. */
export function deadlineOf(scenario: Scenario): Millis {
  const { baselineMs, holdMs, recoverMs } = scenario.phases;
  const lastFault = Math.max(0, ...scenario.faults.map((fault) => fault.afterMs));
  return baselineMs + lastFault + holdMs + recoverMs + SLACK_MS;
}

/** The longest that a run and its undo may take together, from its first request on. */
export function longestOf(scenario: Scenario): Millis {
  return deadlineOf(scenario) + LONGEST_UNDO_MS;
}

/** A signal that comes when the operator's does or when the time is over, with a StopReason. `release` ends the wait. */
export function withDeadline(
  stop: AbortSignal,
  limitMs: Millis,
  clock: Clock,
): { readonly signal: AbortSignal; readonly release: () => void } {
  const over = new AbortController();
  const waiting = new AbortController();
  void clock.sleep(limitMs, waiting.signal).then(() => {
    const reason: StopReason = { kind: 'deadline', limitMs };
    if (!waiting.signal.aborted) over.abort(reason);
  });
  return { signal: AbortSignal.any([stop, over.signal]), release: () => waiting.abort() };
}
