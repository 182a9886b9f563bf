import { expect } from 'chai';
import type { Finding } from '../model/finding.ts';
import { unseenRef } from '../model/leftover.ts';
import type { RunResult } from '../model/result.ts';
import { describe as describeEvent } from './facts/evidence-text.ts';
import { findingOf, judged } from './testing/handmade.ts';
import { allRead } from './testing/proxies.ts';
import { endpointsOf, faultOn, ORDER, pathOf } from './testing/world.ts';

const RECOVERY = { withinMs: 5000, consecutive: 5, lastingMs: 1000 };
const NORTH_A = pathOf('north-a');

const recoveryOf = (result: RunResult): Finding => findingOf(result, `recoveryTime/${NORTH_A}`);

describe('analysis: the recovery clock', () => {
  const expectations = { recoveryTime: RECOVERY };

  it('starts at the effect, not at a passing error during a slow rollout', async () => {
    const result = await judged({
      expect: expectations,
      times: { proven: 24 },
      effective: 23,
      callers: {
        'north-a': {
          failures: [
            [11, 11.2],
            [23, 23.5],
          ],
          away: [23, 32],
        },
      },
    });
    expect(result.zero).to.equal(23e6);
    expect(recoveryOf(result).verdict).to.equal('pass');
    expect(recoveryOf(result).measured?.hi).to.be.within(0.45, 0.6);
  });

  it('counts an outage that was over before a late proof', async () => {
    const result = await judged({
      expect: expectations,
      times: { proven: 26 },
      effective: 25,
      callers: { 'north-a': { failures: [[10.2, 18.2]], away: [10.2, 32] } },
    });
    expect(recoveryOf(result).verdict).to.equal('fail');
    expect(recoveryOf(result).measured?.lo).to.be.within(7.8, 8.1);
  });

  it('counts an outage that was over before a slow acknowledgement', async () => {
    const result = await judged({
      expect: expectations,
      times: { ack: 19, proven: 19.5 },
      effective: 19.1,
      callers: { 'north-a': { failures: [[10.2, 18.2]], away: [10.2, 32] } },
    });
    expect(recoveryOf(result).verdict).to.equal('fail');
  });

  it('does not charge the fault with errors that came and went before it', async () => {
    const noise = [1, 3, 5, 7, 15, 22, 28].map((t) => [t, t + 0.06] as const);
    const failures = [...noise, [10.2, 10.5] as const];
    const result = await judged({ expect: expectations, callers: { 'north-a': { failures, away: [10.2, 32] } } });
    expect(recoveryOf(result).verdict).to.equal('pass');
    const clean = [15, 22, 28].map((t) => [t, t + 0.06] as const);
    const late = await judged({
      expect: expectations,
      callers: { 'north-a': { failures: [...clean, [10.2, 10.5]], away: [10.2, 32] } },
    });
    expect(recoveryOf(late).verdict).to.equal('inconclusive');
    expect(recoveryOf(late).cause).to.match(/^6 errors, the last 17\.\d+ s after the effect, may be noise, or not/);
  });

  it('is open when the stage ends before the recovery has held', async () => {
    const result = await judged({
      expect: expectations,
      times: { undo: 13.5, undone: 14 },
      callers: { 'north-a': { failures: [[10.2, 13]], away: [10.2, 20] } },
    });
    expect(recoveryOf(result).verdict).to.equal('inconclusive');
    expect(recoveryOf(result).measured?.hi).to.equal(null);
  });

  it('never takes an unproven fault for a path that was not impacted', async () => {
    const result = await judged({ expect: expectations, effective: null, callers: {} });
    expect(recoveryOf(result).verdict).to.equal('inconclusive');
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reason).to.match(/not proven: it could not be proven: nothing changed/);
  });
});

