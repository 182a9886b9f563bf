import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { blockOf } from '../faults/testing/conformance/stage.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import type { FaultMove } from '../model/fault-move.ts';
import type { PredictedCaller, PredictedStage, Prediction } from '../model/prediction.ts';
import { draw } from './draw.ts';
import { firstCalled } from './first-called.ts';
import { moveOf, type PlannedFault } from './moves.ts';
import { predictFrom } from './predict.ts';
import { type Difference, kill, liveSystem, PATHS, planned, scenarioOf, swap, VENDOR } from './testing/live-fixture.ts';

const HOME = 'ap-northeast-1a';
const NEXT = 'ap-northeast-1b';

function predicted(difference: Difference, ...faults: PlannedFault[]): Promise<Prediction> {
  return predictFrom({ scenario: scenarioOf(faults), paths: PATHS, faults }, liveSystem(difference));
}

async function stages(difference: Difference, ...faults: PlannedFault[]): Promise<readonly PredictedStage[]> {
  const prediction = await predicted(difference, ...faults);
  if (prediction.state !== 'predicted') throw new Error(prediction.reason);
  return prediction.stages;
}

function callerIn(stage: PredictedStage | undefined, zone: string): PredictedCaller {
  const found = stage?.callers.find(({ fromZone }) => fromZone === zone);
  if (found === undefined) throw new Error(`no callers in ${zone}`);
  return found;
}

async function callerOf(difference: Difference, ...faults: PlannedFault[]): Promise<PredictedCaller> {
  return callerIn((await stages(difference, ...faults))[0], HOME);
}

/** Share of a zone at its least and its most. */
function shareOf({ places }: PredictedCaller, wanted: string): [number, number] {
  const place = places.find(({ zone }) => zone === wanted);
  return [place?.share.lo ?? -1, place?.share.hi ?? -1];
}

