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

/** Undo incomplete outranks all; then signals, internal errors, aborts, refusals, usage, failures, inconclusive. */
const SEVERITY: readonly number[] = [
  EXIT.pass,
  EXIT.inconclusive,
  EXIT.objectiveFailed,
  EXIT.usage,
  EXIT.refused,
  EXIT.aborted,
  EXIT.internal,
];

/** The code that says most of what happened; of two signals the first one. */
export function worstCode(codes: readonly number[]): number {
  const rank = (code: number) => (code === EXIT.undoIncomplete ? 99 : code >= 128 ? 98 : SEVERITY.indexOf(code));
  return codes.reduce((worst, code) => (rank(code) > rank(worst) ? code : worst), EXIT.pass as number);
}

/**
 * What takes the place of a code where something that was asked for could not be written: never as if all were well, or open. A
 * code that says that something is wrong says more, and stays.
 */
export function unwrittenCode(code: number): number {
  return code === EXIT.pass || code === EXIT.inconclusive ? EXIT.internal : code;
}

/**
 * The exit code of a command, and of the last line in which it says that: by what it has done (`codes`), by what has stopped it
 * until then (`stopped`, a code as well), and by whether what it says could be written.
 */
export function endCode(end: {
  readonly codes: readonly number[];
  readonly stopped: number | undefined;
  readonly isWritten: boolean;
}): number {
  const code = worstCode([...(end.stopped === undefined ? [] : [end.stopped]), ...end.codes]);
  return end.isWritten ? code : unwrittenCode(code);
}
