import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding, Verdict } from '../../model/finding.ts';
import type { RunResult } from '../../model/result.ts';
import { logGamma } from '../../stats/index.ts';
import { BlockCounts } from '../facts/blocks.ts';
import type { OutageBook } from '../facts/outages.ts';
import { type Risk, riskOf } from '../facts/risk.ts';
import { judgeAtMost, judgeShare } from '../facts/share.ts';
import type { PathStream } from '../ingest/path.ts';
import { OBJECTIVES } from '../objectives/index.ts';
import { comparisonsOf } from '../objectives/judge.ts';
import { dropped, due, edit } from '../testing/edits.ts';
import { findingOf, type Handmade, judged } from '../testing/handmade.ts';
import { plainRisk } from '../testing/plain-risk.ts';
import { allRead } from '../testing/proxies.ts';
import type { Raw } from '../testing/record-file.ts';
import { both, burst, every } from '../testing/strays.ts';
import { faultOn, headerOf, ORDER, pathOf, ZONES } from '../testing/world.ts';

const SECOND = 1e6;

const steady = (goodAtLeast: number) => ({ steadyState: { goodAtLeast } });
const goodOf = (result: RunResult): Finding => findingOf(result, 'steadyState/good');

describe('rules: shares', () => {
  /** P(X = k), and no library of ours for its sums. */
  const chanceOf = (k: number, n: number, p: number): number =>
    Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p));
  const sum = (from: number, to: number, n: number, p: number): number => {
    let total = 0;
    for (let k = from; k <= to; k++) total += chanceOf(k, n, p);
    return total;
  };

  it('C1 a share passes and fails by its exact limits, and never on less than 20 requests', () => {
    const target = fc.integer({ min: 500, max: 999 }).map((mille) => mille / 1000);
    const sample = fc.integer({ min: 1, max: 400 }).chain((n) => fc.tuple(fc.constant(n), fc.nat(n)));
    const near = fc.integer({ min: -12, max: 12 });
    fc.assert(
      fc.property(sample, near, target, fc.constantFrom(0.01, 0.0003), ([n], off, share, fail) => {
        const hits = Math.max(0, Math.min(n, Math.round(n * share) + off));
        const up = sum(hits, n, n, share);
        const down = sum(0, hits, n, share);
        const decided: Verdict = up <= 0.025 ? 'pass' : down < fail ? 'fail' : 'inconclusive';
        const { verdict } = judgeShare(plainRisk(fail), { hits, all: n, effect: 1 }, share);
        if (Math.abs(up - 0.025) > 1e-9 && Math.abs(down - fail) > 1e-9)
          expect(verdict, `${hits} of ${n}, ${share} asked`).to.equal(n < 20 ? 'inconclusive' : decided);
      }),
      { numRuns: 400 },
    );
  });

  it('C1 100 % is a claim about every request seen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(3), (n, missed) => {
        const hits = Math.max(0, n - missed);
        const decided = hits === n ? 'pass' : 'fail';
        const { verdict } = judgeShare(plainRisk(0.0003), { hits, all: n, effect: 1 }, 1);
        expect(verdict).to.equal(n < 20 ? 'inconclusive' : decided);
      }),
    );
  });

  it('C1 the steady state is judged so', async () => {
    const verdict = async (goodAtLeast: number, records: (all: Raw[]) => Raw[]) =>
      goodOf(await judged({ expect: steady(goodAtLeast), records })).verdict;
    const twenty = both(...ZONES.map((_, path) => every(50, path, 0, 10)));
    // 20 of 1,000: 96.9 % is shown, 98 % is seen, and 99.9 % is missed.
    expect([await verdict(0.969, twenty), await verdict(0.985, twenty), await verdict(0.999, twenty)]).to.deep.equal([
      'pass',
      'inconclusive',
      'fail',
    ]);
    expect([await verdict(1, (all) => all), await verdict(1, burst(1, 3, 5))]).to.deep.equal(['pass', 'fail']);
    const few = (rate: number) => judged({ rate, expect: steady(0.5) });
    expect([goodOf(await few(0.3)).verdict, goodOf(await few(0.6)).verdict]).to.deep.equal(['inconclusive', 'pass']);
  });
});