describe('what is predicted of a swapped image', function () {
  this.timeout(60_000);

  let vendor: PredictedStage | undefined;
  before(async () => {
    [vendor] = await stages({}, swap());
  });

  it('is about a second of errors at the merge window, and why', () => {
    const caller = callerIn(vendor, HOME);
    expect(caller.bad.hi).to.be.within(20, 26);
    expect(caller.out?.hi).to.be.within(1, 1.4);
    expect(caller.why.join('\n')).to.contain('the merge window costs 1 s here');
    expect(shareOf(caller, NEXT)).to.deep.equal([1, 1]);
    expect(caller.places.map(({ zone }) => zone).slice(0, 2)).to.deep.equal([HOME, NEXT]);
    expect(caller.places[0]).to.include({ serving: 0, before: 1 });
  });

  it('is the short case, too: the end of the old pod in a push of its own ends the wait', () => {
    const caller = callerIn(vendor, HOME);
    expect(caller.bad.lo).to.be.within(1, 8);
    expect(caller.why.join('\n')).to.match(/in \d+ of 100 cases .* ends that wait at once/);
  });

  it('is a failing call and what arrives during it with the window off', async () => {
    const caller = await callerOf({ windowOff: true }, swap());
    expect(caller.bad.lo).to.equal(1);
    expect(caller.bad.hi).to.be.at.most(4);
    expect(caller.why.join('\n')).to.contain('the merge window is off').and.not.contain('costs 1 s');
  });

  it('is failing until the undo without outlierDetection, everywhere, as the pod has its share everywhere', async () => {
    const [stage] = await stages({ outlierDetection: null }, swap());
    for (const zone of [HOME, 'cn-hangzhou-h']) {
      const { bad, out, why } = callerIn(stage, zone);
      expect(out?.hi, zone).to.equal(null);
      expect(bad.lo, zone).to.be.within(15, 50);
      expect(bad.hi, zone).to.be.within(40, 90);
      expect(why.join('\n')).to.contain('no outlierDetection in force for mockb: failures go on until the undo');
    }
  });

  it('is failing until the undo where maxEjectionPercent is less than a host', async () => {
    const prediction = await predicted({ outlierDetection: { ...VENDOR, maxEjectionPercent: 10 } }, swap());
    if (prediction.state !== 'predicted') throw new Error(prediction.reason);
    expect(prediction.assumptions.join()).to.not.contain('leave their region');
    const { bad, out, why } = callerIn(prediction.stages[0], HOME);
    expect(out?.hi).to.equal(null);
    expect(bad.lo).to.be.at.least(190);
    expect(why.join('\n')).to.contain('maxEjectionPercent 10 of 4 hosts is less than one host: nothing is ejected');
    expect(prediction.ejections).to.deep.equal([{ service: 'mockb', enforced: { lo: 0, hi: 0 } }]);
  });

  it('is 70 % at home where one of two pods there still serves', async () => {
    const caller = await callerOf({ mockbs: [`mockb-${HOME}`, 'mockb-second'] }, swap());
    const [lo, hi] = shareOf(caller, HOME);
    expect(lo).to.be.within(0.55, 0.7);
    expect(hi).to.be.within(0.7, 0.85);
    expect(caller.why.join('\n')).to.contain('1 of 2 pods at home still serve: they keep 70 %');
  });

  it('is the other region when the second zone dies, too', async () => {
    const prediction = await predicted({}, swap(HOME), swap(NEXT, 14_000));
    if (prediction.state !== 'predicted') throw new Error(prediction.reason);
    expect(prediction.assumptions.join()).to.contain('calls that leave their region');
    const [first, second] = prediction.stages;
    expect(shareOf(callerIn(first, HOME), NEXT)).to.deep.equal([1, 1]);
    expect(second?.faults).to.deep.equal([`swap-${HOME}`, `swap-${NEXT}`]);
    for (const zone of [HOME, NEXT]) {
      const [h, k] = [
        shareOf(callerIn(second, zone), 'cn-hangzhou-h'),
        shareOf(callerIn(second, zone), 'cn-hangzhou-k'),
      ];
      expect(h[0] + k[1], zone).to.be.closeTo(1, 0.2);
      expect(shareOf(callerIn(second, zone), NEXT)).to.deep.equal([0, 0]);
    }
  });

  it('tells of the share that leaves home during the rollout with Istio 1.31, and of none with 1.30', async () => {
    const now = callerIn(vendor, HOME);
    expect(now.early).to.be.within(0.1, 0.32);
    expect(now.why.join('\n')).to.match(
      /unready pods count with Istio 1.31: about \d+ % leaves home during the rollout/,
    );
    const other = await callerOf({ istio: { hangzhou: '1.30' } }, swap());
    expect(other.early, 'another cluster is older').to.be.within(0.1, 0.32);
    const before = await callerOf({ istio: { tokyo: '1.30' } }, swap());
    expect(before.early).to.equal(0);
    expect(before.why.join('\n')).to.not.contain('unready');
  });

  it('is that it does not bite where a readiness probe keeps the old pods', async () => {
    const caller = await callerOf({ probed: true }, swap());
    expect(caller.bad).to.deep.equal({ lo: 0, hi: 0 });
    expect(caller.why.join('\n')).to.contain('the fault does not bite');
  });

  it('comes again where ejections end while the fault is on', async () => {
    const once = callerIn(vendor, HOME);
    const again = await callerOf({ outlierDetection: { ...VENDOR, baseEjectionTime: '2s', interval: '1s' } }, swap());
    expect(again.bad.hi).to.be.above(once.bad.hi + 2);
    expect(again.why.join('\n')).to.contain('an ejection ends after 2 s (baseEjectionTime)');
  });

  it('is nothing elsewhere', () => {
    const stage = vendor;
    for (const zone of [NEXT, 'cn-hangzhou-h', 'cn-hangzhou-k']) {
      expect(callerIn(stage, zone)).to.deep.include({ bad: { lo: 0, hi: 0 }, why: [] });
      expect(shareOf(callerIn(stage, zone), zone)).to.deep.equal([1, 1]);
    }
    const paths = stage?.paths.map(({ bad }) => bad.hi) ?? [];
    expect(paths[0]).to.be.above(0);
    expect(paths.slice(1)).to.deep.equal([0, 0, 0]);
  });

  it('is the same whenever it is asked', async () => {
    expect((await stages({}, swap()))[0]).to.deep.equal(vendor);
  });
});

