import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding } from '../../model/finding.ts';
import type { RunResult } from '../../model/result.ts';
import { due, edit, failed, held, neverDue, type Pick } from '../testing/edits.ts';
import { findingOf, type Handmade, judged, recovering } from '../testing/handmade.ts';
import type { Raw } from '../testing/record-file.ts';
import { faultOn, ipOf, pathOf, ZONES } from '../testing/world.ts';

const SECOND = 1e6;
const NORTH_B = 1;
const ID = pathOf('north-b');
const EXPECT: NonNullable<Handmade['expect']> = {
  recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
  unaffected: { except: [{ zone: 'north-a' }] },
  errorBudget: { perPath: 1000 },
};

const load = (result: RunResult): Finding => findingOf(result, 'loadQuality/load');
const unknownOf = (result: RunResult): number | undefined =>
  result.budget.paths.find(({ path }) => path === ID)?.unknown;
const verdictOf = (result: RunResult, id: string): string => findingOf(result, id).verdict;

/** A quarter of a second, or three requests. */
const longest = (rate: number): number => Math.max(0.25, 3 / rate);
/** Whole milliseconds, as seconds. */
const seconds = (min: number, max: number) => fc.integer({ min: min * 1000, max: max * 1000 }).map((ms) => ms / 1000);

describe('rules: requests that nobody saw', () => {
  it('S1 a request that was due and has no record is unknown', async () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 220, max: 560 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(numbers, async (lost) => {
        const isLost = new Set(lost);
        const records = (all: Raw[]) => all.filter(({ path, seq }) => path !== NORTH_B || !isLost.has(seq));
        const result = await judged({ expect: EXPECT, records });
        expect(unknownOf(result)).to.equal(lost.length);
        expect(load(result).verdict).to.equal('inconclusive');
        expect(load(result).cause).to.contain(`${lost.length} request${lost.length === 1 ? '' : 's'} without a record`);
      }),
      { numRuns: 8, examples: [[[251, 220]], [[250, 251, 252]]] },
    );
  });

  it('S1 so are those after the end of the records, until load is not wanted any more', async () => {
    for (const end of [15, 22, 28]) {
      const records = (all: Raw[]) => all.filter((record) => record.path !== NORTH_B || record.due < end * SECOND);
      const result = await judged({ expect: EXPECT, records });
      expect(unknownOf(result)).to.be.within(20 * (33 - end) - 2, 20 * (33 - end) + 2);
      expect(load(result).cause).to.contain(`the records of ${ID} end before the undo`);
      for (const id of [`recoveryTime/${ID}`, `unaffected/${ID}`])
        expect(verdictOf(result, id)).to.equal('inconclusive');
    }
  });

  it('S1 a recovery is not certain where the rest of the stage was not seen', async () => {
    const records = (all: Raw[]) =>
      edit(all, due(NORTH_B, 12, 12.5), failed).filter(({ path, due: at }) => path !== NORTH_B || at < 22 * SECOND);
    const promised = { recoveryTime: { withinMs: 20_000, consecutive: 5, lastingMs: 1000 } };
    const finding = findingOf(await judged({ expect: promised, records }), `recoveryTime/${ID}`);
    expect([finding.verdict, finding.cause?.includes('unknown while the fault was on')]).to.deep.equal([
      'inconclusive',
      true,
    ]);
  });

  for (const rate of [5, 20, 50]) {
    it(`S1 and so are those that a rate of ${rate} wanted and that were never due`, async () => {
      const most = Math.floor(longest(rate) * rate + 1e-9) - 1;
      for (const [n, from, told] of [
        [most, 14, 0],
        [most + 1, 14, most + 1],
        [most + 1, 26, most + 1],
        [3 * most, 20, 3 * most],
      ] as const) {
        const records = (all: Raw[]) => neverDue(all, due(NORTH_B, from, from + n / rate));
        const result = await judged({ rate, expect: EXPECT, records });
        const verdict = told > 0 ? 'inconclusive' : 'pass';
        expect(unknownOf(result), `${n} at ${rate}/s`).to.equal(told);
        expect([load(result).verdict, verdictOf(result, `recoveryTime/${ID}`)]).to.deep.equal([verdict, verdict]);
        expect(verdictOf(result, `recoveryTime/${pathOf('north-c')}`)).to.equal('pass');
      }
    });
  }

  it('S1 a path that begins late has not shown its baseline', async () => {
    for (const [late, verdict] of [
      [0.9, 'pass'],
      [3, 'inconclusive'],
    ] as const) {
      const result = await judged({ records: (all) => neverDue(all, due(NORTH_B, 0, late)) });
      expect([load(result).verdict, verdictOf(result, 'steadyState/good')]).to.deep.equal([verdict, verdict]);
    }
  });
});

