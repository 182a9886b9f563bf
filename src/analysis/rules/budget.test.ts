import { expect } from 'chai';
import fc from 'fast-check';
import type { Verdict } from '../../model/finding.ts';
import type { RunResult } from '../../model/result.ts';
import type { ErrorBudget } from '../../model/scenario.ts';
import {
  type Change,
  dropped,
  due,
  edit,
  every,
  firstOf,
  type Is,
  isBad,
  lost,
  reset,
  scattered,
  sentAt,
  through,
  upstreamError,
} from '../testing/changes.ts';
import { findingOf, type Handmade, judged, recordsOf } from '../testing/handmade.ts';
import { holds, rates, seeds } from '../testing/holds.ts';
import type { Raw } from '../testing/record-file.ts';
import { faultOn, ipOf } from '../testing/world.ts';

const KINDS = ['perPath', 'perCaller', 'ratio'] as const;
/** The window of a handmade run: injection requested at 10 s, undone at 31 s, a timeout of 2 s. */
const WINDOW = [10, 33] as const;
/** The fault takes the pods away and everybody goes next door without an error. */
const QUIET: Handmade = { callers: { 'north-a': { away: [10.2, 32] } } };

const inWindow: Is = (record) => record.due >= WINDOW[0] * 1e6 && record.due < WINDOW[1] * 1e6;
const count = (records: readonly Raw[], is: Is): number => records.filter(is).length;
const failing = (is: Is) => (records: Raw[]) => edit(records, [is, upstreamError]);

const budgeted = (run: Handmade, errorBudget: ErrorBudget): Promise<RunResult> =>
  judged({ ...run, expect: { ...run.expect, errorBudget } });

/** The verdicts of perPath, perCaller and ratio, each with the same number of errors allowed. */
async function verdicts(run: Handmade, allowed: number): Promise<Verdict[]> {
  const ratio = allowed / count(recordsOf(run).records, inWindow);
  const result = await budgeted(run, { perPath: allowed, perCaller: allowed, ratio });
  return KINDS.map((kind) => findingOf(result, `errorBudget/${kind}`).verdict);
}

/** How many errors were surely, and perhaps, made on the worst path, by the worst caller, and by all (from the share). */
async function measured(run: Handmade): Promise<{ lo: number; hi: number }[]> {
  const result = await budgeted(run, { perPath: 1000, perCaller: 1000, ratio: 1 });
  const { good, bad, unknown } = result.budget;
  return KINDS.map((kind) => {
    const { lo = -1, hi = -1 } = findingOf(result, `errorBudget/${kind}`).measured ?? {};
    const scale = kind === 'ratio' ? (good + bad + unknown) / 100 : 1;
    return { lo: Math.round(lo * scale), hi: Math.round((hi ?? -1) * scale) };
  });
}

const same = (lo: number, hi: number): { lo: number; hi: number }[] => KINDS.map(() => ({ lo, hi }));