describe('analysis: failover order', () => {
  const expectations = { failoverOrder: [ORDER] };

  it('is judged by the declared order when nobody observed the endpoints, and says so', async () => {
    const result = await judged({ expect: expectations, endpoints: false });
    const finding = findingOf(result, 'failoverOrder/mockb/north-a');
    expect([finding.verdict, result.ladders[0]?.rungs[1]?.capacity]).to.deep.equal(['pass', null]);
    expect(finding.story).to.match(/by the declared order/);
  });

  it('expects the next place when the nearer one has no healthy endpoints', async () => {
    const events =
      (skipB: boolean) => (history: Parameters<NonNullable<Parameters<typeof judged>[0]['events']>>[0]) => {
        const gone = (e: { service: string; zone: string }): boolean =>
          skipB && e.service === 'mockb' && e.zone === 'north-b';
        history.at(200_000, { type: 'endpoints', cluster: 'tokyo', endpoints: endpointsOf('tokyo', gone) });
      };
    const toC = { expect: expectations, place: () => 'north-c' };
    const gone = await judged({ ...toC, events: events(true) });
    expect(gone.ladders[0]?.rungs.map(({ state }) => state)).to.deep.equal(['down', 'down', 'took-over', 'not-needed']);
    const skipped = await judged({ ...toC, events: events(false) });
    expect(findingOf(skipped, 'failoverOrder/mockb/north-a').verdict).to.equal('fail');
    expect(skipped.ladders[0]?.rungs.map(({ state }) => state)).to.deep.equal([
      'down',
      'skipped',
      'too-early',
      'not-needed',
    ]);
  });

  it('cannot be judged when every caller in the zone was hit too', async () => {
    const both = faultOn('north-a');
    const mocka = endpointsOf('tokyo').filter((e) => e.service === 'mocka' && e.zone === 'north-a');
    const result = await judged({
      expect: expectations,
      fault: { ...both, affected: [...both.affected, ...mocka] },
      callers: { 'north-a': { failures: [[10.2, 31]], mode: 'timeout' } },
    });
    const finding = findingOf(result, 'failoverOrder/mockb/north-a');
    expect([finding.verdict, finding.cause]).to.deep.equal([
      'inconclusive',
      'every caller in that zone was hit itself',
    ]);
  });

  it('fails when the calls go on failing, and names the missing outlier detection', async () => {
    const result = await judged({
      expect: expectations,
      callers: { 'north-a': { failures: [[10.2, 31]] } },
      events: allRead,
    });
    const finding = findingOf(result, 'failoverOrder/mockb/north-a');
    expect(finding.verdict).to.equal('fail');
    expect(finding.hint).to.match(/no outlierDetection in the DestinationRule of mockb/);
  });

  it('is untested when no fault touches the service', async () => {
    const result = await judged({ expect: { failoverOrder: [{ ...ORDER, service: 'mockc' }] } });
    expect(findingOf(result, 'failoverOrder/mockc/north-a').verdict).to.equal('inconclusive');
  });
});

describe('analysis: effect of the fault', () => {
  it('is doubted when an affected pod still answers', async () => {
    const result = await judged({ callers: { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, 20] } } });
    const finding = findingOf(result, 'faultEffect/mockb-north-a');
    expect(finding.verdict).to.equal('inconclusive');
    expect(finding.evidence.some((id) => id.startsWith('r-0-'))).to.equal(true);
  });

  it('of a restart holds when others took the addresses over', async () => {
    const fault = { ...faultOn('north-a'), signature: 'restarts' as const };
    const back = { failures: [[10.2, 10.5]] as const, away: [10.2, 15] as const };
    const renamed = endpointsOf('tokyo').map((e) => (e.zone === 'north-a' ? { ...e, pod: `${e.pod}-new` } : e));
    const reused = await judged({
      fault,
      callers: { 'north-a': back },
      events: (history) => history.at(14e6, { type: 'endpoints', cluster: 'tokyo', endpoints: renamed }),
    });
    expect(findingOf(reused, 'faultEffect/mockb-north-a').verdict).to.equal('pass');
    const same = await judged({ fault, callers: { 'north-a': back } });
    expect(findingOf(same, 'faultEffect/mockb-north-a').verdict).to.equal('inconclusive');
  });

  it('on a gateway is doubted while its path is well', async () => {
    const pod = {
      cluster: 'tokyo',
      namespace: 'istio-system',
      zone: 'north-a',
      workload: 'istio-ingressgateway',
      pod: 'gw-a',
      ip: '10.9.9.9',
    };
    const fault = { ...faultOn('north-a'), affected: [pod] };
    const well = await judged({ fault, callers: {} });
    expect(findingOf(well, 'faultEffect/mockb-north-a').verdict).to.equal('inconclusive');
    const dead = await judged({ fault, callers: { 'north-a': { failures: [[10.2, 31]], mode: 'timeout' } } });
    expect(findingOf(dead, 'faultEffect/mockb-north-a').verdict).to.equal('pass');
  });
});

