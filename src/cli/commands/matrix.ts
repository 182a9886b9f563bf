import { mkdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { type ChildRun, runInChild } from '../../app/child-run.ts';
import { describeInvalid, InvalidFile } from '../../app/load-files.ts';
import { type MatrixFile, matrixFiles } from '../../app/matrix-entries.ts';
import { packageFile } from '../../app/package-files.ts';
import { signalOf, stopOnSignals } from '../../app/signals.ts';
import { cellOf } from '../../matrix/cell.ts';
import { inOrder, type Matrix } from '../../matrix/matrix.ts';
import { renderMatrix } from '../../matrix/page.ts';
import { matrixText } from '../../matrix/words.ts';
import { messageOf } from '../../model/errors.ts';
import { EXIT, signalCode } from '../../model/exit.ts';
import { jsonText } from '../../model/visible.ts';
import { systemClock } from '../../run/system-clock.ts';
import { newRunId, runFolder, writeWhole } from '../../store/run-folder.ts';
import { TOPOLOGIES } from '../../topologies/index.ts';
import { expectedCode, isAsExpected, parseExpectation } from '../../trend/expectation.ts';
import { unwrittenCode, worstCode } from '../exit-codes.ts';
import { type Console, openConsole, reportError } from '../output.ts';

type Options = {
  readonly target: string;
  readonly out: string;
  readonly yes: boolean;
  /** That of each run, in milliseconds. */
  readonly wait?: number;
  readonly output: 'text' | 'json';
};

const NAMES = OBJECTIVES.map(({ name }) => name);

/** `faultline matrix [PATH...]`: runs every scenario in its topology, and writes what each topology survives. */
export async function matrixCommand(paths: readonly string[], options: Options): Promise<number> {
  const out = openConsole(options.output);
  const signals = stopOnSignals((signal) => out.say(`${signal} again: the undo goes on; it is not shortened`));
  try {
    const files = matrixFiles(
      paths.length === 0 ? [packageFile('scenarios/topologies') ?? 'scenarios/topologies'] : paths,
      NAMES,
    );
    const startedAt = systemClock.wall();
    const folder = join(options.out, `matrix-${newRunId(startedAt, Math.random)}`);
    mkdirSync(folder, { recursive: true });
    const runs = await runAll(files, { ...options, folder }, out, signals.stop);
    const matrix = matrixOf(runs, { folder, target: options.target, startedAt: startedAt.toISOString() });
    const problem = write(folder, matrix);
    if (problem !== undefined) out.say(`error RUN_FOLDER: the matrix could not be written: ${problem}`);
    const page = problem === undefined ? `matrix: ${join(folder, 'matrix.html')}` : `no page: ${problem}`;
    if (out.json) out.data(JSON.stringify(matrix));
    else out.data(`${matrixText(matrix)}\n${page}`);
    const signal = signalOf(signals.stop);
    const code = worstCode([...runs.map(codeOf), ...(signal === undefined ? [] : [signalCode(signal)])]);
    return problem === undefined ? code : unwrittenCode(code);
  } catch (error) {
    if (!(error instanceof InvalidFile)) return reportError(out, error, EXIT.usage);
    out.say(({ color }) => describeInvalid(error, color));
    return EXIT.usage;
  } finally {
    signals.release();
  }
}

/** Why it could not be written, where it could not: what the runs have come to is told all the same. */
function write(folder: string, matrix: Matrix): string | undefined {
  try {
    writeWhole(join(folder, 'matrix.json'), `${jsonText(matrix, 1)}\n`);
    writeWhole(join(folder, 'matrix.html'), renderMatrix(matrix));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

type Run = MatrixFile & { readonly run: ChildRun };

async function runAll(
  files: readonly MatrixFile[],
  { target, folder, yes, wait }: Options & { readonly folder: string },
  out: Console,
  stop: AbortSignal,
): Promise<Run[]> {
  const runs: Run[] = [];
  for (const [index, { file, entry }] of files.entries()) {
    if (stop.aborted) break;
    out.say(`${index + 1} of ${files.length}: ${entry.topology}, ${entry.failure} (expected: ${entry.expected})`);
    const place = join(folder, `${entry.topology}-${entry.failure}`);
    const run = await runInChild(file, { target, yes, wait, out: place }, stop);
    runs.push({ file, entry, run });
    if (run.code === EXIT.undoIncomplete) break;
  }
  return runs;
}

function matches({ entry, run }: Run): boolean {
  return run.result !== undefined && isAsExpected(run.result, parseExpectation(entry.expected, NAMES));
}

function codeOf(run: Run): number {
  return expectedCode(run.run.code, matches(run));
}

function matrixOf(runs: readonly Run[], about: { folder: string; target: string; startedAt: string }): Matrix {
  const named = new Set(runs.map(({ entry }) => entry.topology));
  const cells = runs.flatMap((one) => {
    const { result, folder } = one.run;
    if (result === undefined || folder === undefined) return [];
    const report = relative(about.folder, runFolder(folder).html).split(sep).join('/');
    return [cellOf(result, one.entry, { report, asExpected: matches(one) })];
  });
  const missing = runs.flatMap(({ entry, run }) => {
    const { scenario, topology, failure } = entry;
    return run.result === undefined
      ? [{ scenario, topology, failure, reason: `it ended with exit code ${run.code}` }]
      : [];
  });
  return {
    format: 'faultline/matrix/v1',
    startedAt: about.startedAt,
    target: about.target,
    topologies: TOPOLOGIES.filter(({ name }) => named.has(name)).map(({ name, title, about }) => ({
      name,
      title,
      about,
    })),
    failures: inOrder(runs.map(({ entry }) => entry.failure)),
    cells,
    missing,
  };
}
