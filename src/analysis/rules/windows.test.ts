import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding } from '../../model/finding.ts';
import type { RunResult } from '../../model/result.ts';
import { analyze } from '../index.ts';
import { due, edit, failed, timedOut } from '../testing/edits.ts';
import { findingOf, type Handmade, historyOf, judged, recordsOf } from '../testing/handmade.ts';
import { chunks, type Raw } from '../testing/record-file.ts';
import { CHAIN, faultOn, ipOf, ORDER, pathOf, ZONES } from '../testing/world.ts';
import { readFacts } from '../timeline/history.ts';
import { stagesOf } from '../timeline/stages.ts';
import { segmentsOf, windowsOf } from '../timeline/windows.ts';

const SECOND = 1e6;
const NORTH_B = 1;
const ID = pathOf('north-b');

/** A run with a recover phase from the end of the undo to just before its end. */
function recovering(run: Handmade = {}): Handmade {
  const { undone = 31, end = 45 } = run.times ?? {};
  return {
    ...run,
    events: (history) => {
      history.at(undone * SECOND, { type: 'phase-start', phase: 'recover' });
      history.at((end - 0.1) * SECOND, { type: 'phase-end', phase: 'recover' });
      run.events?.(history);
    },
  };
}

const within = (withinMs: number) => ({ recoveryTime: { withinMs, consecutive: 5, lastingMs: 1000 } });
const unaffected = { except: [{ zone: 'north-a' }] };
const down = (path: number, from: number, to: number) => (all: Raw[]) => edit(all, due(path, from, to), failed);
/** Whole milliseconds, as seconds: doubles would nearly all be tiny. */
const seconds = (min: number, max: number) =>
  fc.integer({ min: Math.ceil(min * 1000), max: Math.floor(max * 1000) }).map((ms) => ms / 1000);
const anyPath = fc.nat(ZONES.length - 1);

describe('rules: parts of a run', () => {
  const secondFault = (at: number): NonNullable<Handmade['events']> => {
    const step = { type: 'fault', fault: 'mockb-north-b' } as const;
    return (history) =>
      history
        .at(at, { ...step, step: 'requested' })
        .at(at + 1e5, { ...step, step: 'acknowledged' })
        .at(at + 5e5, { ...step, step: 'proven', effective: at + 2e5 })
        .at(26e6, { ...step, step: 'undo-requested' })
        .at(27e6, { ...step, step: 'undone', objects: [] });
  };

  it('W1 every time lies in one part of the run, whatever its cuts', () => {
    const request = seconds(2, 12);
    fc.assert(
      fc.property(request, seconds(0, 4), seconds(3, 10), seconds(0, 60), (at, ahead, later, t) => {
        const second = Math.round((at + later) * SECOND);
        const facts = readFacts(
          historyOf({
            times: { baseline: Math.max(0.1, at - ahead), request: at, ack: at + 0.1, proven: at + 0.6, undo: 25 },
            effective: at + 0.3,
            headers: [faultOn('north-b')],
            events: secondFault(second),
          }),
        );
        const stages = stagesOf(facts);
        const segments = segmentsOf(facts, stages, windowsOf(facts));
        const time = t * SECOND;
        const there = segments.filter(({ start, end }) => start <= time && time < end);
        expect(there.length).to.equal(1);
        const first = Math.round(at * SECOND);
        const part = time < first ? 'baseline' : time < 25 * SECOND ? 'stage' : 'home';
        const stage = part === 'stage' ? (time < second ? 0 : 1) : -1;
        expect([there[0]?.part, there[0]?.stage]).to.deep.equal([part, stage]);
        expect(stages.map(({ active }) => active.length)).to.deep.equal([1, 2]);
      }),
      { numRuns: 200 },
    );
  });

  it('W1 an outage is told of its path, whenever and wherever it came', async () => {
    const promised = { steadyState: { goodAtLeast: 0.9 }, ...within(1000) };
    expect((await judged(recovering({ expect: promised }))).verdict).to.equal('pass');
    await fc.assert(
      fc.asyncProperty(anyPath, seconds(0, 43), fc.integer(), async (path, from, seed) => {
        const result = await judged(
          recovering({ seed, expect: promised, records: (all) => down(path, from, from + 2.2)(all) }),
        );
        // Its path, or its gateway: both end so.
        const place = pathOf(ZONES[path] as string).replace('entry@', '');
        const told = result.findings.filter(
          ({ verdict, subject, cause }) => verdict !== 'pass' && `${subject} ${cause}`.includes(place),
        );
        expect(told, `${place} from ${from} s`).not.to.deep.equal([]);
      }),
      { numRuns: 60 },
    );
  });

  it('W1 a later stage is judged as the first one is', async () => {
    const run = { headers: [faultOn('north-b')], events: secondFault(18e6), times: { undo: 25 }, expect: within(1000) };
    const callers = { 'north-b': { away: [18.2, 32] } } as const;
    for (const path of [2, 3]) {
      const result = await judged({ ...run, callers, records: down(path, 20, 22) });
      const id = pathOf(ZONES[path] as string);
      expect(findingOf(result, `recoveryTime/${id}/stage-2`).measured?.lo).to.be.within(1.8, 2);
      expect(findingOf(result, `recoveryTime/${id}`).measured).to.equal(undefined);
    }
  });
});

