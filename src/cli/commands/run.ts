import { signalOf, stopOnSignals } from '../../app/signals.ts';
import { signalCode } from '../../model/exit.ts';
import type { Expectation } from '../../trend/expectation.ts';
import { unwrittenCode, worstCode } from '../exit-codes.ts';
import { expectationOf, type GateOptions, seriesOf, tellExpected } from '../gate-options.ts';
import { type Console, openConsole, reportError } from '../output.ts';
import { type RunOptions, runFile } from '../run-file.ts';
import { runInOrder } from '../run-in-order.ts';
import { runSeries } from '../run-series.ts';
import { type Ran, tellTogether } from '../run-together.ts';

type Options = RunOptions & GateOptions & { readonly repeat?: number };

/**
 * `faultline run FILE...`: one run after the other, each repeated where that is asked for; the exit code is that of the worst.
 * A signal ends them all, whenever it comes, and is the exit code then, also where the run that it met had just been judged.
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
  const runOne = async (file: string): Promise<Ran> =>
    series === undefined
      ? runOnce(file, { ...options, ...(expected && { expected }) }, out, stop)
      : { file, exit: await runSeries(file, options, { ...series, out, stop }) };
  let done: readonly Ran[];
  try {
    done = await runInOrder(files, runOne, { stop, say: out.say });
  } finally {
    signals.release();
  }
  const signal = signalOf(signals.stop);
  const codes = done.map(({ exit }) => exit);
  const code = worstCode(signal === undefined ? codes : [...codes, signalCode(signal)]);
  return files.length > 1 && series === undefined ? tellTogether(files, done, code, options.out, out) : code;
}

async function runOnce(file: string, options: RunOptions, out: Console, stop: AbortSignal): Promise<Ran> {
  const { code, ...end } = await runFile(file, options, out, stop);
  const findings = end.finished?.result.findings ?? [];
  const exit = tellExpected({ exitCode: code, findings }, options.expected, out);
  return { file, exit: end.finished?.problem === undefined ? exit : unwrittenCode(exit), ...end };
}