describe('analysis: counts and limits', () => {
  it('an error budget takes unknown requests for possibly bad ones', async () => {
    const drop = (n: number) => (records: Parameters<NonNullable<Parameters<typeof judged>[0]['records']>>[0]) =>
      records.map((record) =>
        record.path === 0 && record.seq >= 240 && record.seq < 240 + n
          ? {
              ...record,
              ended: 'dropped' as const,
              start: record.due,
              end: record.due,
              chain: undefined,
              error: undefined,
              status: 0,
            }
          : record,
      );
    const budget = async (n: number): Promise<Finding> =>
      findingOf(await judged({ expect: { errorBudget: { perPath: 10 } }, records: drop(n) }), 'errorBudget/perPath');
    expect(await budget(2)).to.deep.include({ verdict: 'pass', measured: { lo: 6, hi: 8, unit: 'count' } });
    expect((await budget(5)).verdict).to.equal('inconclusive');
  });

  it('ejections are counted over restarts of a proxy, from injection to the end of the undo', async () => {
    const row = {
      type: 'ejections',
      cluster: 'tokyo',
      pod: 'mocka',
      zone: 'north-a',
      service: 'mockb',
      active: 1,
      overflow: 0,
    } as const;
    const result = await judged({
      expect: { ejections: [{ service: 'mockb', atLeast: 1, atMost: 4 }] },
      events: (history) => {
        allRead(history);
        for (const [t, enforcedTotal] of [
          [2, 5],
          [11, 7],
          [12, 1],
          [13, 2],
          [40, 9],
        ] as const)
          history.at(t * 1e6, { ...row, enforcedTotal });
      },
    });
    expect(findingOf(result, 'ejections/mockb')).to.deep.include({
      verdict: 'pass',
      measured: { lo: 3, hi: 4, unit: 'count' },
    });
  });

  it('ejections that nobody could read are inconclusive', async () => {
    const result = await judged({
      expect: { ejections: [{ service: 'mockb', atLeast: 1 }] },
      events: (history) =>
        history.at(1e6, { type: 'mesh-telemetry', cluster: 'tokyo', readable: false, detail: 'stats are off' }),
    });
    expect(findingOf(result, 'ejections/mockb').cause).to.match(/stats are off/);
  });

  it('failback is open when the run ends too soon, failed when it was seen to be late', async () => {
    const away = { 'north-a': { failures: [[10.2, 10.5]] as const, away: [10.2, 99] as const } };
    const verdict = async (withinMs: number): Promise<string> =>
      findingOf(await judged({ expect: { failback: { withinMs } }, callers: away }), 'failback/mockb/north-a').verdict;
    expect(await verdict(40_000)).to.equal('inconclusive');
    expect(await verdict(10_000)).to.equal('fail');
  });

  it('a percentile without enough samples is null', async () => {
    const { latency } = await judged({ rate: 5, times: { undo: 20, undone: 21 }, callers: {} });
    const row = latency.find((r) => r.phase === 'baseline' && r.service === 'mockb' && r.zone === 'north-a');
    expect(row?.n).to.equal(50);
    expect([row?.p99, row?.p95, row?.p90, row?.p50 !== null]).to.deep.equal([null, null, null, true]);
  });

  it('paths outside the exception may not leave their zone', async () => {
    const result = await judged({
      expect: { unaffected: { except: [{ zone: 'north-a' }] } },
      callers: { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, 32] }, 'north-c': { away: [12, 18] } },
    });
    expect(findingOf(result, `unaffected/${pathOf('north-b')}`).verdict).to.equal('pass');
    expect(findingOf(result, `unaffected/${pathOf('north-c')}`).verdict).to.equal('fail');
  });
});

