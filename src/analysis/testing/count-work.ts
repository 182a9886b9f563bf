import { Session } from 'node:inspector/promises';
import { bigHistory, bigRecords } from './big-file.ts';
import type { Shape } from './big-world.ts';
import { chunks } from './record-file.ts';

/*
 * A process that judges a run of each shape it is given and answers how often blocks of the analysis were entered, loops and
 * callbacks with each round: a measure of work that no busy machine changes. A process of its own, because only functions
 * that are compiled while the engine counts are counted whole, and without optimising compilers, because
 * V8 no longer counts calls of a function that they have inlined, which happens at another moment in every run.
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

process.once('message', async (shapes: readonly Shape[]) => {
  const counts: number[] = [];
  // What only the first run does (compiling, filling tables) is counted with nobody.
  for (const shape of shapes.slice(0, 1)) await countWork(shape);
  for (const shape of shapes) counts.push(await countWork(shape));
  process.send?.(counts);
  process.disconnect();
});
