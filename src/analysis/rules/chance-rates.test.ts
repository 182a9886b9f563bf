import { expect } from 'chai';
import { chanceOfGroup } from '../../stats/index.ts';
import { BlockCounts, type Sample } from '../facts/blocks.ts';
import { judgeShare } from '../facts/share.ts';
import type { PathStream } from '../ingest/path.ts';
import { failingPaths } from '../testing/family.ts';
import { bursts, strays } from '../testing/noise.ts';
import { plainRisk } from '../testing/plain-risk.ts';
import { seeded } from '../testing/record-file.ts';
import { judgedWide } from '../testing/wide.ts';

const FAIL = 0.01;
const PASS = 0.025;

/** Of a run with five paths, one stage and no order. */
const RISK = plainRisk(FAIL / 30);

/** What chance adds to a rate that was simulated so often: three standard deviations. */
const slack = (rate: number, runs: number): number => 3 * Math.sqrt((rate * (1 - rate)) / runs);

/** Everything here is drawn from fixed seeds: how often judges err where the truth is known. */
describe('rules: how often chance wins', function () {
  this.timeout(60_000);

  /** How often samples of `n` with exactly this share pass and fail. */
  function ratesAt(target: number, n: number, runs: number): { readonly pass: number; readonly fail: number } {
    const random = seeded(n + target * 1000);
    const samples = Array.from({ length: runs }, () => n - strays(random, 1 - target, n).length);
    // Few numbers of hits are seen, each many times.
    const verdicts = new Map(
      [...new Set(samples)].map((hits) => [hits, judgeShare(RISK, { hits, all: n, effect: 1 }, target).verdict]),
    );
    const share = (verdict: string): number => samples.filter((hits) => verdicts.get(hits) === verdict).length / runs;
    return { pass: share('pass'), fail: share('fail') };
  }

  it('C1 a share exactly at its target passes in at most 2.5 % of samples', () => {
    const runs = 4000;
    for (const target of [0.9, 0.95, 0.99]) {
      for (const n of [50, 100, 400, 2000]) {
        const { pass, fail } = ratesAt(target, n, runs);
        expect(pass, `${n} at ${target}`).to.be.at.most(PASS + slack(PASS, runs));
        expect(fail, `${n} at ${target}`).to.be.at.most(RISK.fail + slack(RISK.fail, runs));
      }
    }
  });

  /** Five paths at 20 requests a second, with bursts of a size; exactly at the target in the long run. */
  function burstySample(random: () => number, target: number, size: number, seconds: number): Sample {
    const paths = [0, 1, 2, 3, 4].map((row) => ({ row }) as PathStream);
    const counts = new BlockCounts({ start: 0, end: seconds * 1e6 });
    const n = seconds * 20;
    for (const path of paths) {
      const bad = new Set(bursts(random, 1 - target, size, n));
      for (let i = 0; i < n; i++) counts.add(path, i * 50_000, 1, bad.has(i) ? 0 : 1);
    }
    return counts.sample(paths);
  }

  it('C2 strays in bursts do not make a share pass or fail more often than alone, once a sample holds some bursts', () => {
    const runs = 400;
    const rows: object[] = [];
    for (const [size, target, seconds] of [
      [5, 0.9, 10],
      [5, 0.95, 10],
      [5, 0.99, 10],
      [5, 0.99, 60],
      [20, 0.9, 10],
      [20, 0.95, 10],
      [20, 0.95, 60],
      [20, 0.99, 10],
      [20, 0.99, 60],
    ] as const) {
      const random = seeded(11);
      const with_ = { pass: 0, fail: 0, inconclusive: 0 };
      const without = { pass: 0, fail: 0, inconclusive: 0 };
      for (let i = 0; i < runs; i++) {
        const sample = burstySample(random, target, size, seconds);
        const { verdict } = judgeShare(RISK, sample, target);
        with_[verdict]++;
        without[sample.effect === 1 ? verdict : judgeShare(RISK, { ...sample, effect: 1 }, target).verdict]++;
      }
      const percent = (n: number): string => `${((100 * n) / runs).toFixed(1)} %`;
      const expected = (seconds * 100 * (1 - target)) / size;
      rows.push({
        'burst of': size,
        target,
        requests: seconds * 100,
        'bursts in it': Math.round(expected * 10) / 10,
        'pass, plain': percent(without.pass),
        'pass, by effect': percent(with_.pass),
        'fail, plain': percent(without.fail),
        'fail, by effect': percent(with_.fail),
      });
      expect(with_.pass).to.be.at.most(without.pass);
      expect(with_.fail).to.be.at.most(without.fail);
      expect(with_.fail / runs).to.be.at.most(FAIL);
      if (expected >= 4.9) expect(with_.pass / runs).to.be.at.most(PASS + slack(PASS, runs));
    }
    console.table(rows);
  });

  it('C5 the chance of a group is never put lower than it is', () => {
    const runs = 3000;
    for (const [bad, span, noise, among] of [
      [2, 2, 0.005, 400],
      [2, 10, 0.002, 400],
      [3, 3, 0.03, 400],
      [3, 20, 0.01, 300],
      [5, 40, 0.02, 400],
    ] as const) {
      const random = seeded(bad * 100 + span);
      let seen = 0;
      for (let i = 0; i < runs; i++) {
        const at = strays(random, noise, among);
        if (at.some((first, k) => (at[k + bad - 1] ?? Number.POSITIVE_INFINITY) - first < span)) seen++;
      }
      const chance = chanceOfGroup({ bad, span }, noise, among);
      expect(seen / runs, `${bad} within ${span}`).to.be.at.most(chance + slack(chance, runs));
      expect(seen, 'it does happen').to.be.above(0);
    }
  });

  it('C3 a run with 1,000 healthy paths falsely fails in less than 1 % of runs, by its comparisons', () => {
    for (const [noise, each, runs] of [
      [0.0005, 40, 150],
      [0.002, 40, 150],
      [0.005, 100, 40],
    ] as const) {
      const random = seeded(each + noise * 1e5);
      let failed = 0;
      for (let i = 0; i < runs; i++) {
        const paths = failingPaths({ paths: 1000, each, spacing: 0.25 }, 0.99, () => strays(random, noise, each));
        if (paths > 0) failed++;
      }
      expect(failed / runs, `noise ${noise}`).to.be.below(0.01);
    }
  });

  it('C3 the same where some paths err far more than others', () => {
    const kinds: readonly (readonly [each: number, rateOf: (path: number) => number])[] = [
      [40, (path) => (path % 10 === 0 ? 0.02 : 0)],
      [100, (path) => (path % 10 === 0 ? 0.01 : 0.0001)],
      [100, (path) => (path % 100 === 0 ? 0.02 : 0)],
      [100, (path) => 0.01 * (path / 1000) ** 4],
    ];
    for (const [each, rateOf] of kinds) {
      const random = seeded(each * 7);
      let failed = 0;
      for (let i = 0; i < 100; i++) {
        const draw = (path: number): readonly number[] => strays(random, rateOf(path), each);
        if (failingPaths({ paths: 1000, each, spacing: 0.25 }, 0.9, draw) > 0) failed++;
      }
      expect(failed / 100, rateOf.toString()).to.be.below(0.01);
    }
  });

  const promised = {
    unaffected: { except: [{ zone: 'zone-0' }] },
    recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
  };

  it('C3 the same through the whole analysis, for two runs', async () => {
    const random = seeded(9);
    for (let i = 0; i < 2; i++) {
      const sizes = { paths: 1000, rate: 2, baseline: 10, stage: 10, home: 10 };
      const bad = (_: number, n: number): number[] => strays(random, 0.002, n);
      const { findings } = await judgedWide({ ...sizes, expect: promised, bad });
      expect(findings.filter(({ verdict }) => verdict === 'fail')).to.deep.equal([]);
    }
  });

  it('C5 paths that a fault does not reach falsely fail in less than 1 % of runs, whatever their noise', async () => {
    for (const [noise, runs] of [
      [0.0001, 100],
      [0.001, 150],
      [0.005, 150],
    ] as const) {
      const random = seeded(noise * 1e6);
      let failed = 0;
      for (let i = 0; i < runs; i++) {
        // Three paths beside the one that is hit; 250 requests of each before, 520 under the fault.
        const sizes = { paths: 4, rate: 25, baseline: 10, stage: 20.8, home: 4 };
        const { findings } = await judgedWide({ ...sizes, expect: promised, bad: (_, n) => strays(random, noise, n) });
        const others = findings.filter(({ objective }) => objective === 'unaffected');
        expect(others.map(({ samples }) => samples)).to.deep.equal([520, 520, 520]);
        if (others.some(({ verdict }) => verdict === 'fail')) failed++;
      }
      expect(failed / runs, `noise ${noise}`).to.be.below(0.01);
    }
  });
});
