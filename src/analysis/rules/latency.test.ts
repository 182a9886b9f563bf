import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding } from '../../model/finding.ts';
import type { LatencyPromise } from '../facts/latency-promises.ts';
import { type Change, due, edit, every, type Is, status } from '../testing/changes.ts';
import { findingOf, type Handmade, judged, recovering } from '../testing/handmade.ts';
import { holds, seeds } from '../testing/holds.ts';
import { ZONES } from '../testing/world.ts';

const P95: LatencyPromise = { phase: 'hold', quantile: 0.95, limitMs: 300 };

/** Answers that take so many milliseconds. */
const taking =
  (ms: number): Change =>
  (record) => ({ ...record, end: record.due + ms * 1000 });

const any: Is = () => true;
const inZones =
  (n: number, from = 0, to = 45): Is =>
  (record) =>
    ZONES.some((zone) => due(zone, from, to)(record)) && record.seq % n === 0;

function run(promise: Partial<LatencyPromise>, ...edits: readonly (readonly [Is, Change])[]) {
  return (more: Partial<Handmade> = {}) =>
    judged(
      recovering({
        callers: { 'north-a': { away: [10.2, 32] } },
        expect: { latency: [{ ...P95, ...promise }] },
        records: (all) => edit(all, [any, taking(20)], ...edits),
        ...more,
      }),
    );
}

const found = async (result: ReturnType<ReturnType<typeof run>>): Promise<Finding> => {
  const { findings } = await result;
  const [finding] = findings.filter(({ objective }) => objective === 'latency');
  if (finding === undefined) throw new Error('nothing was said of latency');
  return finding;
};

describe('docs/verdict.md L: latency', () => {
  it('L1 a quantile is kept where so many answers were in time, and missed where they were not', () =>
    holds(fc.tuple(seeds), async ([seed]) => {
      const kept = await found(run({}, [inZones(50), taking(700)])({ seed }));
      expect([kept.verdict, kept.id]).to.deep.equal(['pass', 'latency/all/hold/p95']);
      const missed = await found(run({}, [inZones(5), taking(700)])({ seed }));
      expect(missed.verdict).to.equal('fail');
      expect(missed.title).to.equal('p95 of all requests under the fault was longer than 300ms');
      expect(missed.story).to.match(/^80% of 2000 requests under the fault were served within 300ms/);
    }));

  it('L1 what straddles the quantile decides nothing', async () => {
    const { verdict, cause } = await found(run({}, [inZones(20), taking(700)])());
    expect(verdict).to.equal('inconclusive');
    expect(cause).to.contain('straddles');
  });

  it('L1 one path that is slow for certain misses it, however fast the others are', async () => {
    const slow = await found(run({ quantile: 0.5 }, [due('north-b', 10, 31), taking(700)])());
    expect(slow.verdict).to.equal('fail');
    expect(slow.cause).to.contain('north-b alone');
  });

  it('L2 what was not served was slower than any limit, however fast it failed', async () => {
    const fast: Change = (record) => status(503)(taking(1)(record) as never);
    const failing = await found(run({}, [every(4, due('north-b', 12, 30)), fast])());
    expect(failing.verdict).to.not.equal('pass');
    expect(failing.measured?.hi).to.be.lessThan(100);
  });

  it('L2 the generator that sends late breaks no promise, and hides no slowness of the target', async () => {
    const late: Change = (record) => ({ ...record, start: record.due + 240_000, end: record.due + 320_000 });
    const sentLate = await found(run({}, [inZones(5), late])());
    expect([sentLate.verdict, sentLate.cause]).to.deep.equal([
      'inconclusive',
      'the load generator sent requests late: 100% kept it from when they were sent',
    ]);
    const slowToo: Change = (record) => ({ ...record, start: record.due + 240_000, end: record.due + 640_000 });
    expect((await found(run({}, [inZones(5), slowToo])())).verdict).to.equal('fail');
  });

  it('L3 is about its own phase alone', async () => {
    const slowBefore = [due('north-b', 0, 9.9), taking(700)] as const;
    expect((await found(run({ phase: 'hold' }, slowBefore)())).verdict).to.equal('pass');
    expect((await found(run({ phase: 'baseline' }, slowBefore)())).verdict).to.equal('fail');
    expect((await found(run({ phase: 'recover' }, slowBefore)())).verdict).to.equal('pass');
    const slowAfter = [due('north-b', 32, 44), taking(700)] as const;
    expect((await found(run({ phase: 'recover' }, slowAfter)())).verdict).to.equal('fail');
  });

  it('L4 nothing is known of a path that is not there, of a time that was not, and of what has no record', async () => {
    const other = await found(run({ path: 'other' })());
    expect([other.verdict, other.cause]).to.deep.equal(['inconclusive', 'there is no path other']);
    const refused = await found(run({})({ status: 'refused' }));
    expect(refused.verdict).to.equal('inconclusive');
    const lost = await found(run({}, [inZones(12, 11, 30), () => undefined])());
    expect([lost.verdict, lost.cause]).to.deep.equal(['inconclusive', expectUnknown(lost)]);
  });

  it('L4 a fault that was never proven leaves a latency under it open', async () => {
    const doubted = await found(run({})({ effective: null }));
    expect(doubted.verdict).to.equal('inconclusive');
    expect((await found(run({ phase: 'baseline' })({ effective: null }))).verdict).to.equal('pass');
  });

  it('is no finding where nothing is promised', async () => {
    const result = await judged({});
    expect(result.findings.some(({ objective }) => objective === 'latency')).to.equal(false);
    expect(() => findingOf(result, 'latency/all/hold/p95')).to.throw();
  });
});

function expectUnknown({ cause = '' }: Finding): string {
  expect(cause).to.match(/requests unknown$/);
  return cause;
}
