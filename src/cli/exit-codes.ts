import { EXIT } from '../model/exit.ts';

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

/** The code that says most of what happened. */
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
