import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../../model/result.ts';
import { runFolder } from '../../store/run-folder.ts';
import { expectGolden } from '../../testing/golden.ts';
import { analyzeFolder } from './analyze-folder.ts';

const RECORDED = 'src/app/testing/recorded';

/** What was found, a line each; not in what words. */
function numbersOf({ verdict, findings }: RunResult): string {
  const rows = findings.map(({ id, verdict: own, measured, target, samples }) => ({
    ...{ id, verdict: own, samples },
    ...(measured === undefined ? {} : { measured }),
    ...(target === undefined ? {} : { target }),
  }));
  return [verdict, ...rows.map((row) => JSON.stringify(row)), ''].join('\n');
}

describe('runs that were recorded once', () => {
  for (const name of readdirSync(RECORDED)) {
    it(`${name}: are judged as ever, to the last figure (UPDATE_GOLDEN=1 writes it)`, async () => {
      const folder = join(RECORDED, name);
      expectGolden(join(folder, 'findings.ndjson'), numbersOf(await analyzeFolder(runFolder(folder))));
    });
  }
});
