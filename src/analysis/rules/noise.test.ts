import { expect } from 'chai';
import type { Verdict } from '../../model/finding.ts';
import { findingOf, type Handmade, judged } from '../testing/handmade.ts';
import type { Raw } from '../testing/record-file.ts';
import { both, burst, every } from '../testing/strays.ts';
import { pathOf } from '../testing/world.ts';

const NORTH_B = 1;
const ID = pathOf('north-b');

const steady = (goodAtLeast: number) => ({ steadyState: { goodAtLeast } });

describe('rules: noise', () => {
  const promised: Handmade['expect'] = {
    ...steady(0.5),
    unaffected: { except: [{ zone: 'north-a' }] },
    recoveryTime: { withinMs: 3000, consecutive: 5, lastingMs: 1000 },
    errorBudget: { perPath: 1000 },
  };
  type Seen = { unaffected: Verdict; doubtful: number; bad: number };

  async function seen(records: (all: Raw[]) => Raw[], goodAtLeast = 0.5, run: Handmade = {}): Promise<Seen> {
    const result = await judged({ ...run, expect: { ...promised, ...steady(goodAtLeast) }, records });
    const row = result.budget.paths.find(({ path }) => path === ID);
    const { verdict } = findingOf(result, `unaffected/${ID}`);
    return { unaffected: verdict, doubtful: row?.doubtful ?? 0, bad: row?.bad ?? 0 };
  }

  it('C5 an error now and then, where there was none before, is doubtful', async () => {
    for (const from of [13, 19.3, 27]) {
      expect(await seen(burst(1, NORTH_B, from))).to.deep.equal({ unaffected: 'inconclusive', doubtful: 1, bad: 1 });
      const result = await judged({ expect: promised, records: burst(1, NORTH_B, from) });
      expect(findingOf(result, `recoveryTime/${ID}`).measured?.lo).to.equal(0);
    }
  });

  it('C5 a group that noise does not bring about is an outage', async () => {
    for (const [n, from] of [
      [4, 13],
      [8, 19.3],
      [20, 25],
    ] as const)
      expect(await seen(burst(n, NORTH_B, from))).to.deep.equal({ unaffected: 'fail', doubtful: 0, bad: n });
  });

  const inBursts = (n: number, path: number) => both(...[1, 4, 7].map((from) => burst(n, path, from)));

  /** As long before the fault as under it. */
  const balanced: Handmade = {
    times: { request: 20, ack: 20.1, proven: 20.6, undo: 40, undone: 41, end: 50 },
    effective: 20.3,
    callers: { 'north-a': { failures: [[20.2, 20.5]], away: [20.2, 42] } },
  };

  it('C5 doubtful errors together are an outage when they are more than the path had before', async () => {
    const few = await seen(every(100, NORTH_B, 21, 39), 0.5, balanced);
    expect([few.unaffected, few.doubtful === few.bad, few.bad]).to.deep.equal(['inconclusive', true, 3]);
    const many = await seen(every(24, NORTH_B, 21, 39), 0.5, balanced);
    expect([many.unaffected, many.doubtful, many.bad]).to.deep.equal(['fail', 0, 15]);
    const before = both(every(24, NORTH_B, 21, 39), every(24, NORTH_B, 0, 20));
    expect((await seen(before, 0.5, balanced)).unaffected).to.equal('pass');
  });

  it('C5 what the path itself did as often before is noise; what others did excuses nothing', async () => {
    const during = every(40, NORTH_B, 10, 30);
    expect(await seen(both(during, every(40, NORTH_B, 0, 10)))).to.deep.equal({
      unaffected: 'pass',
      doubtful: 10,
      bad: 10,
    });
    expect((await seen(both(during, every(20, 2, 0, 10), every(20, 3, 0, 10)))).unaffected).to.equal('inconclusive');
  });

  it('C5 a burst larger than any before is no plain noise', async () => {
    const noise = both(every(40, NORTH_B, 0, 10), every(40, NORTH_B, 10, 30));
    const measured = async (records: (all: Raw[]) => Raw[]) =>
      findingOf(await judged({ expect: promised, records }), `recoveryTime/${ID}`).measured;
    expect(await measured(noise)).to.equal(undefined);
    expect((await measured(both(noise, burst(2, NORTH_B, 21))))?.hi).to.be.above(0);
  });

  it('C5 a group is measured by the noise of all paths, and by its own where a path erred', async () => {
    const others = both(...[2, 3, 4].map((path) => every(4, path, 0, 10)));
    const group = burst(5, NORTH_B, 20);
    expect((await seen(group)).unaffected).to.equal('fail');
    expect((await seen(both(others, group))).unaffected).to.equal('inconclusive');
    expect((await seen(both(others, group, burst(1, NORTH_B, 5)))).unaffected).to.equal('fail');
  });

  it('C5 one error before tells nothing of how large the bursts of a path are, and is held against it no more than none', async () => {
    for (const [size, others] of [
      [5, 2],
      [6, 2],
      [7, 3],
    ] as const) {
      const before = both(...[2, 3, 4].map((path) => inBursts(others, path)));
      const group = both(before, burst(size, NORTH_B, 20));
      const silent = await seen(group, 0.5, balanced);
      const erred = await seen(both(group, burst(1, NORTH_B, 5)), 0.5, balanced);
      expect([silent.unaffected, erred.unaffected], `${size}`).to.deep.equal(['inconclusive', 'inconclusive']);
    }
  });

  it('C5 noise is no more than the steady state allows', async () => {
    const noise = both(every(20, NORTH_B, 0, 10), every(20, NORTH_B, 10, 30));
    expect([(await seen(noise, 0.9)).unaffected, (await seen(noise, 0.96)).unaffected]).to.deep.equal([
      'pass',
      'inconclusive',
    ]);
  });

  it('C5 noise in bursts brings about bursts, up to twice as large', async () => {
    const before = inBursts(4, NORTH_B);
    for (const n of [8, 10])
      expect((await seen(both(before, burst(n, NORTH_B, 20)))).unaffected, `${n}`).not.to.equal('fail');
    expect((await seen(both(before, burst(40, NORTH_B, 20)))).unaffected).to.equal('fail');
    expect((await seen(burst(8, NORTH_B, 20))).unaffected).to.equal('fail');
  });

  it('C5 bursts of others count where half of the paths had them', async () => {
    const during = burst(10, NORTH_B, 20);
    const singles = (path: number) => every(10, path, 0, 10);
    const two = [during, burst(5, 2, 5), singles(2), singles(3)];
    const of = async (...changes: readonly ((all: Raw[]) => Raw[])[]) => (await seen(both(...changes))).unaffected;
    expect([await of(...two), await of(...two, singles(4))]).to.deep.equal(['fail', 'inconclusive']);
  });

  it('C5 an outage of the baseline explains one of twice its size, and is no noise beyond that', async () => {
    const before = burst(14, NORTH_B, 4);
    expect((await seen(both(before, burst(20, NORTH_B, 20)))).unaffected).not.to.equal('fail');
    expect((await seen(both(before, burst(40, NORTH_B, 20)))).unaffected).to.equal('fail');
  });
});
