import { isLastDrill, notBegunText } from '../app/drill/last-drill.ts';
import type { Ran, Unbegun } from './run-together.ts';

type Ports = { readonly stop: AbortSignal; readonly say: (text: string) => void };

/**
 * Looks at all scenarios before any is run: where one of them cannot be, none is begun. Resolves to what has become of each, undefined
 * where all may be run.
 */
export function refuseTogether(
  files: readonly string[],
  refuse: (file: string) => Ran | undefined,
  say: (text: string) => void,
): (Ran | Unbegun)[] | undefined {
  const refused = files.map(refuse);
  const bad = refused.flatMap((one) => one?.file ?? []);
  if (bad.length === 0) return undefined;
  const others = files.filter((file) => !bad.includes(file));
  if (others.length > 0) say(`not begun, since ${bad.join(', ')} cannot be run: ${others.join(', ')}`);
  return files.map((file, at) => refused[at] ?? { file, problem: `it was not begun: ${bad.join(', ')} cannot be run` });
}

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
