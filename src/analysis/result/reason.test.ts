import { expect } from 'chai';
import { findingOf, judged } from '../testing/handmade.ts';
import { allRead } from '../testing/proxies.ts';
import { endpointsOf, pathOf } from '../testing/world.ts';

const NORTH_A = pathOf('north-a');

describe('analysis: the reason of a run that was refused', () => {
  it('is the reason of its end, not that nothing was injected', async () => {
    const reason =
      'nothing was injected: 410 of 547 requests were good; at least 99% is steady. the share is below the limit';
    const callers = { 'north-a': { failures: [[2, 8]] } } as const;
    const result = await judged({ status: 'refused', reason, callers, times: { end: 10.6 } });
    expect(result.reason).to.equal(
      'The run was refused before any fault: 410 of 547 requests were good; at least 99% is steady: the share is below the limit.',
    );
    expect(result.reasonFinding).to.equal('steadyState/good');
  });

  it('of one that was not steady is its finding, with what failed before the numbers, and these are the same everywhere', async () => {
    const early =
      '3 of 5 requests in the baseline were good (60%); at least 99% is steady. the share is below the limit';
    const result = await judged({
      status: 'refused',
      reason: `nothing was injected: ${early}`,
      callers: { 'north-a': { failures: [[2, 8]], mode: 'timeout' } },
      expect: { steadyState: { goodAtLeast: 0.99 } },
      times: { end: 10.6 },
      events: (history) => history.at(10.1e6, { type: 'steady-state', when: 'before', holds: false, detail: early }),
    });
    const { story, cause } = findingOf(result, 'steadyState/good');
    expect(cause).to.match(/^on .* alone the share was .*; most often timeout \(\d+ times, seen by/);
    expect(result.reason).to.equal(`The run was refused before any fault: ${cause}; ${story}`);
    expect(result.statusReason).to.equal(`nothing was injected: ${cause}; ${story}`);
  });

  it('of one whose machine was too slow says that before all', async () => {
    const result = await judged({
      status: 'refused',
      reason: 'nothing was injected: 793 of 793 requests were good. 8 requests of the baseline unknown.',
      callers: { 'north-a': { failures: [[2, 3]], mode: 'timeout' } },
      expect: { steadyState: { goodAtLeast: 0.99 } },
      times: { end: 10.6 },
      events: (history) => {
        history.at(4e6, { type: 'blind', from: 1.9e6, to: 4e6, detail: 'stood still' });
        history.at(10.1e6, { type: 'steady-state', when: 'before', holds: false, detail: 'unknown requests' });
      },
    });
    expect(result.reasonFinding).to.equal('loadQuality/load');
    expect(result.reason).to.match(
      /^The run was refused before any fault: The load cannot be trusted: \d+ requests failed while the target itself stood still/,
    );
  });

  it('is the words of its end where the steady state held, however the requests were', async () => {
    const result = await judged({
      status: 'refused',
      reason: 'nothing was injected: somebody else holds the lease',
      callers: { 'north-a': { failures: [[2, 8]] } },
      times: { end: 10.6 },
      events: (history) => history.at(10.1e6, { type: 'steady-state', when: 'before', holds: true, detail: 'yes' }),
    });
    expect(result.reason).to.equal('The run was refused before any fault: somebody else holds the lease.');
  });

  it('still names what was left behind first', async () => {
    const objects = [{ ref: 'pod/x', command: 'kubectl delete pod x' }];
    const result = await judged({
      status: 'refused',
      reason: 'no',
      callers: {},
      events: (history) => history.at(44.95e6, { type: 'leftovers', cluster: 'tokyo', objects }),
    });
    expect(result.reasonFinding).to.equal('putBack/clusters');
    expect(result.reason).to.match(/Something was left behind/);
  });
});

describe('analysis: the hint of a late recovery', () => {
  const hintAfter = async (until: number, mode: 'text' | 'timeout'): Promise<string | undefined> => {
    const result = await judged({
      expect: { recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } },
      callers: { 'north-a': { failures: [[10.2, until]], mode, away: [10.2, 32] } },
      events: allRead,
    });
    return findingOf(result, `recoveryTime/${NORTH_A}`).hint;
  };

  it('is the connect timeout after ten seconds of timeouts', async () => {
    expect(await hintAfter(20.2, 'timeout')).to.match(/set trafficPolicy\.connectionPool\.tcp\.connectTimeout/);
  });

  it('is outlier detection after other errors, and when it took longer than any connect timeout', async () => {
    expect(await hintAfter(20.2, 'text')).to.match(/no outlierDetection/);
    expect(await hintAfter(27, 'timeout')).to.match(/no outlierDetection/);
  });
});

describe('analysis: ejections of a proxy that was first read after the injection', () => {
  const enforced = async (pod: string, readings: readonly (readonly [number, number])[]): Promise<number> => {
    const born = { ...endpointsOf('tokyo')[0], pod: 'mocka-new' } as ReturnType<typeof endpointsOf>[number];
    const row = {
      type: 'ejections',
      cluster: 'tokyo',
      zone: 'north-a',
      service: 'mockb',
      active: 0,
      overflow: 0,
    } as const;
    const { ejections } = await judged({
      events: (history) => {
        history.at(15e6, { type: 'endpoints', cluster: 'tokyo', endpoints: [...endpointsOf('tokyo'), born] });
        for (const [t, enforcedTotal] of readings) history.at(t * 1e6, { ...row, pod, enforcedTotal });
      },
    });
    return ejections.services[0]?.enforced ?? -1;
  };

  it('count from its own first reading', async () => {
    expect(await enforced('mocka-north-a-0', [[11, 40]])).to.equal(0);
    expect(
      await enforced('mocka-north-a-0', [
        [11, 40],
        [14, 42],
      ]),
    ).to.equal(2);
    expect(
      await enforced('gateway-that-no-endpoint-shows', [
        [11, 40],
        [14, 41],
      ]),
    ).to.equal(1);
  });

  it('count from 0 when its pod came after the injection', async () => {
    expect(
      await enforced('mocka-new', [
        [16, 3],
        [18, 4],
      ]),
    ).to.equal(4);
  });
});
