import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding } from '../../model/finding.ts';
import type { RunResult } from '../../model/result.ts';
import { due as dueIn, edit, every, through } from '../testing/changes.ts';
import { edit as change, down, due, failed } from '../testing/edits.ts';
import { findingOf, type Handmade, judged, recovering } from '../testing/handmade.ts';
import type { Raw } from '../testing/record-file.ts';
import { pathOf, ZONES } from '../testing/world.ts';

const SECOND = 1e6;

const within = (withinMs: number) => ({ recoveryTime: { withinMs, consecutive: 5, lastingMs: 1000 } });
/** Whole milliseconds, as seconds: doubles would nearly all be tiny. */
const seconds = (min: number, max: number) =>
  fc.integer({ min: Math.ceil(min * 1000), max: Math.floor(max * 1000) }).map((ms) => ms / 1000);
const anyPath = fc.nat(ZONES.length - 1);

describe('rules: the way home', () => {
  const homeOf = (result: RunResult): Finding => findingOf(result, 'wayHome/paths');
  const outage = (path: number, from: number, to: number, run: Handmade = {}) =>
    judged(recovering({ expect: within(2000), ...run, records: down(path, from, to) }));
  /** The pods are away until the undo has ended; it takes ten seconds. */
  const slowUndo: Handmade = {
    times: { undo: 20, undone: 30 },
    callers: { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, 32] } },
  };

  it('W5 an outage that began there must be over within the recovery time of its own beginning', async () => {
    await fc.assert(
      fc.asyncProperty(anyPath, seconds(20.3, 25), seconds(0.5, 1.7), async (path, from, short) => {
        expect(homeOf(await outage(path, from, from + short, slowUndo)).verdict).to.equal('pass');
        const long = homeOf(await outage(path, from, from + short + 1.8, slowUndo));
        expect(long.verdict).to.equal('fail');
        expect(long.measured?.lo).to.be.within(short + 1.6, short + 1.9);
      }),
      { numRuns: 10, examples: [...ZONES.keys()].map((path) => [path, 20, 1.5]) },
    );
  });

  it('W5 one that began there and is over within the recovery time, but only later than that after the undo, is open', async () => {
    await fc.assert(
      fc.asyncProperty(anyPath, seconds(0.6, 1.4), seconds(0.5, 10), async (path, short, later) => {
        const early = await outage(path, 31.05, 31.05 + short);
        expect(homeOf(early).verdict).to.equal('pass');
        const late = homeOf(await outage(path, 32.1 + later, 32.1 + later + short));
        expect(late.verdict).to.equal('inconclusive');
        expect(late.measured?.lo).to.be.within(short - 0.15, short + 0.02);
      }),
      { numRuns: 10 },
    );
  });

  it('W5 errors here and there, all the way home, are no steady state, though each may be noise', async () => {
    for (const [path, nth, verdict] of [
      [0, 25, 'inconclusive'],
      [4, 32, 'inconclusive'],
      [2, 200, 'pass'],
    ] as const) {
      const times = { end: 95 };
      const records = (all: Raw[]) =>
        change(all, (record) => due(path, 34, 88)(record) && record.seq % nth === 0, failed);
      const run: Handmade = { times, expect: { ...within(2000), steadyState: { goodAtLeast: 0.99 } }, records };
      const told = homeOf(await judged(recovering(run)));
      expect(told.verdict, `one in ${nth}`).to.equal(verdict);
      if (verdict !== 'pass')
        expect(told.cause).to.contain(`bad on ${pathOf(ZONES[path] as string)} beside any outage`);
    }
  });

  it('W5 one that the fault had begun is judged from the end of the undo alone', async () => {
    for (const [to, verdict] of [
      [30.9, 'pass'],
      [32.5, 'pass'],
      [33.4, 'fail'],
      [40, 'fail'],
    ] as const) {
      const result = await outage(0, 10.2, to);
      expect(homeOf(result).verdict, `until ${to} s`).to.equal(verdict);
      expect(result.findings.some((one) => one.objective === 'recoveryTime' && one.verdict === 'fail')).to.equal(true);
    }
  });

  it('W5 where no recovery time is promised, an outage that began there is open', async () => {
    const promised = { expect: {} };
    for (const path of ZONES.keys())
      expect(homeOf(await outage(path, 34, 35, promised)).verdict).to.equal('inconclusive');
    expect(homeOf(await outage(0, 10.2, 33, promised)).verdict).to.equal('pass');
    expect(homeOf(await outage(0, 10.2, 46, promised)).verdict).to.equal('inconclusive');
    expect(homeOf(await outage(0, 33, 33.05, promised)).verdict).to.equal('pass');
  });

  it('W5 an outage of the last second is seen as well', async () => {
    for (const path of ZONES.keys()) expect(homeOf(await outage(path, 43.7, 46)).verdict).not.to.equal('pass');
  });
});