/** The generator stands still for a while on one path, and sends what was due then at its end; every answer is good. */
const standing = (path: number, from: number, lasts: number) => (all: Raw[]) =>
  edit(all, due(path, from, from + lasts), (record) => held(record, from + lasts));

describe('rules: quiet', () => {
  const stageOf = (result: RunResult, id = ID): Finding => findingOf(result, `recoveryTime/${id}`);

  it('S2 what was quiet for too long may hide an outage as long', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        seconds(11, 28),
        seconds(0.32, 0.9),
        async (path, from, lasts) => {
          const result = await judged({ expect: EXPECT, records: standing(path, from, lasts) });
          const id = pathOf(ZONES[path] as string);
          expect(stageOf(result, id).measured?.lo).to.equal(0);
          expect(stageOf(result, id).measured?.hi).to.be.within(lasts - 0.002, lasts + 0.06);
          expect(findingOf(result, `unaffected/${id}`).verdict).to.equal('inconclusive');
          expect(findingOf(result, `unaffected/${id}`).cause).to.match(/^nothing was sent for 0\.\d+ s/);
          expect(load(result).verdict).to.equal('pass');
        },
      ),
      { numRuns: 12 },
    );
  });

  it('S2 a quarter of a second, and three requests, are no quiet', async () => {
    for (const [rate, lasts, isQuiet] of [
      [20, 0.19, false],
      [20, 0.31, true],
      [50, 0.22, false],
      [50, 0.28, true],
      [5, 0.39, false],
      [5, 0.65, true],
    ] as const) {
      const result = await judged({ rate, expect: EXPECT, records: standing(NORTH_B, 18.001, lasts) });
      expect(verdictOf(result, `unaffected/${ID}`), `${lasts} s at ${rate}/s`).to.equal(
        isQuiet ? 'inconclusive' : 'pass',
      );
      expect(stageOf(result).measured !== undefined).to.equal(isQuiet);
    }
  });

  it('S2 it is added to the upper end of what is measured, and only there', async () => {
    await fc.assert(
      fc.asyncProperty(seconds(18, 28), seconds(0.32, 0.9), async (from, lasts) => {
        const outage = (all: Raw[]) => edit(all, due(NORTH_B, 12, 13.5), failed);
        const before = stageOf(await judged({ expect: EXPECT, records: outage })).measured;
        const records = (all: Raw[]) => standing(NORTH_B, from, lasts)(outage(all));
        const after = stageOf(await judged({ expect: EXPECT, records })).measured;
        expect(after?.lo).to.equal(before?.lo);
        expect((after?.hi ?? 0) - (before?.hi ?? 0)).to.be.within(lasts - 0.002, lasts + 0.06);
      }),
      { numRuns: 8 },
    );
  });

  it('S2 nothing is shown to be shorter than the time between two requests', async () => {
    for (const rate of [2, 5, 20]) {
      const gap = 1000 / rate;
      const at = (withinMs: number) =>
        judged({ rate, expect: { recoveryTime: { withinMs, consecutive: 5, lastingMs: 1000 } } });
      for (const id of [`recoveryTime/${ID}`, 'wayHome/paths']) {
        const verdicts = [verdictOf(await at(gap * 0.8), id), verdictOf(await at(gap * 1.2), id)];
        expect(verdicts, `${id} at ${rate}/s`).to.deep.equal(['inconclusive', 'pass']);
      }
    }
  });

  it('S2 a target shorter than the quiet is not reached for certain, on the way home as in a stage', async () => {
    const within = (withinMs: number) => ({ recoveryTime: { withinMs, consecutive: 5, lastingMs: 1000 } });
    for (const [from, id] of [
      [20, `recoveryTime/${ID}`],
      [35, 'wayHome/paths'],
    ] as const) {
      const verdict = async (target: number) =>
        verdictOf(await judged({ expect: within(target), records: standing(NORTH_B, from, 0.8) }), id);
      expect([await verdict(700), await verdict(900)]).to.deep.equal(['inconclusive', 'pass']);
    }
  });
});

