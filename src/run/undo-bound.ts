import type { FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Clock } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import type { OpenFault } from './undo-stack.ts';

/**
 * Longest that the undo of all faults goes on once the run has been told to stop, be it by its own deadline. Longer than a
 * write can be on its way in an API server, which gives up a request after 60 s (kube-apiserver --request-timeout).
 */
export const LONGEST_UNDO_MS: Millis = 90_000;

/** What every fault gets after that, too: the one before it may have used up all the time. */
const LEAST_MS: Millis = 5_000;

/** Aborted when the undo has had its time. `release` ends the wait for that. */
export function undoBound(
  stop: AbortSignal,
  clock: Clock,
): { readonly over: AbortSignal; readonly release: () => void } {
  const over = new AbortController();
  const waiting = new AbortController();
  const wait = async () => {
    await clock.sleep(LONGEST_UNDO_MS, waiting.signal);
    if (!waiting.signal.aborted) over.abort();
  };
  const begin = () => void wait();
  if (stop.aborted) begin();
  else stop.addEventListener('abort', begin, { once: true, signal: waiting.signal });
  return { over: over.signal, release: () => waiting.abort() };
}

/**
 * The same fault, whose undo, with all that it has to wait for before and after, is waited for no longer than until
 * `over`: what has not been heard of by then counts as failed, and stays in the journal for the command `recover`. The writes that are on their way are not taken back.
 */
export function boundedUndo(open: OpenFault, over: AbortSignal, clock: Clock, recover: string): OpenFault {
  return {
    ...open,
    inTime: (undo) => untilOver(undo, unheard(open.plan, recover), over, clock),
    endSustain: () => untilOver(open.endSustain(), undefined, over, clock),
  };
}

/** What work comes to that is waited for no longer than until `over`, and `otherwise` then. */
export async function untilOver<T, O>(work: Promise<T>, otherwise: O, over: AbortSignal, clock: Clock): Promise<T | O> {
  const done = new AbortController();
  const giveUp = async (): Promise<O> => {
    await Promise.all([aborted(AbortSignal.any([over, done.signal])), clock.sleep(LEAST_MS, done.signal)]);
    return otherwise;
  };
  return Promise.race([work, giveUp()]).finally(() => done.abort());
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

function unheard({ cluster, objects }: FaultPlan, recover: string): UndoOutcome {
  return {
    state: 'failed',
    detail: `cluster ${cluster} did not answer in time; given up ${LONGEST_UNDO_MS / 1000} s after the run was told to stop`,
    objects: objects.map((object) => ({ ...object, state: 'left-behind' })),
    commands: [recover],
  };
}