describe('rules: into the fault', () => {
  const samplesOf = (result: RunResult): number => findingOf(result, 'steadyState/good').samples;
  const budgetOf = (result: RunResult) => result.budget.paths.find(({ path }) => path === ID);

  it('W2 the baseline reaches up to the first injection request', async () => {
    await fc.assert(
      fc.asyncProperty(seconds(5, 11.9), seconds(5, 11), async (phaseEnd, from) => {
        let ended = 0;
        const result = await judged({
          times: { baseline: phaseEnd, request: 12, ack: 12.1, proven: 12.6 },
          effective: 12.3,
          callers: { 'north-a': { failures: [[12.2, 12.5]], away: [12.2, 32] } },
          records: (all) => {
            const some = down(NORTH_B, from, from + 0.3)(all);
            ended = some.filter(({ end }) => end <= 12 * SECOND).length;
            return some;
          },
        });
        expect(samplesOf(result)).to.equal(ended);
        expect(findingOf(result, 'steadyState/good').story).to.contain(`${ended - 6} of ${ended} requests`);
        expect(budgetOf(result)?.bad).to.equal(0);
      }),
      { numRuns: 12 },
    );
  });

  /** Before the fault the slowest good answer of north-b takes 0.5 s; what is due in the last `age` seconds never comes. */
  const hanging = (age: number, count: (young: number, old: number) => void): Handmade => ({
    records: (all) => {
      const slow = edit(all, due(NORTH_B, 5, 5.05), (record) => ({ ...record, end: record.start + 500_000 }));
      const gone = due(NORTH_B, 10 - age, 10);
      const young = slow.filter((record) => gone(record) && record.start >= 9.5 * SECOND).length;
      count(young, slow.filter(gone).length - young);
      return edit(slow, gone, (record) => timedOut(record));
    },
  });

  it('W2 a request that was under way at the injection belongs to the stage', async () => {
    for (const age of [0.1, 0.2, 0.45]) {
      let young = 0;
      const result = await judged(
        hanging(age, (n, old) => {
          young = n;
          expect(old).to.equal(0);
        }),
      );
      expect(young).to.be.at.least(2);
      expect(budgetOf(result)?.bad).to.equal(young);
      expect(findingOf(result, 'steadyState/good').verdict).to.equal('pass');
    }
  });

  it('W2 a request older than any good answer belongs to the baseline', async () => {
    for (const age of [0.7, 1.1, 1.9]) {
      let [young, old] = [0, 0];
      const result = await judged(
        hanging(age, (...counts) => {
          [young, old] = counts;
        }),
      );
      expect(old).to.be.at.least(3);
      expect(budgetOf(result)?.bad).to.equal(young);
      const story = /(\d+) of (\d+) requests in the baseline/.exec(findingOf(result, 'steadyState/good').story);
      expect(Number(story?.[2]) - Number(story?.[1])).to.equal(old);
    }
  });

  it('W2 an outage cannot hide between baseline and fault', async () => {
    await fc.assert(
      fc.asyncProperty(seconds(0.15, 4), seconds(0, 2.5), fc.boolean(), async (ahead, after, hangs) => {
        const result = await judged({
          expect: { ...within(5000), unaffected },
          records: (all) =>
            edit(all, due(NORTH_B, 10 - ahead, 10 + after), hangs ? (record) => timedOut(record) : failed),
        });
        expect(result.verdict).not.to.equal('pass');
      }),
      // An outage that begins right before the fault is no noise, however little of it the baseline holds.
      { numRuns: 20, examples: [0.15, 0.3, 0.5].map((ahead) => [ahead, 3 * ahead, false]) },
    );
  });
});