describe('docs/verdict.md 8: error budget', () => {
  it('B1 every error of an outage counts for certain: as many as allowed pass, one more fails', () =>
    holds(
      fc.record({
        seed: seeds,
        rate: rates,
        mode: fc.constantFrom('text', '503'),
        length: fc.double({ min: 0.6, max: 3, noNaN: true }),
      }),
      async ({ seed, rate, mode, length }) => {
        const hit = { failures: [[10.2, 10.2 + length]] as const, mode, away: [10.2, 32] as const };
        const run: Handmade = { seed, rate, callers: { 'north-a': hit } };
        const bad = count(recordsOf(run).records, isBad);
        expect(await verdicts(run, bad)).to.deep.equal(['pass', 'pass', 'pass']);
        expect(await verdicts(run, bad - 1)).to.deep.equal(['fail', 'fail', 'fail']);
      },
    ));

  it('B1 the window reaches from the first injection request to the end of the undo and one timeout', () =>
    holds(
      fc.record({ seed: seeds, rate: rates, from: fc.double({ min: 11, max: 40, noNaN: true }) }),
      async ({ seed, rate, from }) => {
        const run: Handmade = { ...QUIET, seed, rate, records: failing(due('north-a', from, from + 0.9)) };
        const counted = count(recordsOf(run).records, (record) => isBad(record) && inWindow(record));
        expect(await measured(run)).to.deep.equal(same(counted, counted));
      },
      12,
    ));

  for (const [when, from, counts] of [
    ['before the injection', 8.5, false],
    ['at the injection', 10, true],
    ['while the undo goes on', 30.2, true],
    ['in the last moments of the timeout', 32.3, true],
    ['after it', 33, false],
  ] as const) {
    it(`B1 errors ${when} ${counts ? 'count' : 'do not count'}`, () =>
      holds(
        fc.record({ seed: seeds, rate: rates }),
        async ({ seed, rate }) => {
          const run: Handmade = { ...QUIET, seed, rate, records: failing(due('north-a', from, from + 0.6)) };
          const bad = count(recordsOf(run).records, isBad);
          const [path] = await measured(run);
          expect(path).to.deep.equal(counts ? { lo: bad, hi: bad } : { lo: 0, hi: 0 });
          const { budget } = await budgeted(run, { perPath: 1000 });
          expect([budget.bad, budget.groups.length > 0]).to.deep.equal(counts ? [bad, true] : [0, false]);
        },
        3,
      ));
  }

  it('B1 the window ends with the undo of the last fault', () =>
    holds(
      fc.record({ seed: seeds, undone: fc.double({ min: 33, max: 37, noNaN: true }) }),
      async ({ seed, undone }) => {
        const second = faultOn('north-b');
        const step = { type: 'fault', fault: second.name } as const;
        const run: Handmade = {
          seed,
          headers: [second],
          callers: { 'north-a': { away: [10.2, 32] }, 'north-b': { away: [20.2, 38] } },
          place: () => 'north-c',
          events: (history) =>
            history
              .at(20e6, { ...step, step: 'requested' })
              .at(20.1e6, { ...step, step: 'acknowledged' })
              .at(20.6e6, { ...step, step: 'proven', effective: 20.3e6 })
              .at(30e6, { ...step, step: 'undo-requested' })
              .at(undone * 1e6, { ...step, step: 'undone', objects: [] }),
          records: failing(due('north-a', undone + 1, undone + 1.6)),
        };
        const bad = count(recordsOf(run).records, isBad);
        expect((await measured(run))[0]).to.deep.equal({ lo: bad, hi: bad });
      },
      3,
    ));

  it('B1 errors that may be noise widen it upwards: never a fail, and a pass only with all of them', () =>
    holds(
      fc.record({
        seed: seeds,
        rate: rates,
        bad: fc.integer({ min: 1, max: 2 }),
        at: fc.integer({ min: 13, max: 24 }),
      }),
      async ({ seed, rate, bad, at }) => {
        const single = (from: number): Is => firstOf(1, due('north-a', from, from + 1));
        const run = (): Handmade => ({
          ...QUIET,
          seed,
          rate,
          records: (all) =>
            edit(all, [single(at), upstreamError], ...(bad === 2 ? [[single(at + 4), upstreamError] as const] : [])),
        });
        expect(await measured(run())).to.deep.equal(same(0, bad));
        expect(await verdicts(run(), bad)).to.deep.equal(['pass', 'pass', 'pass']);
        expect(await verdicts(run(), bad - 1)).to.deep.equal(['inconclusive', 'inconclusive', 'inconclusive']);
      },
    ));

  it('B1 noise as the baseline had it is no certain cost either', () =>
    holds(fc.record({ seed: seeds, rate: rates, n: fc.integer({ min: 30, max: 50 }) }), async ({ seed, rate, n }) => {
      const noise = every(n, (record) => record.due < 30e6 && record.seq > 2 && record.path === 0);
      const run: Handmade = { ...QUIET, seed, rate, records: failing(noise) };
      const bad = count(recordsOf(run).records, (record) => isBad(record) && inWindow(record));
      expect(await measured(run)).to.deep.equal(same(0, bad));
    }));

  it('B1 many scattered errors are together more than noise, in the stage and on the way home', () =>
    holds(seeds, async (seed) => {
      for (const [from, to] of [
        [12, 30],
        [31.2, 45],
      ] as const) {
        const run: Handmade = { ...QUIET, seed, records: failing(scattered(due('north-a', from, to))) };
        const bad = count(recordsOf(run).records, (record) => isBad(record) && inWindow(record));
        expect((await measured(run))[0]).to.deep.equal({ lo: bad, hi: bad });
      }
    }));

  it('B1 an error that came while T0 was open is the fault’s, however small', () =>
    holds(fc.record({ seed: seeds, rate: fc.constantFrom(20, 40) }), async ({ seed, rate }) => {
      const atEffect = (zone: string) => (all: Raw[]) => edit(all, [firstOf(1, due(zone, 10.22, 12)), upstreamError]);
      const run: Handmade = { ...QUIET, seed, rate };
      expect(await measured({ ...run, records: atEffect('north-a') })).to.deep.equal(same(1, 1));
      // A path that the fault does not concern, or that erred before, has no first error of the fault.
      expect(await measured({ ...run, records: atEffect('north-c') })).to.deep.equal(same(0, 1));
      const noisy = (all: Raw[]) => atEffect('north-a')(edit(all, [firstOf(1, due('north-a', 4, 5)), upstreamError]));
      expect(await measured({ ...run, records: noisy })).to.deep.equal(same(0, 1));
    }));

  it('B1 an error from before T0 was open may be noise', () =>
    holds(fc.record({ seed: seeds, at: fc.double({ min: 11, max: 20, noNaN: true }) }), async ({ seed, at }) => {
      const run: Handmade = {
        seed,
        times: { proven: 24 },
        effective: 23,
        callers: { 'north-a': { away: [23, 32] } },
        records: (all) => edit(all, [firstOf(1, due('north-a', at, 22)), upstreamError]),
      };
      expect(await measured(run)).to.deep.equal(same(0, 1));
    }));

  it('B1 a burst on a path that always had some noise is an outage, in the stage and on the way home', () =>
    holds(fc.record({ seed: seeds, from: fc.constantFrom(15, 22, 31.5) }), async ({ seed, from }) => {
      const noise = every(33, due('north-a', 0, 10));
      const records = (all: Raw[]) =>
        edit(all, [noise, upstreamError], [due('north-a', from, from + 0.5), upstreamError]);
      const run: Handmade = { ...QUIET, seed, records };
      const bad = count(recordsOf(run).records, (record) => isBad(record) && inWindow(record));
      expect((await measured(run))[0]).to.deep.equal({ lo: bad, hi: bad });
    }));

  it('B1 an outage that goes on over the undo request is one outage', () =>
    holds(fc.record({ seed: seeds, rate: rates }), async ({ seed, rate }) => {
      const last = { ...QUIET, seed, rate };
      const records = (all: Raw[]) =>
        edit(all, [due('north-a', 29.3, 30), upstreamError], [firstOf(1, due('north-a', 30, 31)), upstreamError]);
      const bad = count(recordsOf({ ...last, records }).records, isBad);
      expect((await measured({ ...last, records }))[0]).to.deep.equal({ lo: bad, hi: bad });
    }));

  it('B1 unknown requests widen it upwards, those outside the window do not', () =>
    holds(
      fc.record({ seed: seeds, rate: rates, n: fc.integer({ min: 1, max: 6 }), how: fc.constantFrom(dropped, lost) }),
      async ({ seed, rate, n, how }) => {
        const cut = (from: number, to: number) => (all: Raw[]) =>
          edit(all, [due('north-a', 15, 15.6), upstreamError], [firstOf(n, due('north-a', from, to)), how]);
        const run = (from: number, to: number): Handmade => ({ ...QUIET, seed, rate, records: cut(from, to) });
        const bad = count(recordsOf(run(20, 24)).records, isBad);
        expect(await measured(run(20, 24))).to.deep.equal(same(bad, bad + n));
        expect(await measured(run(3, 6))).to.deep.equal(same(bad, bad));
        expect(await measured(run(36, 40))).to.deep.equal(same(bad, bad));
        expect(await verdicts(run(20, 24), bad + n - 1)).to.deep.equal(KINDS.map(() => 'inconclusive'));
      },
      4,
    ));

  it('B1 requests that the records of a path end before are unknown', () =>
    holds(fc.record({ seed: seeds, rate: rates, end: fc.double({ min: 20, max: 31, noNaN: true }) }), async (one) => {
      const { seed, rate, end } = one;
      const run: Handmade = { ...QUIET, seed, rate, records: (all) => edit(all, [due('north-c', end, 99), lost]) };
      for (const { lo, hi } of await measured(run)) {
        expect(lo).to.equal(0);
        expect(hi).to.be.within(Math.floor((33 - end) * rate) - 1, (33 - end) * rate + 1);
      }
    }));

  it('B1 is counted for each path and each calling proxy: the worst decides, the share counts them all', () =>
    holds(fc.record({ seed: seeds, rate: rates }), async ({ seed, rate }) => {
      const callers = {
        'north-a': { failures: [[10.2, 11.2]] as const, away: [10.2, 32] as const },
        'north-b': { failures: [[15, 15.6]] as const },
      };
      const run: Handmade = { seed, rate, callers };
      const { records } = recordsOf(run);
      const [a, b] = [0, 1].map((path) => count(records, (record) => isBad(record) && record.path === path)) as [
        number,
        number,
      ];
      const [path, caller, all] = await measured(run);
      expect([path, caller]).to.deep.equal([0, 0].map(() => ({ lo: a, hi: a })));
      expect(all).to.deep.equal({ lo: a + b, hi: a + b });
      const { budget } = await budgeted(run, { perPath: 1 });
      expect(budget.callers.map((row) => [row.caller, row.bad])).to.deep.equal([
        [`mocka north-a ${ipOf('mocka', 'north-a', 0)}`, a],
        [`mocka north-b ${ipOf('mocka', 'north-b', 0)}`, b],
      ]);
    }));

  it('B1 the caller is whoever made the call that failed', async () => {
    const brokenAt = (hops: number) => (all: Raw[]) =>
      edit(all, [
        due('north-a', 10.3, 11),
        (record) => {
          const full = through('north-a', 'north-b', 'north-b')(record).chain?.hops ?? [];
          return { ...record, chain: { hops: full.slice(0, hops), rest: 'upstream connect error' } };
        },
      ]);
    const blamed = async (hops: number) =>
      (await budgeted({ ...QUIET, records: brokenAt(hops) }, { perCaller: 1 })).budget.callers[0]?.caller;
    expect(await blamed(0)).to.equal('gateway tokyo/north-a');
    expect(await blamed(1)).to.equal(`mocka north-a ${ipOf('mocka', 'north-a', 0)}`);
    expect(await blamed(2)).to.equal(`mockb north-b ${ipOf('mockb', 'north-b', 0)}`);
  });

  it('B1 an error without any answer may be anybody’s: its callers share them at least evenly', () =>
    holds(fc.record({ seed: seeds, rate: rates, how: fc.constantFrom('timeout', 'reset') }), async (one) => {
      const { seed, rate, how } = one;
      const slow: Handmade = { callers: { 'north-a': { failures: [[11, 12]], mode: 'timeout', away: [10.2, 32] } } };
      const gone: Handmade = { ...QUIET, records: (all) => edit(all, [due('north-a', 11, 12), reset()]) };
      const run = { ...(how === 'timeout' ? slow : gone), seed, rate };
      const bad = count(recordsOf(run).records, isBad);
      // The gateway, the pod of mocka and both pods of mockb in that zone call somebody.
      const [path, caller] = await measured(run);
      expect([path, caller]).to.deep.equal([
        { lo: bad, hi: bad },
        { lo: Math.ceil(bad / 4), hi: bad },
      ]);
    }));

  it('B2 errors of requests that were sent late and all at once widen it upwards only', () =>
    holds(fc.record({ seed: seeds, rate: rates, from: fc.integer({ min: 12, max: 26 }) }), async (one) => {
      const { from, ...rest } = one;
      const stretch = due('north-a', from, from + 1);
      const run = (late: Change): Handmade => ({
        ...QUIET,
        ...rest,
        records: (all) => edit(all, [stretch, upstreamError], [stretch, late]),
      });
      const bad = rest.rate;
      for (const { lo, hi } of await measured(run(sentAt(from + 1)))) {
        expect(hi).to.equal(bad);
        expect(lo).to.be.at.most(2);
      }
      // Late, but each at its distance: the system met the rate that was promised.
      const delayed: Change = (record) => ({ ...record, start: record.start + 5e5, end: record.end + 5e5 });
      expect(await measured(run(delayed))).to.deep.equal(same(bad, bad));
    }));

  it('B1 is open where nothing was injected, and where the fault is not established', async () => {
    const hit = { 'north-a': { failures: [[10.2, 13]] as const, away: [10.2, 32] as const } };
    const one = async (run: Handmade): Promise<readonly [Verdict, string | undefined]> => {
      const { verdict, cause } = findingOf(await budgeted(run, { perPath: 1 }), 'errorBudget/perPath');
      return [verdict, cause];
    };
    expect(await one({ status: 'refused', callers: {} })).to.deep.equal([
      'inconclusive',
      'nothing was injected or sent',
    ]);
    const [verdict, cause] = await one({ callers: hit, effective: null });
    expect(verdict).to.equal('inconclusive');
    expect(cause).to.match(/not established/);
  });
});
