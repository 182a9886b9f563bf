import { expect } from 'chai';
import type { FaultHeader } from '../model/history.ts';
import type { Expectations } from '../model/scenario.ts';
import { findingOf, judged, recovering } from './testing/handmade.ts';
import { faultOn, ORDER } from './testing/world.ts';

const EVERYTHING: Partial<Expectations> = {
  steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.9 },
  failoverOrder: [ORDER],
  recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
  errorBudget: { perCaller: 10, perPath: 10, ratio: 0.5 },
  unaffected: { except: [{ zone: 'north-a' }] },
  ejections: [{ service: 'mockb', atLeast: 1 }],
  failback: { withinMs: 30_000 },
};

const REHEARSAL: FaultHeader = { ...faultOn('north-a'), name: 'rehearsal', signature: 'none', affected: [] };

describe('analysis: a fault that changes nothing by design', () => {
  for (const [what, callers] of [
    ['nothing happens', {}],
    ['an outage happens all the same', { 'north-a': { failures: [[10.2, 10.5]] as const, away: [10.2, 32] as const } }],
  ] as const) {
    it(`is never green, and no objective of an outage passes when ${what}`, async () => {
      const result = await judged({ fault: REHEARSAL, callers, expect: EVERYTHING });
      expect(result.verdict).to.equal('inconclusive');
      expect(result.reason).to.equal('rehearsal changes nothing: by design there was no outage to judge.');
      expect(result.findings.filter(({ verdict }) => verdict === 'fail')).to.deep.equal([]);
      const passed = result.findings.filter(({ verdict }) => verdict === 'pass').map(({ id }) => id);
      expect(passed).to.deep.equal([
        'loadQuality/load',
        'steadyState/good',
        'steadyState/sameZone',
        'wayHome/paths',
        'putBack/clusters',
      ]);
      expect(findingOf(result, 'faultEffect/rehearsal')).to.include({
        hint: 'For a drill, put the fault that is meant in its place.',
      });
    });
  }

  it('takes the word of a real fault beside it, because nobody can tell the two apart', async () => {
    const { recoveryTime } = EVERYTHING;
    const drill = await judged(recovering({ expect: { ...(recoveryTime && { recoveryTime }) } }));
    expect(drill.verdict).to.equal('pass');
    const result = await judged({
      headers: [REHEARSAL],
      expect: { ...(recoveryTime && { recoveryTime }) },
      events: (history) => {
        const step = { type: 'fault', fault: REHEARSAL.name } as const;
        history.at(10e6, { ...step, step: 'requested' }).at(10.1e6, { ...step, step: 'acknowledged' });
        history.at(10.3e6, { ...step, step: 'proven' }).at(30e6, { ...step, step: 'undo-requested' });
        history.at(31e6, { ...step, step: 'undone', objects: [] });
      },
    });
    expect(findingOf(result, 'faultEffect/mockb-north-a').verdict).to.equal('pass');
    expect(findingOf(result, 'recoveryTime/entry@tokyo/north-a').verdict).to.equal('inconclusive');
    expect(result.verdict).to.equal('inconclusive');
  });
});
