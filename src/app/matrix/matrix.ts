import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { cellOf } from '../../matrix/cell.ts';
import { inOrder, type Matrix } from '../../matrix/matrix.ts';
import { renderMatrix } from '../../matrix/page.ts';
import { messageOf } from '../../model/errors.ts';
import { jsonText } from '../../model/visible.ts';
import { systemClock } from '../../run/system-clock.ts';
import { createRunFolder, runFolder, writeWhole } from '../../store/run-folder.ts';
import { TOPOLOGIES } from '../../topologies/index.ts';
import { expectedCode, isAsExpected, parseExpectation } from '../../trend/expectation.ts';
import { isLastDrill, notBegunText } from '../drill/last-drill.ts';
import { nextRunId } from '../drill/new-run-id.ts';
import { startsAnew } from '../targets/index.ts';
import { type ChildOptions, type ChildRun, runInChild } from './child-run.ts';
import { type MatrixFile, matrixFiles } from './matrix-entries.ts';
import { sideBySide } from './side-by-side.ts';

/** How the runs of a matrix are made. */
type MatrixOptions = ChildOptions & {
  readonly say: (text: string) => void;
  readonly stop: AbortSignal;
};

/** What has become of a matrix. */
type FinishedMatrix = {
  readonly matrix: Matrix;
  readonly folder: string;
  /** That of each run, as its scenario expects it to end. */
  readonly codes: readonly number[];
  /** Why it could not be written, where it could not: what the runs have come to holds all the same. */
  readonly problem?: string;
};

type Run = MatrixFile & { readonly run: ChildRun };

/** Drills side by side in targets of their own: each takes a quarter of a core, and waits most of its time. */
const MOST_LANES = 2;

const NAMES = OBJECTIVES.map(({ name }) => name);

/**
 * Runs every scenario of these paths in its topology, until one has ended so that no other may follow or `stop` is aborted, and writes what
 * each topology survives into a folder of its own in `out`. Throws as `matrixFiles` does, and RUN_FOLDER, before
 * anything is run.
 */
export async function runMatrix(
  paths: readonly string[],
  options: MatrixOptions,
  runOne = runInChild,
): Promise<FinishedMatrix> {
  const files = matrixFiles(paths, NAMES);
  const startedAt = systemClock.wall();
  const { path: folder } = createRunFolder(options.out, `matrix-${nextRunId()}`);
  const runs = await runAll(files, { ...options, out: folder }, runOne);
  const about = { folder, target: options.target, startedAt: startedAt.toISOString() };
  const matrix = matrixOf(runs, notBegun(files, runs, options.say), about);
  const codes = runs.map((one) => expectedCode(one.run.code, matches(one)));
  const problem = write(folder, matrix);
  return { matrix, folder, codes, ...(problem !== undefined && { problem }) };
}

/** They are begun in their order, so that those that were not are the last ones. */
function notBegun(files: readonly MatrixFile[], runs: readonly Run[], say: MatrixOptions['say']): Matrix['missing'] {
  const others = files.slice(runs.length);
  const last = runs.find(({ run }) => isLastDrill(run)) ?? runs.at(-1);
  if (others.length > 0 && last !== undefined) {
    const names = others.map(({ file }) => file);
    say(notBegunText(last.run.code, last.file, names));
  }
  const reason = last === undefined ? 'stopped' : `not begun after ${last.entry.scenario} (exit code ${last.run.code})`;
  return others.map(({ entry: { scenario, topology, failure } }) => ({ scenario, topology, failure, reason }));
}

function write(folder: string, matrix: Matrix): string | undefined {
  try {
    writeWhole(join(folder, 'matrix.json'), `${jsonText(matrix, 1)}\n`);
    writeWhole(join(folder, 'matrix.html'), renderMatrix(matrix));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function runAll(
  files: readonly MatrixFile[],
  { target, out, yes, wait, say, stop }: MatrixOptions,
  runOne: typeof runInChild,
): Promise<Run[]> {
  const lanes = startsAnew(target) ? Math.min(MOST_LANES, availableParallelism()) : 1;
  return sideBySide(files, lanes, {
    isOver: (done) => stop.aborted || done.some(({ run }) => isLastDrill(run)),
    work: async ({ file, entry }, index): Promise<Run> => {
      const square = `${entry.topology}, ${entry.failure}`;
      say(`${index + 1} of ${files.length}: ${square} (expected: ${entry.expected})`);
      const place = join(out, `${entry.topology}-${entry.failure}`.replaceAll(/[^\w.-]+/g, '-'));
      const beside = lanes === 1 ? {} : { tell: (line: string) => say(`[${square}] ${line}`) };
      return { file, entry, run: await runOne(file, { target, yes, wait, out: place, ...beside }, stop) };
    },
  });
}

function matches({ entry, run }: Run): boolean {
  return run.result !== undefined && isAsExpected(run.result, parseExpectation(entry.expected, NAMES));
}

function matrixOf(
  runs: readonly Run[],
  notBegun: Matrix['missing'],
  about: { folder: string; target: string; startedAt: string },
): Matrix {
  const squares = [...runs.map(({ entry }) => entry), ...notBegun];
  const named = new Set(squares.map(({ topology }) => topology));
  const cells = runs.flatMap((one) => {
    const { result, folder } = one.run;
    if (result === undefined || folder === undefined) return [];
    const report = relative(about.folder, runFolder(folder).html).split(sep).join('/');
    return [cellOf(result, one.entry, { report, asExpected: matches(one) })];
  });
  const missing = runs.flatMap(({ entry, run }) => {
    const { scenario, topology, failure } = entry;
    if (run.result !== undefined) return [];
    const { why, ...way } = run.open ?? { why: `it ended with exit code ${run.code}` };
    return [{ scenario, topology, failure, reason: why, ...way }];
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
    failures: inOrder(squares.map(({ failure }) => failure)),
    cells,
    missing: [...missing, ...notBegun],
  };
}
