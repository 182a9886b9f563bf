import { expect } from 'chai';
import type { Finding } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { analyze } from './index.ts';
import { findingOf, type Handmade, historyOf, judged } from './testing/handmade.ts';
import { chunks, type Raw, seeded } from './testing/record-file.ts';
import type { Caller } from './testing/traffic.ts';
import { ZONES } from './testing/world.ts';

/** A run with a recover phase from 31 s to 44.9 s: the window is its last 5 s. */
const recover = (run: Handmade): Handmade => ({
  ...run,
  events: (history) =>
    history.at(31e6, { type: 'phase-start', phase: 'recover' }).at(44.9e6, { type: 'phase-end', phase: 'recover' }),
});
const recovering = (run: Handmade = {}): Promise<RunResult> => judged(recover(run));

const endOf = (result: RunResult): Finding => findingOf(result, 'steadyState/after');
const allOf = (caller: Partial<Caller>): Record<string, Partial<Caller>> =>
  Object.fromEntries(ZONES.map((zone) => [zone, caller]));

describe('analysis: the end of the run', () => {
  it('fails when the requests went bad after the undo, and shows some of them', async () => {
    const dead = { failures: [[34, 50]], mode: 'timeout' } as const;
    const callers = { ...allOf(dead), 'north-a': { ...dead, failures: [[10.2, 10.5], ...dead.failures] } } as const;
    const result = await recovering({ callers });
    const finding = endOf(result);
    expect([result.verdict, finding.verdict, result.putBack.steadyAfter]).to.deep.equal(['fail', 'fail', false]);
    expect(result.reason).to.match(
      /^Requests were not good again at the end: 100 of 100 bad on entry@tokyo\/north-a, .* most often timeout/,
    );
    expect(finding.story).to.equal(
      '0 of 500 requests in the last 5.00 s of the run were good (0%); nothing may be worse than steady there.',
    );
    expect(finding.samples).to.equal(500);
    const rows = result.evidence.filter(({ id }) => finding.evidence.includes(id));
    expect(rows.some(({ text }) => /mockb-north-a undone/.test(text))).to.equal(true);
    expect(rows.filter(({ text }) => /timeout/.test(text)).length).to.equal(5);
    expect(result.story.at(-1)?.text).to.contain(finding.story);
  });

  it('passes a path that errs all the time, as often as before, and not one that errs more, or without a break at the end', async () => {
    const expectations = { steadyState: { goodAtLeast: 0.4 }, failoverOrder: [], ejections: [] };
    const verdicts = async (seed: number, from: number, share: number): Promise<string> => {
      const random = seeded(seed);
      const erring = (record: Raw): Raw => {
        const isBad = random() < (record.due >= from * 1e6 ? share : 0.5);
        return isBad ? { ...record, chain: { hops: [], rest: 'abort' } } : record;
      };
      return endOf(await recovering({ expect: expectations, callers: {}, records: (all) => all.map(erring) })).verdict;
    };
    for (const seed of [1, 2, 3, 4]) {
      expect([seed, await verdicts(seed, 0, 0.5)]).to.deep.equal([seed, 'pass']);
      expect([seed, await verdicts(seed, 44.2, 1)]).to.not.deep.equal([seed, 'pass']);
      expect([seed, await verdicts(seed, 33, 0.9)]).to.deep.equal([seed, 'fail']);
    }
  });

  it('passes when they are good, without a least number of samples', async () => {
    const result = await recovering({ rate: 1 });
    expect([endOf(result).verdict, endOf(result).samples < 30]).to.deep.equal(['pass', true]);
    expect(result.putBack.steadyAfter).to.equal(true);
  });

  it('does not fail for a few bad requests that may be chance, nor for bad ones before the window', async () => {
    const last = async (from: number): Promise<Finding> =>
      endOf(await recovering({ callers: allOf({ failures: [[from, 45]] }) }));
    expect(await last(44.96)).to.deep.include({ verdict: 'inconclusive', samples: 500 });
    expect((await last(44.4)).cause).to.match(/^entry@tokyo\/north-a was failing when the run ended/);
    const blip = await recovering({ callers: allOf({ failures: [[42, 42.1]] }) });
    expect(endOf(blip)).to.deep.include({ verdict: 'pass', samples: 500 });
    const early = await recovering({ callers: allOf({ failures: [[32, 39.9]] }) });
    expect(endOf(early).verdict).to.equal('pass');
  });

  it('is inconclusive when nobody sent requests there', async () => {
    const result = await recovering({ records: (all) => all.filter(({ due }) => due < 39e6) });
    expect([endOf(result).verdict, result.putBack.steadyAfter]).to.deep.equal(['inconclusive', null]);
    expect(endOf(result).cause).to.equal('there are no requests at the end of the run');
  });

  it('is inconclusive when the load generator was not to be trusted', async () => {
    const degraded = ['the load generator stood still for 512ms'];
    const run = recover({ callers: allOf({ failures: [[40, 45]] }) });
    const events: Handmade['events'] = (history) => {
      run.events?.(history);
      history.at(44.95e6, { type: 'load', counts: [], lateP99: 900, degraded });
    };
    const finding = endOf(await judged({ ...run, events }));
    expect(finding.verdict).to.equal('inconclusive');
    expect(finding.cause).to.match(/but the load generator stood still/);
  });

  it('is not judged before the run has ended, or without a fault', async () => {
    const results = [
      await recovering({ status: 'aborted' }),
      await recovering({ status: 'refused' }),
      await analyze(historyOf(recover({})).slice(0, -1), chunks('')),
    ];
    for (const { findings, putBack } of results) {
      expect(findings.map(({ id }) => id)).not.to.include('steadyState/after');
      expect(putBack.steadyAfter).to.equal(null);
    }
  });
});
