import type { Verdict } from './finding.ts';
import type { RunStatus, StopSignal } from './history.ts';

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

const SIGNAL_CODE = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The exit code of a run. An incomplete undo outranks everything else. */
export function exitCode(ending: Ending): number {
  if (!ending.putBack) return EXIT.undoIncomplete;
  switch (ending.status) {
    case 'refused':
      return EXIT.refused;
    case 'aborted':
      return EXIT.aborted;
    case 'interrupted':
      return SIGNAL_CODE[ending.signal ?? 'SIGINT'];
    case 'failed':
      return EXIT.internal;
    case 'completed':
      return { pass: EXIT.pass, fail: EXIT.objectiveFailed, inconclusive: EXIT.inconclusive }[ending.verdict];
  }
}
