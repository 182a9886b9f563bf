import { EXIT } from '../../model/exit.ts';

/** How a drill of several has ended; `problem`: why its reports could not be written. */
type Ended = { readonly code: number; readonly problem?: string | undefined };

const LAST: readonly number[] = [EXIT.aborted, EXIT.undoIncomplete, EXIT.internal];

/**
 * Whether no other drill may follow one that has ended so: what was aborted has hurt more than it was meant to, or has lost its clusters, or
 * somebody has frozen them; something is left; a signal has ended it; or nobody knows how it ended. Nor may one follow whose reports could not
 * be written, as the next one's could not. What was refused has touched nothing, and a verdict, whatever it is, is one.
 */
export function isLastDrill({ code, problem }: Ended): boolean {
  return problem !== undefined || code >= 128 || LAST.includes(code);
}

/** What is said of drills that are not begun any more, after one of such a file and exit code. */
export function notBegunText(code: number, file: string, others: readonly string[]): string {
  return `exit code ${code} of ${file}: not begun any more: ${others.join(', ')}`;
}
