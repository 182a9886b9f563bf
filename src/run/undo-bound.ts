import type { FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { Clock } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { endingClock } from './ending.ts';
import { type RequestTrace, requestTrace } from './request-trace.ts';
import type { OpenFault } from './undo-stack.ts';

/**
 * Longest that the undo of all faults goes on once the run has been told to stop, be it by its own deadline. Longer than a
 * write can be on its way in an API server, which gives up a request after 60 s (kube-apiserver --request-timeout).
 */
export const LONGEST_UNDO_MS: Millis = 90_000;

/** What every fault gets after that, too: the one before it may have used up all the time. */
const LEAST_MS: Millis = 5_000;

/** How long an undo of a recovery may take: a minute for the lease, one for lost writes, five for rollouts. */
const ONE_RECOVERY_MS: Millis = 420_000;
/** Longest that a recovery goes on that nobody tells to stop. */
const LONGEST_RECOVERY_MS: Millis = 600_000;
/** What is left of a recovery that was told to stop for what it does last. */
const LAST_MS: Millis = 30_000;

/** Aborted, with why in words, when an undo has had its time. `release` ends the wait for that. */
type UndoBound = { readonly over: AbortSignal; readonly release: () => void };

/** The bound of a run's undo: so long after `stop`. */
export function undoBound(stop: AbortSignal, clock: Clock): UndoBound {
  return boundAfter(stop, LONGEST_UNDO_MS, 'the run', clock).bound;
}

/** The bound of a recovery: as long after `stop`, and so long after its beginning in any case. */
export function recoveryBound(stop: AbortSignal, clock: Clock): UndoBound {
  return recoveryWithin(LONGEST_UNDO_MS, LONGEST_RECOVERY_MS, stop, clock);
}

/** The bound of what a recovery does first, where it has something else to do after that, in the rest of its own. */
export function firstBound(stop: AbortSignal, clock: Clock): UndoBound {
  return recoveryWithin(LONGEST_UNDO_MS - LAST_MS, ONE_RECOVERY_MS, stop, clock);
}

function recoveryWithin(stoppedMs: Millis, longestMs: Millis, stop: AbortSignal, clock: Clock): UndoBound {
  const { bound, after } = boundAfter(stop, stoppedMs, 'the recovery', clock);
  void after(longestMs, `given up ${longestMs / 60_000} min after its beginning`);
  return bound;
}

function boundAfter(stop: AbortSignal, stoppedMs: Millis, who: string, clock: Clock) {
  const over = new AbortController();
  const waiting = new AbortController();
  const after = async (ms: Millis, why: string): Promise<void> => {
    await clock.sleep(ms, waiting.signal);
    if (!waiting.signal.aborted) over.abort(why);
  };
  const begin = () => void after(stoppedMs, `given up ${stoppedMs / 1000} s after ${who} was told to stop`);
  if (stop.aborted) begin();
  else stop.addEventListener('abort', begin, { once: true, signal: waiting.signal });
  const bound: UndoBound = { over: over.signal, release: () => waiting.abort() };
  return { bound, after };
}

type Trace = Pick<RequestTrace, 'soFar' | 'isUnanswered' | 'lastError'>;

type Bound = {
  readonly over: AbortSignal;
  readonly clock: Clock;
  /** The command that recovers this run. */
  readonly recover: string;
};

/**
 * The same fault, whose undo, with all that it has to wait for before and after, is waited for no longer than until
 * `over`: what has not been heard of by then counts as failed, and stays in the journal for the command `recover`. From then on the undo
 * does nothing more, whoever answers; a write that is on its way is not taken back. `undoing` gives the fault as it is undone, in a cluster that
 * is closed when the signal is aborted.
 */
export function boundedUndo(undoing: (givenUp: AbortSignal) => OpenFault, { over, clock, recover }: Bound): OpenFault {
  const givenUp = new AbortController();
  const open = undoing(givenUp.signal);
  const trace = requestTrace();
  const cluster = trace.follow(open.context.cluster);
  const context = { ...open.context, cluster, clock: endingClock(open.context.clock, givenUp.signal) };
  const giveUp = (): UndoOutcome => {
    givenUp.abort(over.reason);
    return unheard(open.plan, { why: String(over.reason), trace, recover });
  };
  return {
    ...open,
    context,
    inTime: (undo) => untilOver(undo(trace.failed), giveUp, over, clock),
    endSustain: () => untilOver(open.endSustain(), () => undefined, over, clock),
  };
}

/** What work comes to that is waited for no longer than until `over`, and what `giveUp` says then. */
export async function untilOver<T, O>(
  work: Promise<T>,
  giveUp: () => O,
  over: AbortSignal,
  clock: Clock,
): Promise<T | O> {
  const done = new AbortController();
  const late = Promise.all([aborted(AbortSignal.any([over, done.signal])), clock.sleep(LEAST_MS, done.signal)]);
  const isLate = await Promise.race([work.then(() => false), late.then(() => true)]).finally(() => done.abort());
  return isLate ? giveUp() : work;
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

/**
 * What one undo of a recovery comes to; as in `boundedUndo` at `over`. `trace`: what it has done, and what it waits for. That its
 * cluster and clock end then is for who begins it.
 */
export async function orUnheard(
  plan: FaultPlan,
  undo: Promise<UndoOutcome>,
  { over, trace, recover }: { readonly over: AbortSignal; readonly trace: Trace; readonly recover: string },
): Promise<UndoOutcome> {
  const { promise, resolve } = Promise.withResolvers<UndoOutcome>();
  const giveUp = () => resolve(unheard(plan, { why: String(over.reason), trace, recover }));
  if (over.aborted) giveUp();
  over.addEventListener('abort', giveUp, { once: true });
  const outcome = await Promise.race([undo, promise]);
  over.removeEventListener('abort', giveUp);
  return over.aborted && outcome.state === 'failed' ? promise : outcome;
}

/** An undo of which nobody knows whether it is done: what it has done by then is said, and the last error that it has met. */
function unheard(
  { cluster, objects }: FaultPlan,
  { why, trace, recover }: { readonly why: string; readonly trace: Trace; readonly recover: string },
): UndoOutcome {
  return {
    state: 'failed',
    detail: boundText(cluster, trace, why),
    objects: objects.map((object) => ({ ...object, state: 'left-behind' })),
    commands: [recover],
  };
}

/** What was not over in time in a cluster, `why` nobody waits for it any more, what it has done, and the last error that it has met. */
export function boundText(cluster: string, trace: Trace, why?: string): string {
  const what = trace.isUnanswered() ? 'did not answer in time' : 'has answered, and the undo was not over in time';
  const error = trace.lastError();
  const told = [trace.soFar(), error === undefined ? '' : `last error: ${error}`].filter(Boolean).join('; ');
  return `cluster ${cluster} ${what}${why === undefined ? '' : `; ${why}`}${told === '' ? '' : ` (${told})`}`;
}
