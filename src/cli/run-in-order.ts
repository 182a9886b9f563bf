import { isLastDrill, notBegunText } from '../app/drill/last-drill.ts';
import type { Ran } from './run-together.ts';

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
    if (!stop.aborted && !isLastDrill({ code: one.exit, problem: one.finished?.problem })) continue;
    const others = files.slice(at + 1);
    if (others.length > 0) say(notBegunText(one.exit, file, others));
    break;
  }
  return done;
}
