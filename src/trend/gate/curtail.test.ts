import { expect } from 'chai';
import fc from 'fast-check';
import type { RecordedRun } from '../recorded-run.ts';
import { FAILED, found, OPEN, runOf, UNTESTED } from '../testing/runs.ts';
import { gate, isFinal } from './gate.ts';
import type { Requirements } from './requirements.ts';

/* Runs of every kind, mixed as they come: where a series may end, nothing that could still come changes its answer. */

const ends = fc.constantFrom<Partial<RecordedRun>>({}, {}, {}, FAILED, OPEN, UNTESTED);
const recovery = fc.constantFrom(
  { lo: 1, hi: 2 },
  { lo: 4, hi: 6 },
  { lo: 7, hi: 8 },
  { lo: 0, hi: null },
  { lo: 20, hi: null },
);
const errors = fc.constantFrom(0, 5, 50).map((bad) => ({ bad, doubtful: 0, unknown: 0, all: 1000 }));
const run = fc
  .record({ end: ends, recovery, errors })
  .map(({ end, ...measured }): RecordedRun => runOf({ ...measured, ...end }));

const requirements: fc.Arbitrary<Requirements> = fc
  .record({
    confidence: fc.constantFrom(0.5, 0.8, 0.95),
    passRate: fc.constantFrom(undefined, 0.5, 0.8),
    quantile: fc.constantFrom(undefined, 0.5, 0.8),
    errors: fc.constantFrom(undefined, undefined, 0.01),
    undecided: fc.constantFrom(0, 1, 3, 100),
  })
  .map(({ confidence, passRate, quantile, errors: ratio, undecided }) => ({
    confidence,
    ...(passRate !== undefined && { passRate }),
    ...(quantile !== undefined && { recovery: { quantile, withinMs: 5000 } }),
    ...(ratio !== undefined && { errors: ratio }),
    maxUndecided: { runs: undecided },
  }));

describe('gate: where a series may end', () => {
  it('no mixture of runs to come changes what it says', () => {
    let finals = 0;
    fc.assert(
      fc.property(
        requirements,
        fc.array(run, { minLength: 1, maxLength: 25 }),
        fc.array(run, { maxLength: 8 }),
        (asked, made, rest) => {
          if (!isFinal(made, rest.length, asked)) return;
          finals += rest.length > 0 ? 1 : 0;
          const decisions = [made, [...made, ...rest]].map((runs) => gate(found(...runs), asked).decision);
          expect(decisions[1]).to.equal(decisions[0]);
        },
      ),
      { numRuns: 600, seed: 59 },
    );
    expect(finals, 'it must be able to fail').to.be.above(50);
  });
});
