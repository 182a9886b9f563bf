import { join } from 'node:path';
import { describeInvalid, InvalidFile } from '../../app/files/load-files.ts';
import { runMatrix } from '../../app/matrix/matrix.ts';
import { packageFile } from '../../app/package-files.ts';
import { stopCode, stopOnSignals } from '../../app/signals/signals.ts';
import { matrixText } from '../../matrix/words.ts';
import { EXIT, endCode } from '../../model/exit.ts';
import { openConsole, reportError } from '../output.ts';

type Options = {
  readonly target: string;
  readonly out: string;
  readonly yes: boolean;
  /** That of each run, in milliseconds. */
  readonly wait?: number;
  readonly output: 'text' | 'json';
};

/** `faultline matrix [PATH...]`: runs every scenario in its topology, and writes what each topology survives. */
export async function matrixCommand(paths: readonly string[], options: Options): Promise<number> {
  const out = openConsole(options.output);
  const signals = stopOnSignals((signal) => out.say(`${signal} again: the undo goes on; it is not shortened`));
  try {
    const all = paths.length === 0 ? [packageFile('scenarios/topologies') ?? 'scenarios/topologies'] : paths;
    const { wait } = options;
    const made = await runMatrix(all, { ...options, wait, say: out.say, stop: signals.stop });
    const { matrix, folder, problem } = made;
    if (problem !== undefined) out.say(`error RUN_FOLDER: the matrix could not be written: ${problem}`);
    const page = problem === undefined ? `matrix: ${join(folder, 'matrix.html')}` : `no page: ${problem}`;
    if (out.json) out.data(JSON.stringify(matrix));
    else out.data(`${matrixText(matrix)}\n${page}`);
    return endCode({ codes: made.codes, stopped: stopCode(signals.stop), isWritten: problem === undefined });
  } catch (error) {
    if (!(error instanceof InvalidFile)) return reportError(out, error, EXIT.usage);
    out.say(({ color }) => describeInvalid(error, color));
    return EXIT.usage;
  } finally {
    signals.release();
  }
}
