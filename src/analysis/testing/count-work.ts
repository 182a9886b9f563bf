import { Session } from 'node:inspector/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { bigHistory, bigRecords } from './big-file.ts';
import type { Shape } from './big-world.ts';
import { chunks } from './record-file.ts';

/*
 * A worker that judges a run of each shape it is given and answers how often blocks of the analysis were entered, loops and
 * callbacks with each round: a measure of work that no busy machine changes. A worker, because only functions that are
 * compiled while the engine counts are counted whole.
 */

const isOurs = (url: string): boolean => /\/src\/(?:analysis|stats)\//.test(url) && !url.includes('/testing/');

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
const { analyze } = await import('../index.ts');

async function countWork(shape: Shape): Promise<number> {
  const history = bigHistory(shape);
  const records = [...bigRecords(shape)].join('');
  await session.post('Profiler.takePreciseCoverage');
  await analyze(history, chunks(records));
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const functions = result.filter(({ url }) => isOurs(url)).flatMap((script) => script.functions);
  return functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
}

const shapes = workerData as readonly Shape[];
const counts: number[] = [];
// What only the first run does (compiling, filling tables) is counted with nobody.
for (const shape of shapes.slice(0, 1)) await countWork(shape);
for (const shape of shapes) counts.push(await countWork(shape));
parentPort?.postMessage(counts);
