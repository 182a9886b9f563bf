import type { Verdict } from './finding.ts';
import { type RunStatus, STOP_SIGNALS, type StopSignal } from './history.ts';

/** Exit codes of the command line: a public contract. */
export const EXIT = {
  pass: 0,
  objectiveFailed: 1,
  usage: 2,
  refused: 3,
  aborted: 4,
  undoIncomplete: 5,
  inconclusive: 6,
  internal: 7,
} as const;

type Ending = {
  readonly status: RunStatus;
  readonly verdict: Verdict;
  /** False when anything of ours was left behind or could not be put back. */
  readonly putBack: boolean;
  /** The signal that ended the run, where one did. */
  readonly signal?: StopSignal;
};

/** The exit code of what a signal has ended, after it has put everything back. */
export function signalCode(signal: StopSignal): number {
  return 128 + STOP_SIGNALS[signal];
}

/**
 * The exit code of a run. An incomplete undo outranks everything else. A run whose record breaks off was interrupted by
 * nobody knows what: that is no signal's code.
 */
export function exitCode(ending: Ending): number {
  if (!ending.putBack) return EXIT.undoIncomplete;
  switch (ending.status) {
    case 'refused':
      return EXIT.refused;
    case 'aborted':
      return EXIT.aborted;
    case 'interrupted':
      return ending.signal === undefined ? EXIT.internal : signalCode(ending.signal);
    case 'failed':
      return EXIT.internal;
    case 'completed':
      return { pass: EXIT.pass, fail: EXIT.objectiveFailed, inconclusive: EXIT.inconclusive }[ending.verdict];
  }
}