describe('what is predicted of a killed pod', function () {
  this.timeout(60_000);

  it('is that nobody notices where it goes on serving for a while', async () => {
    const caller = await callerOf({}, kill(`mockb-${HOME}-0`));
    expect(caller.bad).to.deep.equal({ lo: 0, hi: 0 });
    expect(caller.why.join('\n')).to.contain('leaves the endpoints before its containers end');
  });

  it('is a race without a preStop hook', async () => {
    const caller = await callerOf({ preStopMs: 0 }, kill(`mockb-${HOME}-0`));
    expect(caller.bad.lo).to.equal(0);
    expect(caller.bad.hi).to.be.within(1, 6);
  });
});

describe('what is predicted of a fault in the proxies of callers', function () {
  this.timeout(60_000);

  const fault = (more: object = {}) => {
    const who = { cluster: 'tokyo', namespace: 'default', callers: { app: 'mocka' }, host: 'mockb' };
    const what = { status: 503, delayMs: undefined, percent: 1, isOfSome: false };
    const move: FaultMove = { kind: 'caller-fault', ...who, ...what, ...more };
    return planned({ name: 'fails', kind: 'clientFault', afterMs: 0, spec: {}, move }, []);
  };
  const of = (one: PlannedFault, system = liveSystem()) => {
    const phases = { baselineMs: 500, holdMs: 1000, recoverMs: 500 };
    return predictFrom({ scenario: { ...scenarioOf([one]), phases }, paths: PATHS, faults: [one] }, system);
  };
  const reasonOf = async (...given: Parameters<typeof of>) => {
    const made = await of(...given);
    return made.state === 'predicted' ? 'it was' : made.reason;
  };

  it('is that their calls fail until the undo, nobody is ejected, and no other cluster notices', async () => {
    const made = await of(fault());
    if (made.state !== 'predicted') throw new Error(made.reason);
    const own = callerIn(made.stages[0], HOME);
    expect([own.bad.lo > 10, own.out?.hi, own.why]).to.deep.equal([
      ...[true, null],
      ['the callers’ own proxies answer in its place: no host is ejected, and it goes on until the undo'],
    ]);
    expect(callerIn(made.stages[0], 'cn-hangzhou-h').bad).to.deep.equal({ lo: 0, hi: 0 });
    expect(made.ejections).to.deep.equal([{ service: 'mockb', enforced: { lo: 0, hi: 0 } }]);
  });

  it('is that of all clusters that are configured by the one it is written to', async () => {
    const system = liveSystem();
    const clusters = system.clusters.map((live) => ({ ...live, configuredBy: 'tokyo' }));
    const made = await of(fault(), { ...system, clusters });
    if (made.state !== 'predicted') throw new Error(made.reason);
    expect(callerIn(made.stages[0], 'cn-hangzhou-h').bad.lo).to.be.above(10);
  });

  it('is nothing where it is not known which calls it hits, or that it hits any', async () => {
    expect(await reasonOf(fault({ isOfSome: true }))).to.contain('requests with certain headers');
    expect(await reasonOf(fault({ host: 'other' }))).to.contain('a host that the call chain does not name');
    const routed = liveSystem();
    const [mock] = routed.clusters[0]?.virtualServices ?? [];
    if (mock === undefined) throw new Error('there is one');
    const spec = { hosts: ['mockb'], http: [{ route: [{ destination: { host: 'mockb' } }] }] };
    const own = { ...mock, metadata: { name: 'own', namespace: 'default' }, spec };
    const clusters = routed.clusters.map((live) => ({ ...live, virtualServices: [...live.virtualServices, own] }));
    expect(await reasonOf(fault(), { ...routed, clusters })).to.contain('VirtualService default/own routes mockb');
  });
});

