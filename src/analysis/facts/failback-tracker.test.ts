import { expect } from 'chai';
import fc from 'fast-check';
import type { RequestRecord } from '../../model/record.ts';
import { FailbackTracker } from './failback-tracker.ts';

/** Follows calls 50 ms apart, each answered after 10 ms; `before` are calls of the baseline. True: at home. */
function followed(after: readonly boolean[], before: readonly boolean[] = [true]): FailbackTracker {
  const tracker = new FailbackTracker(0);
  for (const atHome of before) tracker.addBefore(atHome, 1);
  for (const [i, atHome] of after.entries()) tracker.add(call(i), atHome);
  return tracker;
}

const call = (i: number): RequestRecord =>
  ({ seq: i, due: i * 50_000, start: i * 50_000, end: i * 50_000 + 10_000, ended: 'response' }) as RequestRecord;

const times = (n: number, atHome: boolean): boolean[] => Array.from({ length: n }, () => atHome);
/** Every `step`-th call strays. */
const straying = (n: number, step: number): boolean[] => Array.from({ length: n }, (_, i) => i % step !== step - 1);

describe('coming home', () => {
  it('lies between the last call away and the first of the run at home', () => {
    const tracker = followed([...times(10, false), ...times(40, true)]);
    expect(tracker.result()).to.deep.equal({ lo: call(9).start, hi: call(10).end });
  });

  it('is over where callers stray as often as before the fault, as from a zone that spills', () => {
    const tracker = followed([...times(10, false), ...straying(300, 14)], straying(360, 14));
    expect(tracker.result()).to.deep.equal({ lo: call(9).start, hi: call(10).end });
    expect(tracker.lastAway?.seq).to.equal(9);
    expect(tracker.firstHome?.seq).to.equal(10);
  });

  it('is not seen where they stray more often than before, or at all where they did not', () => {
    for (const before of [straying(360, 14), times(360, true)]) {
      expect(followed([...times(10, false), ...straying(300, 3)], before).result()?.hi).to.equal(null);
    }
    expect(followed([...times(10, false), ...straying(300, 14)], times(360, true)).result()?.hi).to.equal(null);
  });

  it('is never seen before the last of many calls away in a row, whatever was usual', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 50 }),
        fc.integer({ min: 12, max: 60 }),
        fc.array(fc.boolean(), { maxLength: 40 }),
        (usual, away, first) => {
          const tracker = followed([...first, ...times(away, false), ...times(40, true)], straying(400, usual));
          expect(tracker.result()?.hi).to.equal(call(first.length + away).end);
        },
      ),
    );
  });
});
