import { AssertionError, expect, use } from 'chai';
import fc from 'fast-check';
import type { ObjectiveName } from '../analysis/objectives/index.ts';
import type { Finding, Verdict } from '../model/finding.ts';
import type { Place } from '../model/place.ts';
import type { Rung, RunResult } from '../model/result.ts';
import { FIXTURES } from '../report/testing/results/index.ts';
import { faultlineChai } from './chai.ts';
import { describeRun } from './mocha.ts';

use(faultlineChai);

function fixture(name: string): RunResult {
  const found = FIXTURES[name];
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return found;
}

const HOME = { zone: 'ap-northeast-1a' };
const NEXT = { zone: 'ap-northeast-1b' };
const ORDER = 'failoverOrder/mockb@ap-northeast-1a';

/** The passing run with some findings changed, by objective or id. */
function withFindings(change: Readonly<Record<string, Partial<Finding>>>, result = fixture('pass')): RunResult {
  const findings = result.findings.map((one) => ({ ...one, ...change[one.objective], ...change[one.id] }));
  return { ...result, findings };
}

/** The passing run with one rung of its ladder changed. */
function withRung(place: Place, change: Partial<Rung>, result = fixture('pass')): RunResult {
  const isIt = (rung: Rung) => JSON.stringify(rung.place) === JSON.stringify(place);
  const change1 = (rung: Rung): Rung => (isIt(rung) ? { ...rung, ...change } : rung);
  return { ...result, ladders: result.ladders.map((one) => ({ ...one, rungs: one.rungs.map(change1) })) };
}

/** Whether the assertion passes, and whether its negation does. */
function both(result: RunResult, ask: (assertion: Chai.Assertion) => unknown): string {
  const passes = (assertion: Chai.Assertion): boolean => {
    try {
      ask(assertion);
      return true;
    } catch (error) {
      if (error instanceof AssertionError) return false;
      throw error;
    }
  };
  const holds = passes(expect(result).to);
  const fails = passes(expect(result).to.not);
  return holds && fails ? 'both' : holds ? 'yes' : fails ? 'no' : 'neither';
}