describe('rules: the end', () => {
  const endOf = (result: RunResult): Finding => findingOf(result, 'steadyState/after');

  it('W6 is the last five seconds of the recover phase, or half of it', async () => {
    for (const [end, last] of [
      [34.1, 1.5],
      [37.1, 3],
      [41.1, 5],
      [49.1, 5],
    ] as const) {
      const to = (end - 0.1) * SECOND;
      let there = 0;
      const result = await judged(
        recovering({
          times: { end },
          records: (all) => {
            there = all.filter((record) => record.due >= to - last * SECOND && record.due < to).length;
            return all;
          },
        }),
      );
      expect(endOf(result).samples).to.equal(there);
    }
  });

  /** `n` requests of a path bad in the last five seconds, none two in a row, and the last second good. */
  const strays = (path: number, n: number) => (all: Raw[]) => {
    const window = due(path, 39.9, 43.9);
    const some = all.filter(window).toSorted((a, b) => a.seq - b.seq);
    const bad = new Set(some.filter((_, i) => i % 2 === 0).slice(0, n));
    return change(all, (record) => bad.has(record), failed);
  };

  it('W6 no path is shown to be worse there than steady, alone', async () => {
    for (const path of ZONES.keys()) {
      const verdict = async (n: number) => endOf(await judged(recovering({ records: strays(path, n) }))).verdict;
      expect([await verdict(3), await verdict(18), await verdict(35)]).to.deep.equal(['pass', 'inconclusive', 'fail']);
    }
  });

  it('W6 none is failing when the run ends, however good its share', async () => {
    const steadyState = { goodAtLeast: 0.5 };
    for (const path of ZONES.keys()) {
      const last = (from: number) => judged(recovering({ expect: { steadyState }, records: down(path, from, 46) }));
      const result = endOf(await last(44.2));
      expect(result.verdict).to.equal('fail');
      expect(result.cause).to.contain(`${pathOf(ZONES[path] as string)} was failing when the run ended`);
      const over = judged(recovering({ expect: { steadyState }, records: down(path, 41, 42) }));
      expect(endOf(await over).verdict).to.equal('pass');
    }
  });

  it('W6 callers that never left home, or had come back, are there', async () => {
    for (const zone of ['north-b', 'north-c', 'south-h']) {
      const hit = { failures: [[10.2, 10.5]], away: [10.2, 32] } as const;
      const other = zone === 'north-b' ? 'north-c' : 'north-b';
      const away = (from: number, to: number, place: (t: number) => string = () => other) =>
        judged(recovering({ callers: { 'north-a': hit, [zone]: { away: [from, to] } }, place }));
      const isBack = (t: number): string => (t > 30 * SECOND && t < 40.5 * SECOND ? zone : other);
      for (const result of [await away(40.5, 46), await away(33, 39.5), await away(12, 46, isBack)]) {
        const finding = endOf(result);
        expect([finding.verdict, finding.cause?.includes(`calls of mockb from ${zone}`)]).to.deep.equal(['fail', true]);
      }
      expect(endOf(await away(35, 35.4)).verdict).to.equal('pass');
      expect(endOf(await away(41, 41.06)).verdict).to.equal('pass');
      // Who had moved under the fault and never came home is asked about by failback.
      expect(endOf(await away(12, 46)).verdict).to.equal('pass');
    }
  });

  it('W6 callers that come home for some calls and leave again for the rest of the run are missed', async () => {
    for (const zone of ['north-b', 'south-h']) {
      for (const home of [31.2, 34, 37]) {
        const isBack = (t: number): string => (t > home * SECOND && t < (home + 1.2) * SECOND ? zone : 'north-c');
        const result = await judged(recovering({ callers: { [zone]: { away: [10.2, 46] } }, place: isBack }));
        const finding = endOf(result);
        expect([finding.verdict, finding.cause?.includes(`calls of mockb from ${zone}`)]).to.deep.equal(['fail', true]);
      }
    }
  });

  it('W6 callers that had stayed may not leave for seconds after the undo, however long the rest is', async () => {
    const long = { times: { end: 120 }, rate: 20 };
    const hit = { failures: [[10.2, 10.5]], away: [10.2, 32] } as const;
    const away = (from: number, to: number) =>
      judged(
        recovering({ ...long, callers: { 'north-a': hit, 'north-b': { away: [from, to] } }, place: () => 'north-c' }),
      );
    for (const from of [30.5, 60, 90]) {
      const finding = endOf(await away(from, from + 4.2));
      expect([finding.verdict, finding.cause]).to.deep.equal([
        'fail',
        finding.cause?.match(/^\d+ of \d+ calls of mockb from north-b went to north-c, for seconds most of them$/)?.[0],
      ]);
      expect(endOf(await away(from, from + 0.5)).verdict).to.equal('pass');
    }
    // Who was away already when the undo was asked for has not left after it.
    expect(endOf(await away(29.2, 33.5)).verdict).to.equal('pass');
  });

  it('W6 callers that were away for seconds in the baseline as well do what they always did', async () => {
    const times = { baseline: 60, request: 60, ack: 60.1, proven: 60.6, undo: 80, undone: 81, end: 160 };
    const hit = { failures: [[60.2, 60.5]], away: [60.2, 82] } as const;
    const endWith = async (...away: readonly number[]) => {
      const records = (all: Raw[]) =>
        edit(
          all,
          ...away.map((t) => [dueIn('north-b', t, t + 3.5), through('north-b', 'north-c', 'north-c')] as const),
        );
      return endOf(await judged(recovering({ times, effective: 60.3, callers: { 'north-a': hit }, records }))).verdict;
    };
    expect([await endWith(100), await endWith(30, 100), await endWith(30)]).to.deep.equal(['fail', 'pass', 'pass']);
  });

  it('W6 callers that were mostly at home before may not leave for good after the undo, either', async () => {
    const moved = (...spans: readonly (readonly [n: number, from: number, to: number])[]) =>
      judged(
        recovering({
          records: (all) =>
            edit(
              all,
              ...spans.map(
                ([n, from, to]) =>
                  [every(n, dueIn('north-c', from, to)), through('north-c', 'north-b', 'north-b')] as const,
              ),
            ),
        }),
      );
    expect(endOf(await moved([5, 0, 45])).verdict).to.equal('pass');
    expect(endOf(await moved([5, 0, 33], [1, 33, 45])).verdict).to.equal('fail');
  });

  it('W6 a burst of errors as there were before says nothing of the end', async () => {
    const bursts = (...starts: readonly number[]) => {
      const path = pathOf('north-b');
      const inBurst = ({ due: t }: Raw) => starts.some((start) => t >= start * SECOND && t < (start + 0.5) * SECOND);
      const steady = { goodAtLeast: 0.98 };
      return judged(
        recovering({
          expect: { steadyState: steady },
          records: (all) =>
            change(all, (record) => pathOf(ZONES[record.path] as string) === path && inBurst(record), failed),
        }),
      );
    };
    expect(endOf(await bursts(2, 5, 8, 15, 20, 25, 41)).verdict).not.to.equal('fail');
    expect(endOf(await bursts(40.2, 40.6, 41, 41.4, 41.8, 42.2, 42.6)).verdict).to.equal('fail');
  });

  it('W6 calls that stray in bursts are no way out', async () => {
    const strays = (...starts: readonly number[]) =>
      judged(
        recovering({
          records: (all) =>
            edit(
              all,
              ...starts.map(
                (from) => [dueIn('north-c', from, from + 0.4), through('north-c', 'north-b', 'north-b')] as const,
              ),
            ),
        }),
      );
    expect(endOf(await strays(2, 8, 15, 25, 42)).verdict).not.to.equal('fail');
    expect(endOf(await strays(42)).verdict, 'one burst of less than half a second').not.to.equal('fail');
  });
});
