import { EXIT } from '../model/exit.ts';
import type { Ran } from './run-together.ts';

/**
 * After these nothing more is begun: what was aborted has hurt more than it was meant to, or has lost its clusters; something is left;
 * or nobody knows how it ended. Nor after one whose reports could not be written, as the next one's could not. What was refused has touched nothing, and a verdict, whatever it is, is one.
 */
const LAST: readonly number[] = [EXIT.aborted, EXIT.undoIncomplete, EXIT.internal];

type Ports = { readonly stop: AbortSignal; readonly say: (text: string) => void };

/** Runs one scenario after the other, until one has ended so that no other may follow, or a signal has come. */
export async function runInOrder(
  files: readonly string[],
  runOne: (file: string) => Promise<Ran>,
  { stop, say }: Ports,
): Promise<Ran[]> {
  const done: Ran[] = [];
  for (const [at, file] of files.entries()) {
    const one = await runOne(file);
    done.push(one);
    const isUnwritten = one.finished?.problem !== undefined;
    const isLast = stop.aborted || isUnwritten || one.exit >= 128 || LAST.includes(one.exit);
    if (!isLast) continue;
    const others = files.slice(at + 1);
    if (others.length > 0) say(`exit code ${one.exit} of ${file}: not begun any more: ${others.join(', ')}`);
    break;
  }
  return done;
}