describe('rules: bursts', () => {
  it('C2 strays in a burst are worth less than as many apart', async () => {
    const expectations = { expect: steady(0.97) };
    const apart = both(...[0, 1, 2].map((path) => every(40, path, 0, 10)));
    expect(goodOf(await judged({ ...expectations, records: apart })).verdict).to.equal('pass');
    for (const [path, from] of [
      [0, 2],
      [2, 4.6],
      [3, 8.9],
    ] as const) {
      const finding = goodOf(await judged({ ...expectations, records: burst(15, path, from) }));
      expect([finding.verdict, finding.cause?.includes('bursts')]).to.deep.equal(['inconclusive', true]);
    }
  });

  const stub = (row: number) => ({ row }) as PathStream;
  /** 20 requests a second on each of four paths for 40 s; misses by their number. */
  function sampleOf(isMiss: (path: number, request: number) => boolean) {
    const paths = [0, 1, 2, 3].map(stub);
    const counts = new BlockCounts({ start: 0, end: 40 * SECOND });
    for (const path of paths)
      for (let i = 0; i < 800; i++) counts.add(path, i * 50_000, 1, isMiss(path.row, i) ? 0 : 1);
    return counts.sample(paths);
  }

  it('C2 a burst is worth one stray, wherever it lies in the blocks', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.nat(780), fc.integer({ min: 8, max: 20 }), (path, from, size) => {
        const { hits, effect } = sampleOf((row, i) => row === path && i >= from && i < from + size);
        expect(hits).to.equal(3200 - size);
        expect(effect).to.be.within(size * 0.6, size * 1.1);
      }),
    );
  });

  it('C2 the effect is never below 1, and 1 where nothing hangs together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(400), (nth, at) => {
        expect(sampleOf((_, i) => i % nth === at % nth).effect).to.equal(1);
      }),
    );
    expect(sampleOf(() => false).effect).to.equal(1);
  });

  it('C2 the unit is the request, whose hops count in part', async () => {
    const expect99 = { expect: { steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.9 } } };
    const hit = { failures: [[10.2, 10.5]], away: [10.2, 32] } as const;
    const result = await judged({
      ...expect99,
      callers: { 'north-a': hit, 'north-b': { away: [0, 10] } },
      place: () => 'north-c',
    });
    const finding = findingOf(result, 'steadyState/sameZone');
    // One of three calls of a fifth of the requests strays: mockb is called by mocka in another zone.
    expect(finding.samples).to.equal(1000);
    expect(finding.story).to.contain('93.3%');
  });
});

describe('rules: many comparisons, many paths', () => {
  type Promises = { readonly latency?: readonly object[]; readonly shares?: readonly object[] };
  const riskFor = (paths: number, stages: number, orders: number, promises: Promises = {}): Risk => {
    const durations = { baselineMs: 0, holdMs: 0, recoverMs: 0 };
    const expectations = {
      steadyState: { goodAtLeast: 0.99 },
      failoverOrder: Array.from({ length: orders }, () => ORDER),
      ejections: [],
      ...promises,
    };
    const faults = [faultOn('north-a')];
    const header = headerOf({ rate: 1, timeoutMs: 1, latencyMs: 1, faults, expect: expectations, durations });
    const NONE = { bad: 0, squares: 0, largest: 0 };
    const outages = { baseline: () => ({ total: 0, bursts: () => ({ all: NONE, noise: NONE }) }) };
    const streams = Array.from({ length: paths }, (_, row) => ({ row }) as PathStream);
    const comparisons = comparisonsOf(header.scenario, OBJECTIVES);
    return riskOf(header, { paths: streams, stages, counted: 0, comparisons }, outages as unknown as OutageBook);
  };

  it('C3 all comparisons of a run share one risk of failing it, and a pass needs no correction', () => {
    const stages = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1500 }), stages, fc.nat(5), (paths, several, orders) => {
        const risk = riskFor(paths, several, orders);
        // A path before, in each stage (a group, all together), on the way home and at the end, and its place before and
        // under the faults; an order in each stage and on the way home; callers of each service and zone, twice.
        const callers = 2 * ZONES.length * 3;
        const comparisons = paths * (2 * several + 6) + orders * (5 * several + 2) + callers;
        expect(risk.fail * comparisons).to.be.closeTo(0.01, 1e-9);
        expect(risk.pass).to.equal(0.025);
      }),
    );
  });

  it('C3 promised latencies and expected shares are comparisons as well, of each path and all, and of each place and the rest', () => {
    const count = (promises: Promises): number => Math.round(0.01 / riskFor(4, 1, 0, promises).fail);
    const promise = { phase: 'hold', quantile: 0.99, limitMs: 100 };
    const shared = { service: 'a', from: {}, tolerance: 0.1, to: [{ place: { zone: 'x' }, share: 0.5 }] };
    expect(count({ latency: [promise, promise] }) - count({})).to.equal(2 * (4 + 1));
    expect(count({ shares: [shared] }) - count({})).to.equal(4 * (1 + 1));
  });

  it('C3 what fails one path of few is open for one of a thousand', () => {
    const sample = { hits: 68, all: 100, effect: 1 };
    const verdict = (paths: number) => judgeShare(riskFor(paths, 1, 0), sample, 0.84).verdict;
    expect([verdict(1), verdict(5), verdict(1000)]).to.deep.equal(['fail', 'fail', 'inconclusive']);
  });

  it('C4 all paths together prove a share that none could alone', async () => {
    expect(goodOf(await judged({ expect: steady(0.99) })).verdict).to.equal('pass');
    const one = judged({ expect: steady(0.99), records: (all) => all.filter(({ path }) => path === 0) });
    expect(goodOf(await one).verdict).to.equal('inconclusive');
  });

  it('C4 one path alone can fail it, and makes it open before that', async () => {
    for (const path of ZONES.keys()) {
      for (const [target, nth, verdict] of [
        [0.9, 20, 'pass'],
        [0.9, 6, 'inconclusive'],
        [0.85, 3, 'fail'],
      ] as const) {
        const finding = goodOf(await judged({ expect: steady(target), records: every(nth, path, 0, 10) }));
        expect(finding.verdict, `one of ${nth}`).to.equal(verdict);
        expect(finding.measured?.lo).to.be.above(100 * target);
        const told = verdict === 'pass' ? undefined : `on ${pathOf(ZONES[path] as string)} alone the share was`;
        expect(finding.cause?.slice(0, told?.length)).to.equal(told);
      }
    }
  });
});

