import type { FinishedRun } from '../app/run-scenario.ts';
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

/** What a run exits with: never as if all were well where a report that was asked for is not there. */
export function codeOfRun({
  result,
  problem,
}: Pick<FinishedRun, 'problem'> & { result: { exitCode: number } }): number {
  return problem === undefined ? result.exitCode : worstCode([result.exitCode, EXIT.internal]);
}