describe('rules: the rate', () => {
  const everyNth =
    (path: number, n: number): Pick =>
    (record) =>
      record.path === path && record.seq % n === n - 1;

  it('S3 less than nine tenths of the asked rate on any path is not the asked load', async () => {
    for (const [path, rate] of [
      [0, 20],
      [2, 50],
      [4, 10],
    ] as const) {
      const thinned = (n: number) => judged({ rate, records: (all) => neverDue(all, everyNth(path, n)) });
      const much = load(await thinned(8));
      expect(much.verdict).to.equal('inconclusive');
      expect(much.cause).to.match(
        new RegExp(`the asked rate was not delivered on ${pathOf(ZONES[path] as string)}: \\d+ of \\d+ requests`),
      );
      expect(load(await thinned(12)).verdict).to.equal('pass');
    }
  });
});

describe('rules: load that was missing where it mattered', () => {
  const thin = (path: number, from: number, to: number, keep: number) => (all: Raw[]) =>
    neverDue(all, (record) => due(path, from, to)(record) && record.seq % keep !== 0);

  it('S3 a long run does not make up for a stretch in which too little was asked, wherever it lies', async () => {
    for (const rate of [20, 40]) {
      for (const [path, from, to, keep] of [
        [0, 10, 14, 4],
        [2, 10, 30, 2],
        [1, 4, 8, 2],
        [3, 35, 40, 3],
        [4, 28, 33, 2],
      ] as const) {
        const result = await judged(recovering({ rate, records: thin(path, from, to, keep) }));
        const told = load(result);
        expect(told.verdict, `1 of ${keep} from ${from} s to ${to} s at ${rate}/s`).to.equal('inconclusive');
        expect(told.cause).to.match(
          new RegExp(`not delivered on ${pathOf(ZONES[path] as string)}: \\d+ of \\d+ requests`),
        );
      }
    }
  });

  it('S3 as little as one quiet that the rate explains lacks nothing', async () => {
    for (const [rate, lasts] of [
      [40, 0.3],
      [5, 1.4],
    ] as const) {
      const result = await judged(recovering({ rate, records: thin(NORTH_B, 14, 14 + lasts, 2) }));
      expect(load(result).verdict, `${lasts} s at ${rate}/s`).to.equal('pass');
    }
  });

  it('S5 an end of the recover phase that no record reaches is not known to be good', async () => {
    for (const paths of [[0], [NORTH_B], [0, 1, 2, 3, 4]]) {
      for (const missing of [2, 4.5, 12]) {
        const end = (45 - missing) * SECOND;
        const records = (all: Raw[]) => all.filter(({ path, due: at }) => !paths.includes(path) || at < end);
        const result = await judged(recovering({ expect: EXPECT, records }));
        for (const id of ['loadQuality/load', 'steadyState/after'])
          expect(verdictOf(result, id), `${id}, the last ${missing} s of ${paths}`).to.equal('inconclusive');
        expect(load(result).cause).to.contain('end before the recovery was watched to its end');
      }
    }
  });

  it('S5 the last second of it may be missing', async () => {
    const records = (all: Raw[]) => all.filter(({ due: at }) => at < 44.1 * SECOND);
    const result = await judged(recovering({ expect: EXPECT, records }));
    expect([load(result).verdict, verdictOf(result, 'steadyState/after')]).to.deep.equal(['pass', 'pass']);
  });
});

