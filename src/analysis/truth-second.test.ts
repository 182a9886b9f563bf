import { expect } from 'chai';
import { analyze } from './index.ts';
import { chunks } from './testing/record-file.ts';
import { check } from './testing/second/check.ts';
import { KINDS } from './testing/second/kinds.ts';

/** Seeds of each kind; `FAULTLINE_SEEDS=10 npm run test:truth` takes more. */
const SEEDS = Number(process.env.FAULTLINE_SEEDS ?? 1);

describe('analysis: outages with known truth, by a second author', () => {
  for (const kind of KINDS) {
    it(`${kind.rule}: ${kind.name}`, async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const run = kind.make(seed);
        const complaints = check(run, await analyze(run.history, chunks(run.records)));
        expect(complaints, `seed ${seed} (${kind.why})`).to.deep.equal([]);
      }
    });
  }
});