describe('chai plugin', () => {
  const run = { result: fixture('pass') };
  const failOver =
    (to: Place, from = HOME, service = 'mockb') =>
    (assertion: Chai.Assertion) =>
      assertion.failOver(service, { from, to });

  it('holds for a run that passed', () => {
    expect(run).to.holdItsObjectives();
    expect(run).to.leaveNothingBehind();
    expect(run).to.recoverWithin('5s');
    expect(run).to.stayWithinBudget().and.to.leaveOthersAlone();
    expect(run).to.failOver('mockb', { from: HOME, to: NEXT });
    expect(run.result).to.holdItsObjectives();
  });

  it('says what was measured, why, and where the report is', () => {
    const failed = fixture('fail');
    const report = { html: '/runs/one/report.html' };
    expect(() => expect({ result: failed, folder: report }).to.holdItsObjectives()).to.throw(
      AssertionError,
      `report: ${report.html}`,
    );
    expect(() => expect(failed).to.holdItsObjectives()).to.throw(failed.reason);
    expect(() => expect(failed).to.recoverWithin('5s')).to.throw(
      'Not recovered within 5 s: No other place took over while the fault was on (measured 22.43 to 22.56 s, wanted at most 5 s',
    );
    expect(() => expect(failed).to.failOver('mockb', { from: HOME, to: NEXT })).to.throw(
      /zone ap-northeast-1b: served none \(0 of 1106 calls\).*No ejection was enforced/,
    );
    expect(() => expect(fixture('interrupted')).to.leaveNothingBehind()).to.throw('left behind');
    const { putBack, ...rest } = fixture('interrupted');
    const unseen = { cluster: 'tokyo', ref: 'could not look: 403 no', command: 'faultline recover' };
    const blind = { ...rest, putBack: { ...putBack, leftovers: [unseen], detail: 'nobody could look' } };
    expect(() => expect(blind).to.leaveNothingBehind()).to.throw(/nobody could look$/);
    expect(() => expect(run).to.not.recoverWithin('5s')).to.throw('expected otherwise');
    for (const error of [failOver(NEXT), failOver({ region: 'cn-hangzhou' })].map((ask) => textOf(failed, ask))) {
      expect(error).to.not.match(/[{}]|took-over|not-needed|too-early/);
    }
  });

  it('is not greener than the order finding', () => {
    for (const verdict of ['fail', 'inconclusive'] as const) {
      expect(both(withFindings({ [ORDER]: { verdict } }), failOver(NEXT)), verdict).to.equal('neither');
      const partly = withRung(NEXT, { state: 'partly', share: 0.5, hits: 507 });
      expect(both(withFindings({ [ORDER]: { verdict } }, partly), failOver(NEXT)), verdict).to.equal('neither');
    }
    expect(both(withRung(NEXT, { state: 'partly', share: 0.01, hits: 9 }), failOver(NEXT))).to.equal('neither');
    expect(both(fixture('fail'), failOver(NEXT))).to.equal('no');
    expect(both(fixture('pass'), failOver(NEXT))).to.equal('yes');
    expect(both(fixture('pass'), failOver({ region: 'cn-hangzhou' }))).to.equal('no');
  });

  it('does not deny what happened in part, or before its turn', () => {
    const far = { region: 'cn-hangzhou' };
    const early = withRung(far, { state: 'too-early', hits: 40 });
    expect(both(withFindings({ [ORDER]: { verdict: 'fail' } }, early), failOver(far))).to.equal('neither');
    expect(both(withRung(far, { state: 'partly', hits: 1 }), failOver(far))).to.equal('neither');
  });

  it('takes a share that is declared for a takeover', () => {
    const spilled = withRung(NEXT, { state: 'partly', share: 0.3, expectedShare: 0.28, hits: 300 });
    expect(both(spilled, failOver(NEXT))).to.equal('yes');
  });

  it('is not greener than the grounds, whatever the question', () => {
    const questions: Readonly<Record<string, (assertion: Chai.Assertion) => unknown>> = {
      failOver: failOver(NEXT),
      recoverWithin: (assertion) => assertion.recoverWithin('5s'),
      recoverInOtherTime: (assertion) => assertion.recoverWithin('20s'),
      stayWithinBudget: (assertion) => assertion.stayWithinBudget(),
      leaveOthersAlone: (assertion) => assertion.leaveOthersAlone(),
      holdItsObjectives: (assertion) => assertion.holdItsObjectives(),
    };
    for (const [name, ask] of Object.entries(questions)) {
      expect(both(fixture('pass'), ask), name).to.equal('yes');
      for (const ground of ['faultEffect', 'loadQuality', 'steadyState']) {
        const open = withFindings({ [ground]: { verdict: 'inconclusive', cause: `${ground} is open` } });
        expect(both(open, ask), `${name} without ${ground}`).to.equal('neither');
        expect(textOf(open, ask)).to.contain(`${ground} is open`);
      }
      const first = fixture('pass').findings[0] as Finding;
      const deaf: Finding = {
        ...first,
        id: 'configuration/target',
        objective: 'configuration',
        verdict: 'inconclusive',
      };
      const ignored = { ...fixture('pass'), findings: [...fixture('pass').findings, deaf] };
      expect(both(ignored, ask), `${name} of a deaf target`).to.equal('neither');
      for (const status of ['refused', 'aborted', 'interrupted', 'failed'] as const) {
        expect(both({ ...fixture('pass'), status }, ask), `${name} when ${status}`).to.equal('neither');
      }
      expect(both({ ...fixture('pass'), findings: [] }, ask), `${name} of no findings`).to.equal('neither');
    }
  });

  it('does not mix up what came after the undo with what was under the fault', () => {
    const after = { ...fixture('pass').findings[0], id: 'steadyState/after', objective: 'steadyState' } as Finding;
    const home = { ...after, id: 'wayHome/all', objective: 'wayHome' } as Finding;
    for (const finding of [after, home]) {
      const findings = [...fixture('pass').findings, { ...finding, verdict: 'inconclusive' as const }];
      const result = { ...fixture('pass'), findings };
      expect(
        both(result, (assertion) => assertion.recoverWithin('5s')),
        finding.id,
      ).to.equal('yes');
      expect(
        both(result, (assertion) => assertion.holdItsObjectives()),
        finding.id,
      ).to.equal('neither');
    }
  });

  it('answers another duration than the scenario promises from what was measured', () => {
    const within = (duration: string) => (assertion: Chai.Assertion) => assertion.recoverWithin(duration);
    expect(both(fixture('pass'), within('100ms'))).to.equal('no');
    expect(both(fixture('pass'), within('200ms'))).to.equal('neither');
    expect(both(fixture('pass'), within('300ms'))).to.equal('yes');
    const slow = withFindings({ recoveryTime: { verdict: 'fail', measured: { lo: 8, hi: 9, unit: 's' } } });
    expect(both(slow, within('5s'))).to.equal('no');
    expect(both(slow, within('8.5s'))).to.equal('neither');
    expect(both(slow, within('10s'))).to.equal('yes');
    const straddling = withFindings({
      recoveryTime: { verdict: 'inconclusive', measured: { lo: 4.9, hi: 5.1, unit: 's' } },
    });
    expect(both(straddling, within('5s'))).to.equal('neither');
    expect(both(straddling, within('6s'))).to.equal('yes');
    for (const verdict of ['fail', 'inconclusive'] as const) {
      const open = withFindings({ recoveryTime: { verdict, cause: '12 requests are unknown' } });
      expect(both(open, within('20s'))).to.equal(verdict === 'fail' ? 'no' : 'neither');
      expect(textOf(open, within('20s'))).to.contain('12 requests are unknown');
    }
    const lasting = fixture('pass').recoveries.map((row) => ({ ...row, lasted: { lo: 8e6, hi: 9e6 } }));
    const long = { ...fixture('pass'), recoveries: lasting.slice(0, 1) };
    expect(both(long, within('8s')), 'how long counts beside how late').to.equal('neither');
    expect(both(long, within('7s'))).to.equal('no');
    expect(both({ ...fixture('pass'), zeroFrom: 0 }, within('4s')), 'T0 is an interval').to.equal('neither');
  });

  it('cannot tell of a name that nobody knows, and lists those that are known', () => {
    const known = textOf(fixture('pass'), failOver(NEXT, HOME, 'mokcb'));
    expect(known).to.contain('cannot be decided').and.to.contain('mockb from zone ap-northeast-1a');
    expect(both(fixture('pass'), failOver(NEXT, HOME, 'mokcb'))).to.equal('neither');
    expect(both(fixture('pass'), failOver(NEXT, { zone: 'nowhere' }))).to.equal('neither');
    expect(both(fixture('pass'), failOver({ zone: 'ap-northeast-1x' }))).to.equal('neither');
    expect(textOf(fixture('pass'), failOver({ zone: 'ap-northeast-1x' }))).to.contain('zone ap-northeast-1b');
    expect(both(fixture('pass'), failOver({ region: 'ap-northeast-1' })), 'counted by zone').to.equal('neither');
    const anywhere = fixture('pass').run.topology.clusters.find(({ region }) => region === 'cn-hangzhou')?.zones[0];
    expect(textOf(fixture('pass'), failOver({ zone: anywhere ?? '' })), 'counted by region').to.contain(
      'region cn-hangzhou',
    );
  });

  it('answers for a place of any kind, and says which the calls are counted for', () => {
    const byCluster = (places: readonly Place[], cluster?: string): RunResult => {
      const pass = fixture('pass');
      const [order] = pass.run.scenario.expect.failoverOrder;
      const callers = cluster === undefined ? HOME : { ...HOME, cluster };
      const orders = order === undefined ? [] : [{ ...order, from: callers }];
      const scenario = { ...pass.run.scenario, expect: { ...pass.run.scenario.expect, failoverOrder: orders } };
      const ladders = pass.ladders.map((one) => ({
        ...one,
        ...(cluster !== undefined && { fromCluster: cluster }),
        rungs: one.rungs.map((rung, at) => ({ ...rung, place: places[at] ?? rung.place })),
      }));
      return { ...pass, run: { ...pass.run, scenario }, ladders };
    };
    const clusters = byCluster([{ cluster: 'blue' }, { cluster: 'tokyo' }]);
    expect(both(clusters, failOver({ cluster: 'tokyo' }))).to.equal('yes');
    expect(textOf(clusters, failOver(NEXT))).to.contain('counted for cluster tokyo');
    expect(both(clusters, failOver({ cluster: 'nowhere' }))).to.equal('neither');
    const workloads = byCluster([{ workload: 'v1' }, { workload: 'v2' }]);
    expect(both(workloads, failOver({ workload: 'v2' }))).to.equal('yes');
    expect(both(workloads, failOver({ workload: 'v3' })), 'nobody knows it').to.equal('neither');
    const twins = byCluster([HOME, { ...NEXT, cluster: 'tokyo' }], 'blue');
    expect(both(twins, failOver({ ...NEXT, cluster: 'tokyo' }, { ...HOME, cluster: 'blue' } as typeof HOME))).to.equal(
      'yes',
    );
    expect(both(twins, failOver({ ...NEXT, cluster: 'tokyo' })), 'of whichever cluster').to.equal('neither');
  });

  it('lets no question pass that was not put whole', () => {
    const loose = expect(run).to as unknown as { failOver(...args: unknown[]): unknown; recoverWithin(): unknown };
    const to = NEXT;
    for (const args of [[], ['mockb'], ['mockb', { from: HOME }], ['mockb', { to }], [{ from: HOME, to }]]) {
      expect(() => loose.failOver(...args), JSON.stringify(args)).to.throw(
        TypeError,
        'needs a service and both places',
      );
    }
    const two = { zone: 'a', region: 'b' };
    expect(() => loose.failOver('mockb', { from: HOME, to: two })).to.throw(TypeError, 'both places');
    expect(() => loose.recoverWithin()).to.throw(TypeError, 'no duration');
    expect(() => expect(fixture('fail')).to.holdItsObjectives, 'no parentheses').to.throw(AssertionError);
    expect(() => expect(run).to.not.leaveNothingBehind, 'no parentheses').to.throw(AssertionError);
    expect(() => expect(Promise.resolve(run)).to.leaveNothingBehind()).to.throw(TypeError, 'await');
    expect(() => expect(run).to.recoverWithin('soon')).to.throw(TypeError, '"soon" is no duration');
  });

  it('property: green only where the findings are, red and its negation only where they are', () => {
    const verdict = fc.constantFrom<Verdict>('pass', 'pass', 'pass', 'fail', 'inconclusive');
    const state = fc.constantFrom<Rung['state']>('took-over', 'partly', 'too-early', 'never', 'not-needed');
    const verdicts = fc.array(verdict, { minLength: 10, maxLength: 10 });
    const asked = fc.constantFrom('1s', '1.8s', '5s', '20s');
    const grounds: ObjectiveName[] = ['faultEffect', 'loadQuality', 'steadyState'];
    fc.assert(
      fc.property(verdicts, state, fc.constantFrom(0, 9), asked, (list, rung, hits, duration) => {
        const { findings } = fixture('pass');
        const changed = findings.map((finding, i) => ({ ...finding, verdict: list[i] ?? 'pass' }));
        const result = withRung(NEXT, { state: rung, hits }, { ...fixture('pass'), findings: changed });
        const of = (...names: string[]) =>
          changed.filter(({ objective }) => names.includes(objective)).map((finding) => finding.verdict);
        const check = (ask: (assertion: Chai.Assertion) => unknown, ...own: ObjectiveName[]) => {
          const said = both(result, ask);
          expect(said).to.not.equal('both');
          if (said === 'yes') expect(new Set(of(...grounds, ...own))).to.deep.equal(new Set(['pass']));
          return said;
        };
        const red = (said: string, own: ObjectiveName) => said !== 'no' || of(own).includes('fail');
        expect(
          red(
            check((it) => it.recoverWithin('5s'), 'recoveryTime'),
            'recoveryTime',
          ),
        ).to.equal(true);
        expect(
          red(
            check((it) => it.stayWithinBudget(), 'errorBudget'),
            'errorBudget',
          ),
        ).to.equal(true);
        check((it) => it.recoverWithin(duration), 'recoveryTime');
        if (check(failOver(NEXT), 'failoverOrder') === 'no') expect(hits).to.equal(0);
      }),
    );
  });
});