describe('analysis: end of a run', () => {
  it('a refused run says so first and changed nothing', async () => {
    const result = await judged({ status: 'refused', reason: 'steady state does not hold', callers: {} });
    expect([result.exitCode, result.verdict, result.putBack.state]).to.deep.equal([
      3,
      'inconclusive',
      'nothing-injected',
    ]);
    expect(result.reason).to.equal('The run was refused before any fault: steady state does not hold.');
    expect(result.reasonFinding).to.equal(undefined);
  });

  it('an aborted run never passes', async () => {
    const result = await judged({
      status: 'aborted',
      reason: 'abort condition',
      callers: { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, 32] } },
    });
    expect(result.findings.filter(({ verdict }) => verdict === 'fail')).to.deep.equal([]);
    expect([result.exitCode, result.verdict]).to.deep.equal([4, 'inconclusive']);
  });

  it('an undo in conflict outranks everything', async () => {
    const result = await judged({
      status: 'interrupted',
      signal: 'SIGTERM',
      events: (history) =>
        history.at(31_500_000, {
          type: 'fault',
          fault: 'mockb-north-a',
          step: 'undo-conflict',
          detail: 'image was changed',
        }),
    });
    expect([result.exitCode, result.putBack.state]).to.deep.equal([5, 'incomplete']);
    expect(result.reasonFinding).to.equal('putBack/clusters');
  });

  it('what others have changed is told by name, with one command that leaves all of it as it stands', async () => {
    const objects = ['x', 'y'].map((name) => ({
      ...{ cluster: 'tokyo', kind: 'Deployment', namespace: 'default', name },
      ...{ change: 'replicas', state: 'conflict' as const },
    }));
    const result = await judged({
      events: (history) =>
        history.at(31_500_000, { type: 'fault', fault: 'mockb-north-a', step: 'undo-conflict', objects }),
    });
    expect(findingOf(result, 'putBack/clusters').hint)
      .to.contain('To leave default/deployment/x and default/deployment/y as they stand now: faultline recover')
      .and.contain(' --accept-current --only default/deployment/x --only default/deployment/y');
  });

  it('a signal is the exit code when everything was put back', async () => {
    expect((await judged({ status: 'interrupted', signal: 'SIGTERM' })).exitCode).to.equal(143);
  });

  it('a run whose leftovers nobody looked for is not put back', async () => {
    const result = await judged({ fault: { ...faultOn('north-a'), cluster: 'nagoya' } });
    expect(findingOf(result, 'putBack/clusters').cause).to.match(/nobody looked for leftovers in nagoya/);
  });

  it('a cluster in which nobody could look for leftovers is told as that, and as no object', async () => {
    const objects = [{ ref: unseenRef('403 no'), command: 'faultline recover' }];
    const result = await judged({
      events: (history) => history.at(59_950_000, { type: 'leftovers', cluster: 'tokyo', objects }),
    });
    expect(result.exitCode).to.equal(5);
    const { cause, story } = findingOf(result, 'putBack/clusters');
    expect(cause).to.equal('nobody could look for leftovers in tokyo (403 no) after the undo.');
    expect(story).to.not.contain('object');
    expect(describeEvent({ seq: 1, t: 0, wall: '', type: 'leftovers', cluster: 'tokyo', objects })).to.equal(
      'nobody could look for what is left: 403 no',
    );
  });

  it('a cluster without a fault that could not be looked through is told, and is nothing left', async () => {
    const left = { type: 'leftovers', cluster: 'osaka', objects: [], unread: 'no answer' } as const;
    const result = await judged({ events: (history) => history.at(59_950_000, left) });
    expect(result.putBack.state).to.equal('put-back');
    expect(findingOf(result, 'putBack/clusters').story).to.match(
      /nothing left behind\. Copies of what carried its mark, which others may have made, could not be looked for in osaka \(no answer\)\.$/,
    );
    expect(describeEvent({ seq: 1, t: 0, wall: '', ...left })).to.equal(
      '0 objects still carry the mark of this run; not looked through: no answer',
    );
  });

  it('keeps the latest objects of every fault', async () => {
    const object = {
      cluster: 'tokyo',
      kind: 'Deployment',
      namespace: 'default',
      name: 'x',
      change: 'patch',
      state: 'left-behind' as const,
    };
    const result = await judged({
      events: (history) =>
        history.at(31_500_000, { type: 'fault', fault: 'mockb-north-a', step: 'undone', objects: [object] }),
    });
    expect(result.putBack.detail).to.match(/Deployment default\/x of mockb-north-a was not put back/);
  });

  it('what others have deleted or created anew is put back as far as a fault can be, what nobody has looked at is not', async () => {
    const node = { cluster: 'tokyo', kind: 'Node', namespace: '', name: 'x', change: 'cordon', before: 'absent' };
    const ends = (['gone', 'put-back', 'unknown'] as const).map(async (state) => {
      const object = { ...node, state };
      const events: Parameters<typeof judged>[0]['events'] = (history) =>
        history.at(31_500_000, { type: 'fault', fault: 'mockb-north-a', step: 'undone', objects: [object] });
      return (await judged({ events })).putBack.state;
    });
    expect(await Promise.all(ends)).to.deep.equal(['put-back', 'incomplete', 'incomplete']);
  });
});