describe('what is predicted without a call chain', function () {
  this.timeout(60_000);

  it('is what gateways see of the Service that they call, where it alone is hit', async () => {
    const faults = [kill(`mocka-${HOME}-0`)];
    const phases = { baselineMs: 500, holdMs: 1000, recoverMs: 500 };
    const scenario = { ...scenarioOf(faults, []), phases };
    const made = await predictFrom({ scenario, paths: PATHS, faults }, liveSystem());
    if (made.state !== 'predicted') throw new Error(made.reason);
    const [caller] = made.stages[0]?.callers ?? [];
    expect(caller).to.include({ service: 'mocka', fromZone: HOME });
    expect(caller?.bad).to.deep.equal({ lo: 0, hi: 0 });
  });
});

describe('what is predicted of a gateway that is gone', () => {
  it('is that every request to its address fails until the undo, and none to another', async () => {
    const spec = {
      name: 'gone',
      kind: 'gatewayDown',
      afterMs: 0,
      spec: {},
      move: { kind: 'removal' },
    } as const;
    const fault = planned(spec, [`gateway-${HOME}`], 'istio-system');
    const system = liveSystem();
    const move = moveOf(fault, system);
    if ('unknown' in move) throw new Error(move.unknown);
    const chain = ['default/mocka', 'default/mockb', 'default/mockc'];
    const question = { system, scenario: scenarioOf([fault]), paths: PATHS, chain, moves: [move], hit: [] };
    const { requests, stages } = await draw({ ...question, callers: [-1, 0, 1] }, () => 0.5);
    const effect = stages[0]?.effect ?? Number.NaN;
    const failed = (path: string) =>
      requests.filter((one) => one.path === path && one.due > effect).map(({ bad }) => bad);
    expect(new Set(failed(`entry@tokyo/${HOME}`))).to.deep.equal(new Set([true]));
    expect(new Set(failed(`entry@tokyo/${NEXT}`))).to.deep.equal(new Set([false]));
  });
});

describe('a prediction is not made', () => {
  const reasonOf = async (difference: Difference, fault: PlannedFault, chain?: string[]): Promise<string> => {
    const faults = [fault];
    const made = await predictFrom(
      { scenario: scenarioOf(faults, chain), paths: PATHS, faults },
      liveSystem(difference),
    );
    return made.state === 'predicted' ? 'it was' : made.reason;
  };

  it('of any kind without saying why that one is not played', async () => {
    const reasons: string[] = [];
    for (const kind of STAGED_KINDS) {
      const block = blockOf(kind);
      const spec = { name: 'it', kind: kind.kind, afterMs: 0, spec: block, move: kind.move(block) };
      const moved = moveOf(planned(spec, []), liveSystem());
      if ('unknown' in moved) reasons.push(moved.unknown);
    }
    const told = reasons.filter((one) => one.includes(' (fault it) is not played: '));
    const page = readFileSync('docs/prediction.md', 'utf8');
    const [, played = ''] = /Faults that are played: (.*?)\. Of any other/s.exec(page) ?? [];
    const isPlayed = ({ kind }: { readonly kind: string }) => played.includes(`\`${kind}\``);
    const others = STAGED_KINDS.filter((kind) => !isPlayed(kind)).map(({ kind }) => kind);
    expect(told.map((one) => one.split(' ')[0])).to.have.members(others);
    expect(others.filter((kind) => !page.includes(`\`${kind}\``))).to.deep.equal([]);
  });

  it('where nobody knows who calls whom', async () => {
    expect(await reasonOf({}, swap(), [])).to.contain('load.good.chain');
    expect(await reasonOf({}, swap(), ['mocka', 'other'])).to.contain('no observed namespace has a Service other');
  });

  it('where the mesh does not choose', async () => {
    expect(await reasonOf({ headless: true }, swap())).to.contain('Service mocka is headless');
    expect(await reasonOf({ portName: 'tcp-x' }, swap())).to.contain('Service mocka is one of TCP');
    const own = [{ port: { number: 8000, protocol: 'HTTP', name: 'http' }, defaultEndpoint: '127.0.0.1:8000' }];
    expect(await reasonOf({ sidecar: { ingress: own } }, swap())).to.equal(
      'Sidecar default/narrow has a field that is not played: spec.ingress',
    );
    expect(await reasonOf({ proxied: false }, swap())).to.contain('has no proxy');
    expect(await reasonOf({ proxied: false, ambient: true }, swap())).to.contain('is in ambient mode');
  });

  it('of what is not played', async () => {
    const { spec, plan } = kill(`gateway-${HOME}`);
    const affected = plan.affected.map((pod) => ({ ...pod, namespace: 'istio-system' }));
    expect(await reasonOf({}, { spec, plan: { ...plan, affected } })).to.contain('kill hits gateways');
    const deaf = planned(
      { name: 'deaf', kind: 'controlPlaneDown', afterMs: 0, spec: {}, move: { kind: 'deaf', cluster: 'tokyo' } },
      [],
    );
    const faults = [swap(), deaf];
    const made = await predictFrom({ scenario: scenarioOf(faults), paths: PATHS, faults }, liveSystem());
    expect(made).to.deep.include({ state: 'not-predicted' });
    expect(JSON.stringify(made)).to.contain('without a control plane (deaf) no proxy hears of it');
  });

  it('without a chain, where another than the first called Service is hit', async () => {
    expect(await reasonOf({}, swap(), [])).to.contain('load.good.chain');
    const split = liveSystem();
    const [route] = split.clusters.flatMap(({ virtualServices }) => virtualServices);
    const destinations = [{ destination: { host: 'mocka' } }, { destination: { host: 'mockc' }, weight: 9 }];
    Object.assign(route?.spec as object, { http: [{ route: destinations }] });
    expect(firstCalled(split, scenarioOf([]), PATHS)).to.have.members(['default/mocka', 'default/mockc']);
    Object.assign(route?.spec as object, { http: [{ match: [{ uri: { exact: '/no' } }], route: destinations }] });
    expect(firstCalled(split, scenarioOf([]), PATHS)).to.equal(undefined);
  });

  it('of pods that were not read', async () => {
    expect(await reasonOf({}, kill('elsewhere'))).to.contain('spec.observe.namespaces');
    expect(await reasonOf({ mockbs: ['other'] }, swap())).to.contain('could not be read');
  });
});