/** What the failing assertion says; of its negation where the assertion itself passes. */
function textOf(result: RunResult, ask: (assertion: Chai.Assertion) => unknown): string {
  for (const assertion of [expect(result).to, expect(result).to.not]) {
    try {
      ask(assertion);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return '';
}

describe('mocha bridge', () => {
  async function outcomes(result: RunResult): Promise<{ runs: number; failures: string[] }> {
    const tests: (() => Promise<void>)[] = [];
    let runs = 0;
    const suite = {
      describe: (_title: string, body: () => void) => body(),
      it: (_title: string, body: () => Promise<void>) => tests.push(() => body.call(undefined)),
    };
    const run = async () => {
      runs++;
      return { result, folder: { html: '/runs/one/report.html' } };
    };
    describeRun('a run', run, suite as Parameters<typeof describeRun>[2]);
    const failures: string[] = [];
    for (const test of tests) await test().catch((error: Error) => failures.push(error.message));
    return { runs, failures };
  }

  it('takes away the time limit of both tests: a run ends by itself, and nothing may cut its undo off', async () => {
    const limits: number[] = [];
    const suite = {
      describe: (_title: string, body: () => void) => body(),
      it: (_title: string, body: (this: { timeout(ms: number): void }) => Promise<void>) =>
        void body.call({ timeout: (ms) => limits.push(ms) }),
    };
    describeRun('a run', async () => ({ result: fixture('pass') }), suite as Parameters<typeof describeRun>[2]);
    expect(limits).to.deep.equal([0, 0]);
  });

  it('runs once and passes with the run', async () => {
    expect(await outcomes(fixture('pass'))).to.deep.equal({ runs: 1, failures: [] });
  });

  it('fails with every finding that did not pass', async () => {
    const { failures } = await outcomes(fixture('fail'));
    expect(failures).to.have.length(1);
    expect(failures[0]).to.contain(fixture('fail').reason).and.to.contain('/runs/one/report.html');
    for (const finding of fixture('fail').findings.filter(({ verdict }) => verdict !== 'pass')) {
      expect(failures[0]).to.contain(finding.id);
    }
    expect((await outcomes(fixture('interrupted'))).failures).to.have.length(2);
  });
});