describe('rules: callers that were not asked', () => {
  const perCaller = (result: RunResult): Finding => findingOf(result, 'errorBudget/perCaller');
  const expectations = { errorBudget: { perCaller: 10 } };

  /** In the baseline `pods` pods of mocka in a zone call in turn, under the fault the first `asked` of them. */
  const callers = (zone: string, pods: number, asked: number) => (all: Raw[]) =>
    edit(
      all,
      ({ path, chain }) => path === ZONES.indexOf(zone) && chain !== undefined,
      (record) => {
        const pod = record.seq % (record.due < 10 * SECOND ? pods : asked);
        const hops = record.chain?.hops.map((hop) =>
          hop.service === 'mocka' ? { ...hop, ip: ipOf('mocka', zone, pod) } : hop,
        );
        return { ...record, chain: { hops: hops ?? [], rest: record.chain?.rest ?? '' } };
      },
    );

  it('S4 a caller that was not asked under the fault has shown nothing', async () => {
    for (const zone of ZONES) {
      for (const [pods, asked] of [
        [2, 1],
        [5, 4],
        [30, 29],
      ] as const) {
        const finding = perCaller(await judged({ expect: expectations, records: callers(zone, pods, asked) }));
        expect(finding.verdict, `${asked} of ${pods} in ${zone}`).to.equal('inconclusive');
        expect(finding.cause).to.contain(`mocka ${zone} ${ipOf('mocka', zone, pods - 1)} was not asked`);
      }
    }
  });

  it('S4 callers that were all asked have, each alone', async () => {
    for (const pods of [1, 2, 7, 30]) {
      const result = await judged({ expect: expectations, records: callers('north-b', pods, pods) });
      expect(perCaller(result).verdict).to.equal('pass');
      expect(result.budget.notAsked).to.deep.equal([]);
    }
  });

  it('S4 where callers are asked less than ten times on average, one without a call is chance', async () => {
    for (const [pods, verdict] of [
      [36, 'inconclusive'],
      [44, 'pass'],
      [90, 'pass'],
    ] as const) {
      const result = await judged({ expect: expectations, records: callers('south-h', pods, pods - 1) });
      expect(perCaller(result).verdict, `${pods} callers`).to.equal(verdict);
    }
  });

  it('S4 a caller that the fault took away itself is not missed', async () => {
    const fault = faultOn('north-a');
    const [first] = fault.affected;
    const caller = { ...first, workload: 'mocka-north-a', pod: 'mocka-north-a-1', ip: ipOf('mocka', 'north-a', 1) };
    const both = { ...fault, affected: [...fault.affected, caller as (typeof fault.affected)[number]] };
    const verdict = async (hit: typeof fault) =>
      perCaller(await judged({ fault: hit, expect: expectations, records: callers('north-a', 2, 1) })).verdict;
    expect([await verdict(fault), await verdict(both)]).to.deep.equal(['inconclusive', 'pass']);
    const namesake = { ...caller, cluster: 'osaka', zone: 'south-h' } as (typeof fault.affected)[number];
    const elsewhere = { ...fault, affected: [...fault.affected, namesake] };
    expect(await verdict(elsewhere), 'its address in another cluster').to.equal('inconclusive');
  });

  it('S4 what others cost stays a fail', async () => {
    const records = (all: Raw[]) => callers('north-b', 2, 1)(edit(all, due(0, 12, 14), failed));
    expect(perCaller(await judged({ expect: expectations, records })).verdict).to.equal('fail');
  });
});
