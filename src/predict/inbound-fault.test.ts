import { expect } from 'chai';
import type { FaultMove } from '../model/fault-move.ts';
import type { PredictedCaller, PredictedStage, Prediction } from '../model/prediction.ts';
import { draw } from './draw.ts';
import { moveOf, type PlannedFault } from './moves.ts';
import { predictFrom } from './predict.ts';
import { type Difference, liveSystem, PATHS, planned, scenarioOf } from './testing/live-fixture.ts';

const HOME = 'ap-northeast-1a';
const NEXT = 'ap-northeast-1b';

function predicted(difference: Difference, fault: PlannedFault): Promise<Prediction> {
  return predictFrom({ scenario: scenarioOf([fault]), paths: PATHS, faults: [fault] }, liveSystem(difference));
}

async function stagesOf(difference: Difference, fault: PlannedFault): Promise<readonly PredictedStage[]> {
  const prediction = await predicted(difference, fault);
  if (prediction.state !== 'predicted') throw new Error(prediction.reason);
  return prediction.stages;
}

function callerIn([stage]: readonly PredictedStage[]): PredictedCaller {
  const found = stage?.callers.find(({ fromZone }) => fromZone === HOME);
  if (found === undefined) throw new Error(`no callers in ${HOME}`);
  return found;
}

/** Share of the next zone at its least and its most. */
function shareOf({ places }: PredictedCaller): [number, number] {
  const { lo = -1, hi = -1 } = places.find(({ zone }) => zone === NEXT)?.share ?? {};
  return [lo, hi];
}

describe('what is predicted of sidecars that answer in place of their application', function () {
  this.timeout(60_000);
  const fault = (move: Partial<Extract<FaultMove, { kind: 'inbound-fault' }>>): PlannedFault => {
    const asked = { status: 503, delayMs: undefined, percent: 1, isOfSome: false, ...move };
    const spec = { name: 'fails', kind: 'meshFault', afterMs: 0, spec: {} };
    return planned({ ...spec, move: { kind: 'inbound-fault', ...asked } }, [`mockb-${HOME}-0`]);
  };

  it('is an ejection and the next zone, with nobody left at home, though no pod goes', async () => {
    const caller = callerIn(await stagesOf({}, fault({})));
    expect(shareOf(caller)).to.deep.equal([1, 1]);
    expect(caller.places[0]).to.include({ zone: HOME, serving: 0, before: 1 });
    expect(caller.out?.hi).to.be.within(0, 2);
    expect(caller.why.join('\n'), 'no pod is replaced').to.not.contain('rollout');
  });

  it('is one in every cluster in which it hits pods', async () => {
    const { spec, plan } = fault({});
    const [home] = plan.affected;
    if (home === undefined) throw new Error('one');
    const far = { ...home, cluster: 'hangzhou', pod: 'mockb-cn-hangzhou-h-0' };
    const [stage] = await stagesOf({}, { spec, plan: { ...plan, affected: [home, far] } });
    const servingAt = (zone: string) => stage?.callers.find(({ fromZone }) => fromZone === zone)?.places[0]?.serving;
    expect([servingAt(HOME), servingAt('cn-hangzhou-h')]).to.deep.equal([0, 0]);
  });

  it('is failing until the undo without outlierDetection, longer where the listeners from before go late', async () => {
    const { bad, out } = callerIn(await stagesOf({ outlierDetection: null }, fault({})));
    expect(out?.hi).to.equal(null);
    expect(bad.hi - bad.lo, 'of 45 s at most').to.be.above(50);
  });

  it('of a share is some errors for as long as it is on, and none is passed over', async () => {
    const system = liveSystem({ outlierDetection: null });
    const some = fault({ percent: 0.01 });
    const move = moveOf(some, system);
    if ('unknown' in move) throw new Error(move.unknown);
    const scenario = { ...scenarioOf([some]), phases: { baselineMs: 500, holdMs: 60_000, recoverMs: 500 } };
    const chain = ['default/mocka', 'default/mockb', 'default/mockc'];
    const question = { system, scenario, paths: PATHS, chain, callers: [-1, 0, 1], moves: [move], hit: [] };
    let state = 1;
    const { requests, stages } = await draw(question, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    });
    const stage = stages[0];
    if (stage === undefined) throw new Error('no stage');
    const told = stage.skipped.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(told, 'most of it is like what was seen').to.be.above(20_000);
    const fails = (some: typeof requests) => some.filter(({ bad }) => bad).length / some.length;
    const played = fails(requests.filter(({ due }) => due >= stage.start));
    expect(played, 'of what is not answered by another host when it is tried again').to.be.within(0, 0.02);
    for (const { sample } of stage.skipped) expect(fails(sample)).to.be.closeTo(played, 0.05);
  });

  it('that only wait is late answers: bad where that is later than good allows, and nobody is ejected', async () => {
    const prediction = await predicted({}, fault({ status: undefined, delayMs: 5_000 }));
    if (prediction.state !== 'predicted') throw new Error(prediction.reason);
    expect(prediction.ejections).to.deep.equal([{ service: 'mockb', enforced: { lo: 0, hi: 0 } }]);
    expect(prediction.stages[0]?.paths.find(({ path }) => path.endsWith(HOME))?.bad.lo).to.be.above(10);
    expect(prediction.assumptions.join()).to.contain('listeners from before');
  });

  it('is not made where headers or a port narrow it', async () => {
    const made = await predicted({}, fault({ isOfSome: true }));
    expect(made).to.deep.equal({
      state: 'not-predicted',
      reason: 'fails hits some requests only (headers, port), and which those are is not known',
    });
  });
});