describe('what is predicted of a chain that the scenario tells more of', function () {
  this.timeout(60_000);
  const fault = swap();
  const scenario = scenarioOf([fault]);

  it('names the callers of a stated Service by the scenario’s name', async () => {
    const chain = ['mocka', 'backend', 'mockc'];
    const phases = { baselineMs: 500, holdMs: 1000, recoverMs: 500 };
    const named = { ...scenarioOf([fault], chain), phases, services: { backend: 'default/mockb' } };
    const made = await predictFrom({ scenario: named, paths: PATHS, faults: [fault] }, liveSystem());
    if (made.state !== 'predicted') throw new Error(made.reason);
    expect(new Set(made.stages[0]?.callers.map(({ service }) => service))).to.deep.equal(new Set(['backend']));
    expect(made.ejections.map(({ service }) => service)).to.deep.equal(['backend']);
    const wrong = { ...named, services: { backend: 'shop/mockb' } };
    const none = await predictFrom({ scenario: wrong, paths: PATHS, faults: [fault] }, liveSystem());
    expect(none).to.deep.equal({ state: 'not-predicted', reason: 'no observed namespace has a Service shop/mockb' });
  });

  it('lets one service call several, one after the other', async () => {
    const system = liveSystem();
    const chain = ['default/mocka', 'default/mockb', 'default/mockc'];
    const move = moveOf(fault, system);
    if ('unknown' in move) throw new Error(move.unknown);
    const question = { system, scenario, paths: PATHS, chain, moves: [move], hit: ['default/mockb'] };
    const called = async (callers: readonly number[]) => {
      const { requests } = await draw({ ...question, callers }, () => 0.5);
      return new Set(requests.filter(({ bad }) => !bad).map(({ hops }) => hops.map(({ service }) => service).join()));
    };
    expect(await called([-1, 0, 1])).to.deep.equal(new Set(['default/mockc,default/mockb,default/mocka']));
    expect(await called([-1, 0, 0])).to.deep.equal(new Set(['default/mockb,default/mockc,default/mocka']));
  });
});
