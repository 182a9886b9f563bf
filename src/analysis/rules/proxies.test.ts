import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import { analyze } from '../index.ts';
import { byProxies, covered } from '../testing/by-proxies.ts';
import { findingOf, type Handmade, historyOf, recordsOf, recovering } from '../testing/handmade.ts';
import { holds, seeds } from '../testing/holds.ts';
import { chunks } from '../testing/record-file.ts';
import { ORDER, ZONES } from '../testing/world.ts';

const EXPECT = {
  steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.99 },
  failoverOrder: [ORDER],
  failback: { withinMs: 10_000 },
};

/** A run whose answers tell nothing, judged by what its proxies counted once in `every` seconds. */
async function judged(run: Handmade, seed: number, every = 1) {
  const whole = recovering({ rate: 40, seed, ...run, expect: { ...EXPECT, ...run.expect } });
  const { history, records } = byProxies(historyOf(whole), recordsOf(whole).file, seed, every);
  const last = run.history?.(history) ?? history;
  return analyze(
    last.toSorted((a, b) => a.t - b.t).map((event, seq) => ({ ...event, seq })),
    chunks(records),
  );
}

const ORDER_ID = `failoverOrder/${ORDER.service}/${ORDER.from.zone}`;
const HOME_ID = `failback/${ORDER.service}/${ORDER.from.zone}`;

describe('docs/verdict.md 15: where calls go, when no answer tells', () => {
  it('P1 proves the fault, the steady state, the order and the way home from counters, and says so', () =>
    holds(seeds, async (seed) => {
      const result = await judged({}, seed);
      expect(result.verdict, result.reason).to.equal('pass');
      for (const id of ['faultEffect/mockb-north-a', 'steadyState/sameZone', ORDER_ID, HOME_ID]) {
        expect(findingOf(result, id).verdict, id).to.equal('pass');
      }
      for (const id of ['steadyState/sameZone', ORDER_ID, HOME_ID]) {
        expect(findingOf(result, id).story, id).to.match(/as (their proxies|these) counted/);
      }
    }));

  it('P1 shows over time who served, and counts no request twice', () =>
    holds(seeds, async (seed) => {
      const { series, budget } = await judged({}, seed);
      const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0);
      const away = series.serving.find(({ service, zone }) => service === 'mockb' && zone === 'north-b');
      const column = (t: number): number => Math.floor((t * 1e6) / series.bucket);
      const within = (from: number, to: number): number => sum(away?.counts.slice(column(from), column(to)) ?? []);
      expect(within(20, 24)).to.be.within(within(4, 8) * 1.8, within(4, 8) * 2.2);
      expect(sum(series.good)).to.be.at.most(45 * 40 * ZONES.length);
      expect(budget.bad).to.be.above(0);
    }));

  it('P1 sees another place, and callers that do not come home', () =>
    holds(seeds, async (seed) => {
      expect(findingOf(await judged({ place: () => 'south-h' }, seed), ORDER_ID).verdict).to.equal('fail');
      const away = { callers: { 'north-a': { failures: [[10.2, 10.5]] as const, away: [10.2, 99] as const } } };
      expect(findingOf(await judged(away, seed), HOME_ID).verdict).to.equal('fail');
    }));

  it('P2 widens the way home by the distance of two readings', () =>
    holds(seeds, async (seed) => {
      const [once, twice] = await Promise.all([judged({}, seed, 0.5), judged({}, seed, 2)]);
      const width = (result: typeof once): number => {
        const { lo = 0, hi } = findingOf(result, HOME_ID).measured ?? {};
        return (hi ?? Number.POSITIVE_INFINITY) - lo;
      };
      expect(width(once)).to.be.below(width(twice));
    }));

  it('P3 leaves open which of two places was first where both served between two readings', () =>
    holds(seeds, async (seed) => {
      const place = (t: number) => (t < 10.9e6 ? 'south-h' : 'north-b');
      const { verdict, cause } = findingOf(await judged({ place }, seed), ORDER_ID);
      expect(verdict, cause).to.not.equal('pass');
    }));

  it('P4 counts nothing of readings more than three seconds apart', () =>
    holds(seeds, async (seed) => {
      const result = await judged({}, seed, 3.5);
      expect(result.verdict).to.equal('inconclusive');
      expect(findingOf(result, ORDER_ID).verdict).to.equal('inconclusive');
    }));

  it('P6 passes nothing of counters where a proxy was not read for long', () =>
    holds(seeds, async (seed) => {
      const gap = (from: number, to: number) => (history: HistoryEvent[]) => [
        ...history,
        ...[
          { ...covered('tokyo', 2), t: from * 1e6 },
          { ...covered('tokyo', 3), t: to * 1e6 },
        ],
      ];
      for (const [from, to, verdict] of [
        [4, 20, 'inconclusive'],
        [4, 9, 'pass'],
      ] as const) {
        const result = await judged({ history: gap(from, to) }, seed);
        for (const id of ['steadyState/sameZone', ORDER_ID, HOME_ID]) {
          expect(findingOf(result, id).verdict, `${id} ${from} ${to}`).to.equal(verdict);
        }
      }
    }));
});