describe('rules: intervals and their targets', () => {
  it('C6 an interval passes below its target, fails above it, and is open in between', () => {
    const number = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(number, fc.integer({ min: 1, max: 500 }), number, (lo, width, limit) => {
        const verdict = lo > limit ? 'fail' : lo + width <= limit ? 'pass' : 'inconclusive';
        expect(judgeAtMost(lo, lo + width, limit)).to.equal(verdict);
        expect(judgeAtMost(lo, null, limit)).to.equal(lo > limit ? 'fail' : 'inconclusive');
      }),
    );
  });

  /** Asked once with a target that is missed, then with one on each side of what was measured, and inside. */
  async function checkClause(
    id: string,
    run: Handmade,
    expectOf: (target: number) => Handmade['expect'],
  ): Promise<void> {
    const at = async (target: number) => {
      const expectations = expectOf(target);
      return findingOf(await judged({ ...run, ...(expectations !== undefined && { expect: expectations }) }), id);
    };
    const { measured } = await at(0.01);
    const { lo, hi } = { lo: measured?.lo ?? 0, hi: measured?.hi ?? 0 };
    expect(hi, id).to.be.above(lo);
    const middle = measured?.unit === 'count' ? lo : (lo + hi) / 2;
    const verdicts = [(await at(lo * 0.9)).verdict, (await at(middle)).verdict, (await at(hi * 1.001)).verdict];
    expect(verdicts, `${id}: ${lo} to ${hi}`).to.deep.equal(['fail', 'inconclusive', 'pass']);
  }

  const withinSeconds = (target: number) => ({
    recoveryTime: { withinMs: target * 1000, consecutive: 5, lastingMs: 1000 },
  });
  const hit = { failures: [[10.2, 12]], away: [10.2, 34] } as const;
  const lost = (all: Raw[]) => edit(all, due(0, 14, 14.3), dropped);

  it('C6 in the recovery time', () =>
    checkClause(`recoveryTime/${pathOf('north-a')}`, { callers: { 'north-a': hit } }, withinSeconds));

  it('C6 on the way home', async () => {
    const isSlow = { callers: { 'north-a': hit }, records: burst(16, 3, 30.1) };
    await checkClause('wayHome/paths', isSlow, withinSeconds);
  });

  it('C6 in failback', async () => {
    const run = { callers: { 'north-a': hit } };
    await checkClause('failback/mockb/north-a', run, (target) => ({ failback: { withinMs: target * 1000 } }));
  });

  it('C6 in every part of the error budget', async () => {
    const run = { callers: { 'north-a': hit }, records: lost };
    await checkClause('errorBudget/perPath', run, (perPath) => ({ errorBudget: { perPath } }));
    await checkClause('errorBudget/perCaller', run, (perCaller) => ({ errorBudget: { perCaller } }));
    await checkClause('errorBudget/ratio', run, (target) => ({ errorBudget: { ratio: target / 100 } }));
  });

  it('C6 in ejections, from both sides', async () => {
    const caller = { cluster: 'tokyo', pod: 'mocka', zone: 'north-a', service: 'mockb', active: 1, overflow: 0 };
    const events: Handmade['events'] = (history) => {
      allRead(history);
      const readings = [5, 7, 1, 2];
      for (const [i, t] of [2, 11, 12, 13].entries())
        history.at(t * SECOND, { type: 'ejections', ...caller, enforcedTotal: readings[i] ?? 0 });
    };
    const verdicts = async (rule: (target: number) => object, targets: readonly number[]) => {
      const results = targets.map((target) =>
        judged({ events, expect: { ejections: [{ service: 'mockb', ...rule(target) }] } }),
      );
      return (await Promise.all(results)).map((result) => findingOf(result, 'ejections/mockb').verdict);
    };
    expect(await verdicts((atMost) => ({ atMost }), [2, 3, 4])).to.deep.equal(['fail', 'inconclusive', 'pass']);
    expect(await verdicts((atLeast) => ({ atLeast }), [5, 4, 3])).to.deep.equal(['fail', 'inconclusive', 'pass']);
  });
});
