import { expect } from 'chai';
import fc from 'fast-check';
import type { HistoryEvent } from '../../model/history.ts';
import { foreignTo } from '../ingest/foreign.ts';
import { findingOf, type Handmade, historyOf, judged } from '../testing/handmade.ts';
import type { Raw } from '../testing/record-file.ts';
import { pathOf } from '../testing/world.ts';
import { readFacts } from '../timeline/history.ts';

const RATE = 20;
/** The end of the run, one timeout and the time that a slow writer may take. */
const LATEST = 45e6 + 2e6 + 5e6;
const ID = pathOf('north-a');
const EXPECT: NonNullable<Handmade['expect']> = {
  recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
  errorBudget: { perPath: 20 },
};

/** One more record of the first path in the middle of the file. */
const withOne =
  (change: Partial<Raw>) =>
  (all: Raw[]): Raw[] =>
    all.toSpliced(1500, 0, { ...(all.find(({ path, due }) => path === 0 && due > 5e6) as Raw), ...change });

describe('rules: records that cannot be of the run (docs/verdict.md, R5)', () => {
  const FAR: readonly (readonly [string, Partial<Raw>])[] = [
    ['a far number', { seq: 500_000 }],
    ['the largest number', { seq: 999_999_999_999_999 }],
    ['a number that is far for its time only', { seq: 800, due: 5, start: 5, end: 5 }],
    ['a far due time', { seq: 900, due: 9e11, start: 9e11, end: 9e11 }],
    ['a far end', { seq: 900, end: 9e11 }],
  ];
  for (const [what, change] of FAR) {
    it(`R5 one with ${what} is corrupt, and its path stays as it was`, async () => {
      const untouched = await judged({ expect: EXPECT, rate: RATE });
      const result = await judged({ expect: EXPECT, rate: RATE, records: withOne(change) });
      const load = findingOf(result, 'loadQuality/load');
      expect([load.verdict, load.cause]).to.deep.equal(['inconclusive', '1 line of the record file cannot be read']);
      expect(result.budget).to.deep.equal(untouched.budget);
      expect(findingOf(result, `recoveryTime/${ID}`)).to.deep.equal(findingOf(untouched, `recoveryTime/${ID}`));
      expect(findingOf(result, `recoveryTime/${ID}`).verdict).to.equal('pass');
    });
  }

  const record = (seq: number, due: number): Raw => ({
    path: 0,
    seq,
    due,
    start: due,
    end: due,
    ended: 'dropped',
    status: 0,
    error: undefined,
    text: -1,
    fresh: false,
    chain: undefined,
  });
  const isForeign = (events: readonly HistoryEvent[], seq: number, due: number): boolean =>
    foreignTo(readFacts(events), LATEST - 45e6)({ ...record(seq, due), chain: -1 }, RATE);

  it('R5 none is that a schedule of the run could have, ten times as fast and until a timeout and the slack after its end', () => {
    const events = historyOf({ rate: RATE });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LATEST }), fc.double({ min: 0, max: 1, noNaN: true }), (due, part) => {
        const most = Math.floor(RATE * 10 * (due / 1e6 + 1));
        expect(isForeign(events, Math.floor(most * part), due)).to.equal(false);
        expect(isForeign(events, most + 1, due)).to.equal(true);
        expect(isForeign(events, 0, LATEST + 1 + due)).to.equal(true);
      }),
    );
  });

  it('R5 a history that goes on tells no end, and one without its first event no rate', () => {
    const events = historyOf({ rate: RATE });
    expect(isForeign(events.slice(0, -1), 900, 9e11)).to.equal(false);
    expect(isForeign(events.slice(1), 5_000, 5e6)).to.equal(false);
  });
});