describe('rules: out of the fault', () => {
  const expectations = { failoverOrder: [ORDER], ...within(5000) };
  const isBackEarly = due(0, 28.8, 30);
  /** In the last second before the undo requests of north-a hang, and are answered at home when its pods are back. */
  const answeredAt = (after: number) => (all: Raw[]) =>
    edit(all, isBackEarly, (record) => {
      const home = CHAIN.map((service) => ({ service, zone: 'north-a', ip: ipOf(service, 'north-a', 0) }));
      return { ...record, end: (30 + after) * SECOND, chain: { hops: home, rest: '' } };
    });

  it('W3 an answer that ended after the undo was requested says nothing about where the fault was on', async () => {
    for (const after of [0.000001, 0.1, 0.3]) {
      const result = await judged({ expect: expectations, records: answeredAt(after) });
      expect(findingOf(result, 'faultEffect/mockb-north-a').verdict).to.equal('pass');
      expect(result.ladders[0]?.rungs[0]?.hits).to.equal(0);
      expect(result.zeroFrom).to.be.at.most(10.6e6);
    }
  });

  it('W3 one that ended before is a witness', async () => {
    const result = await judged({ expect: expectations, records: answeredAt(-0.000001) });
    expect(findingOf(result, 'faultEffect/mockb-north-a').verdict).to.equal('inconclusive');
    expect(result.ladders[0]?.rungs[0]?.hits).to.be.at.least(20);
  });

  it('W3 a late answer fails the request, and its place still says nothing', async () => {
    const failback = { withinMs: 15_000 };
    const result = await judged({ expect: { ...expectations, failback }, records: answeredAt(1.5) });
    expect(result.budget.paths[0]?.bad).to.be.at.least(6 + 20);
    expect(findingOf(result, 'faultEffect/mockb-north-a').verdict).to.equal('pass');
    expect(result.failbacks.map(({ service, home }) => [service, home?.hi])).not.to.deep.equal([]);
  });
});

