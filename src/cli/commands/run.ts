import { stopCode, stopOnSignals } from '../../app/signals/signals.ts';
import { endCode } from '../../model/exit.ts';
import type { Expectation } from '../../trend/expectation.ts';
import { expectationOf, type GateOptions, seriesOf } from '../gate-options.ts';
import { openConsole, reportError } from '../output.ts';
import { type RunOptions, refuseFile, runFile } from '../run-file.ts';
import { refuseTogether, runInOrder } from '../run-in-order.ts';
import { runSeries } from '../run-series.ts';
import { type Ran, tellTogether, type Unbegun } from '../run-together.ts';

type Options = RunOptions & GateOptions & { readonly repeat?: number };

/**
 * `faultline run FILE...`: none where one of the files cannot be run; else one run after the other, each repeated where that is asked for; the exit code is that of the worst.
 * A signal ends them all, until the last line is told, and is the exit code then, also where the run that it met had just been judged.
 * So does a run that was aborted, has left something, or ended nobody knows how.
 */
export async function run(files: readonly string[], options: Options): Promise<number> {
  const out = openConsole(options.output);
  let series: ReturnType<typeof seriesOf>;
  let expected: Expectation | undefined;
  try {
    expected = expectationOf(options.expect);
    series = seriesOf(options);
  } catch (error) {
    return reportError(out, error);
  }
  const signals = stopOnSignals((signal) => out.say(`${signal} again: the undo goes on; it is not shortened`));
  const { stop } = signals;
  const runOnce = async (file: string, how: RunOptions): Promise<Ran> => {
    const { code, ...end } = await runFile(file, how, out, stop);
    return { file, exit: code, ...end };
  };
  const runOne = async (file: string): Promise<Ran> =>
    series === undefined
      ? runOnce(file, { ...options, ...(expected && { expected }) })
      : { file, exit: await runSeries(file, options, { ...series, out, stop }) };
  const refuse = (file: string): Ran | undefined => {
    const end = refuseFile(file, { ...options, ...(expected && { expected }) }, out);
    return end && { file, exit: end.code, ...(end.problem !== undefined && { problem: end.problem }) };
  };
  let done: readonly (Ran | Unbegun)[];
  try {
    // One alone says the same of itself.
    const refused = files.length > 1 ? refuseTogether(files, refuse, out.say) : undefined;
    done = refused ?? (await runInOrder(files, runOne, { stop, say: out.say }));
  } finally {
    signals.release();
  }
  const [only] = done;
  // What is told of one run, or one series, is told already.
  if (files.length === 1 && only?.exit !== undefined) return only.exit;
  const codes = done.flatMap(({ exit }) => exit ?? []);
  const code = endCode({ codes, stopped: stopCode(stop), isWritten: true });
  if (series === undefined) return tellTogether(files, done, code, options.out, out);
  const line = `faultline series=${done.length} exit=${code}`;
  if (out.json) out.say(line);
  else out.data(line);
  return code;
}
