import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding } from '../../model/finding.ts';
import type { RunResult } from '../../model/result.ts';
import { analyze } from '../index.ts';
import { down, due, edit, failed, timedOut } from '../testing/edits.ts';
import { findingOf, type Handmade, historyOf, judged, recordsOf, recovering } from '../testing/handmade.ts';
import { chunks, type Raw } from '../testing/record-file.ts';
import { CHAIN, faultOn, ipOf, ORDER, pathOf, ZONES } from '../testing/world.ts';
import { readFacts } from '../timeline/history.ts';
import { stagesOf } from '../timeline/stages.ts';
import { segmentsOf, windowsOf } from '../timeline/windows.ts';

const SECOND = 1e6;
const NORTH_B = 1;
const ID = pathOf('north-b');

const within = (withinMs: number) => ({ recoveryTime: { withinMs, consecutive: 5, lastingMs: 1000 } });
const unaffected = { except: [{ zone: 'north-a' }] };
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
        let bad = 0;
        const result = await judged({
          times: { baseline: phaseEnd, request: 12, ack: 12.1, proven: 12.6 },
          effective: 12.3,
          callers: { 'north-a': { failures: [[12.2, 12.5]], away: [12.2, 32] } },
          records: (all) => {
            const some = down(NORTH_B, from, from + 0.3)(all);
            bad = some.filter((record, i) => record !== all[i]).length;
            ended = some.filter(({ end }) => end <= 12 * SECOND).length;
            return some;
          },
        });
        expect(samplesOf(result)).to.equal(ended);
        expect(findingOf(result, 'steadyState/good').story).to.contain(`${ended - bad} of ${ended} requests`);
        expect(budgetOf(result)?.bad).to.equal(0);
      }),
      { numRuns: 12, examples: [[5, 10.659]] },
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

  it('W2 what was under way and failed in the time of a good answer belongs to the outage, and what hung longer is open', async () => {
    const verdictWith = async (cut: (sent: number) => number, before = 0) => {
      const result = await judged({
        expect: { ...within(5000), unaffected },
        records: (all) => {
          const slow = edit(all, due(NORTH_B, 0, 9.8), (one) => ({ ...one, end: one.start + 4e5 }));
          const cutOff = edit(slow, due(NORTH_B, 9.7, 10.04), (one) => ({ ...failed(one), end: cut(one.start) }));
          return down(NORTH_B, 9.7 - before, 9.7)(down(NORTH_B, 10.04, 17)(cutOff));
        },
      });
      return [`recoveryTime/${ID}`, `unaffected/${ID}`].map((id) => findingOf(result, id).verdict);
    };
    const atTheEffect = () => 10.05e6;
    expect(await verdictWith(atTheEffect)).to.deep.equal(['fail', 'fail']);
    expect(await verdictWith((sent) => sent + 9e5)).to.deep.equal(['inconclusive', 'inconclusive']);
    for (const before of [0.05, 0.2]) {
      expect(await verdictWith(atTheEffect, before), 'failing before').to.deep.equal(['inconclusive', 'inconclusive']);
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
  /** Shortly before the undo requests of north-a hang, and are answered at home when its pods are back. */
  const answeredAt = (after: number, from: number) => (all: Raw[]) =>
    edit(all, due(0, from, 30), (record) => {
      const home = CHAIN.map((service) => ({ service, zone: 'north-a', ip: ipOf(service, 'north-a', 0) }));
      return { ...record, end: (30 + after) * SECOND, chain: { hops: home, rest: '' } };
    });

  it('W3 an answer that ended after the undo was requested says nothing about where the fault was on', async () => {
    for (const after of [0.000001, 0.1, 0.3]) {
      const result = await judged({ expect: expectations, records: answeredAt(after, 28.8) });
      expect(findingOf(result, 'faultEffect/mockb-north-a').verdict).to.equal('pass');
      expect(result.ladders[0]?.rungs[0]?.hits).to.equal(0);
      expect(result.zeroFrom).to.be.at.most(10.6e6);
    }
  });

  it('W3 one that ended before is a witness', async () => {
    const result = await judged({ expect: expectations, records: answeredAt(-0.000001, 29.05) });
    expect(findingOf(result, 'faultEffect/mockb-north-a').verdict).to.equal('inconclusive');
    expect(result.ladders[0]?.rungs[0]?.hits).to.be.at.least(15);
  });

  it('W3 a late answer fails the request, and its place still says nothing', async () => {
    const failback = { withinMs: 15_000 };
    const result = await judged({ expect: { ...expectations, failback }, records: answeredAt(1.5, 28.8) });
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