describe('rules: the steady state', () => {
  const goodOf = (result: RunResult): Omit<Finding, 'evidence'> => {
    const { evidence, ...rest } = findingOf(result, 'steadyState/good');
    expect(evidence).not.to.deep.equal([]);
    return rest;
  };

  /** The judgement that a run asks for before it writes, from what is there by then. */
  async function early(run: Handmade, until: number): Promise<RunResult> {
    const asked: Handmade['events'] = (history) =>
      history.at(until * SECOND, { type: 'notice', level: 'info', text: 'what holds by now?' });
    const all = historyOf({ ...run, events: asked });
    const history = all.filter(({ t, type }) => t <= until * SECOND && type !== 'fault');
    const ended = (sent: Raw[]) => (run.records?.(sent) ?? sent).filter(({ end }) => end <= until * SECOND);
    return analyze(history, chunks(recordsOf({ ...run, records: ended }).file));
  }

  it('W4 is judged by one rule before the injection and at the end', async () => {
    const noise = fc.array(fc.record({ path: anyPath, from: seconds(0, 9.8), lasts: seconds(0, 1.5) }), {
      maxLength: 5,
    });
    const targets = fc.constantFrom(0.8, 0.9, 0.99, 1);
    const verdicts = new Set<string>();
    await fc.assert(
      fc.asyncProperty(noise, targets, seconds(5, 9.9), async (groups, goodAtLeast, baseline) => {
        const run: Handmade = {
          times: { baseline },
          expect: { steadyState: { goodAtLeast } },
          records: (all) =>
            groups.reduce((some, { path, from, lasts }) => down(path, from, Math.min(9.9, from + lasts))(some), all),
        };
        const before = await early(run, 10);
        verdicts.add(goodOf(before).verdict);
        expect(goodOf(await judged(run))).to.deep.equal(goodOf(before));
      }),
      { numRuns: 40, seed: 4 },
    );
    expect([...verdicts].sort()).to.deep.equal(['fail', 'inconclusive', 'pass']);
  });

  it('W4 the check right before the first write sees what came after the baseline phase', async () => {
    const run: Handmade = {
      times: { baseline: 6 },
      expect: { steadyState: { goodAtLeast: 0.9 } },
      records: down(NORTH_B, 7, 10),
    };
    expect(goodOf(await early(run, 7)).verdict).to.equal('pass');
    expect(goodOf(await early(run, 10)).verdict).to.equal('inconclusive');
  });

  it('W4 a path that is failing when the fault comes is not steady, however good its share', async () => {
    await fc.assert(
      fc.asyncProperty(anyPath, seconds(0.15, 3), async (path, ahead) => {
        const run: Handmade = {
          expect: { steadyState: { goodAtLeast: 0.5 } },
          records: down(path, 10 - ahead, 10),
        };
        for (const result of [await judged(run), await early(run, 10)]) {
          expect(goodOf(result).verdict).to.equal('inconclusive');
          expect(goodOf(result).cause).to.contain(
            `${pathOf(ZONES[path] as string)} was failing when the baseline ended`,
          );
        }
      }),
      { numRuns: 12, examples: [0.15, 0.3, 0.5].map((ahead) => [2, ahead]) },
    );
  });

  it('W4 what a path goes on failing with is not blamed on the fault', async () => {
    for (const after of [0.5, 3, 12]) {
      const result = await judged({
        expect: { steadyState: { goodAtLeast: 0.5 }, ...within(1000), unaffected, errorBudget: { perPath: 10 } },
        records: down(NORTH_B, 8, 10 + after),
      });
      expect(result.findings.filter(({ verdict }) => verdict === 'fail')).to.deep.equal([]);
      expect(findingOf(result, `unaffected/${ID}`).verdict).to.equal('inconclusive');
      expect(result.verdict).to.equal('inconclusive');
    }
  });

  it('W4 one stray right before the fault is noise', async () => {
    const stray = (all: Raw[]) => edit(all, due(NORTH_B, 9.9, 9.95), failed);
    const result = await judged({ expect: { steadyState: { goodAtLeast: 0.9 } }, records: stray });
    expect(goodOf(result)).to.deep.include({ verdict: 'pass' });
  });
});

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
    return edit(all, (record) => bad.has(record), failed);
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

  it('W6 callers that never left home are still there', async () => {
    for (const zone of ['north-b', 'north-c', 'south-h']) {
      const hit = { failures: [[10.2, 10.5]], away: [10.2, 32] } as const;
      const place = () => (zone === 'north-b' ? 'north-c' : 'north-b');
      const away = (from: number, to: number) =>
        judged(recovering({ callers: { 'north-a': hit, [zone]: { away: [from, to] } }, place }));
      const finding = endOf(await away(40.5, 46));
      expect([finding.verdict, finding.cause?.includes(`calls of mockb from ${zone}`)]).to.deep.equal(['fail', true]);
      expect(endOf(await away(34, 39.5)).verdict).to.equal('pass');
      expect(endOf(await away(41, 41.06)).verdict).to.equal('pass');
      // Who had moved under the fault is asked about by failback.
      expect(endOf(await away(12, 46)).verdict).to.equal('pass');
    }
  });
});
