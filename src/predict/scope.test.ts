import { expect } from 'chai';
import { seeded } from '../mesh/testing/fixtures.ts';
import { draw } from './draw.ts';
import { moveOf } from './moves.ts';
import { predictFrom } from './predict.ts';
import { type Difference, liveSystem, PATHS, scenarioOf, swap } from './testing/live-fixture.ts';

const MOCKB = 'default/mockb';
const NEXT = 'ap-northeast-1b';
/** Mocka sees mockc, which it does not call, and nothing else. */
const HIDING = { egress: [{ hosts: ['./mockc.default.svc.cluster.local'] }] };
const PORTS = [
  { name: 'http-metrics', port: 9000 },
  { name: 'http', port: 8000 },
];
const DRAWS = 12;
const LAST_MS = 1000;

const faults = [swap()];
const scenario = { ...scenarioOf(faults), phases: { baselineMs: 500, holdMs: 3000, recoverMs: 500 } };
const paths = PATHS.slice(0, 1);

/** What comes of the calls of mockb from the zone of the fault: good, bad, what at last, and from where; and of ejections. */
async function drawn(difference: Difference, seed = 1) {
  const system = liveSystem(difference);
  const [move] = faults.map((fault) => moveOf(fault, system));
  if (move === undefined || 'unknown' in move) throw new Error('it is not played');
  const chain = ['default/mocka', MOCKB, 'default/mockc'];
  const question = { system, scenario, paths, chain, callers: [-1, 0, 1], moves: [move], hit: [MOCKB] };
  const { requests, stages } = await draw(question, seeded(seed));
  const [stage] = stages;
  const last = requests.filter(({ due }) => due >= (stage?.end ?? 0) - LAST_MS);
  return {
    bad: requests.filter(({ bad }) => bad).length,
    good: requests.filter(({ bad }) => !bad).length,
    atLast: new Set(last.map(({ bad }) => (bad ? 'bad' : 'good'))),
    zones: new Set(
      requests.flatMap(({ hops }) => hops.flatMap((hop) => (hop.service === MOCKB ? hop.zone : []) ?? [])),
    ),
    ejected: stage?.ejections.get(MOCKB)?.enforced ?? 0,
  };
}

/** Why the callers see what they see, or why nothing is predicted. */
async function whyOf(difference: Difference): Promise<string> {
  const prediction = await predictFrom({ scenario, paths, faults }, liveSystem(difference));
  if (prediction.state !== 'predicted') return prediction.reason;
  return prediction.stages.flatMap(({ callers }) => callers.flatMap(({ why }) => why)).join('\n');
}

describe('what is predicted of a Service that its callers do not see', function () {
  this.timeout(20_000);

  for (const [by, difference] of Object.entries({
    'a Sidecar': { sidecar: HIDING },
    exportTo: { exportTo: { mockb: 'shop' } },
  })) {
    it(`by ${by}, is what kube-proxy makes of it: who is on the dead pod stays there, and nobody leaves the cluster`, async () => {
      const all = await Promise.all(Array.from({ length: DRAWS }, (_, seed) => drawn(difference, seed)));
      expect(all.every(({ atLast }) => atLast.size < 2)).to.equal(true);
      expect(all.filter(({ atLast }) => atLast.has('bad')).length, 'on the dead pod').to.be.within(1, DRAWS - 1);
      expect(all.some(({ ejected }) => ejected > 0)).to.equal(false);
      const places = new Set(all.flatMap(({ zones }) => [...zones]));
      expect(places.has(NEXT)).to.equal(true);
      expect([...places].filter((zone) => zone.startsWith('cn-'))).to.deep.equal([]);
    });
  }

  it('says so', async () => {
    expect(await whyOf({ sidecar: HIDING })).to.match(
      /^a Sidecar or exportTo hides default\/mockb from its callers: kube-proxy takes/,
    );
  });

  it('is that every call is lost where they may call nothing else', async () => {
    const difference = { sidecar: { ...HIDING, outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } };
    const { good, bad } = await drawn(difference);
    expect(good).to.equal(0);
    expect(bad).to.be.above(0);
    expect(await whyOf(difference)).to.contain('(REGISTRY_ONLY)');
  });

  it('is that every call fails where a gateway’s route leads to it', async () => {
    const { good, bad } = await drawn({ exportTo: { mocka: 'default' } });
    expect(good).to.equal(0);
    expect(bad).to.be.above(0);
  });

  it('is what the mesh makes of it where they see it', async () => {
    const own = { egress: [{ hosts: ['default/*.default.svc.cluster.local'] }] };
    for (const difference of [
      { sidecar: own },
      { exportTo: { mockb: '.' } },
      { exportTo: { mockb: 'shop, default' } },
    ]) {
      expect(await drawn(difference), JSON.stringify(difference)).to.deep.equal(await drawn({}));
    }
    expect((await drawn({})).ejected).to.be.above(0);
  });
});

describe('what is predicted of a rule that its callers do not see', function () {
  this.timeout(20_000);

  it('is as without it', async () => {
    expect(await drawn({ ruledFromRoot: ['.'] })).to.deep.equal(await drawn({ outlierDetection: null }));
    expect(await drawn({ ruledFromRoot: ['default'] })).to.deep.equal(await drawn({}));
  });

  it('is that every call fails where it is to make the subset that a route names', async () => {
    const { good, bad } = await drawn({ subset: 'v2' });
    expect(good).to.equal(0);
    expect(bad).to.be.above(0);
    expect(await whyOf({ subset: 'v2' })).to.equal('no DestinationRule makes subset v2 of default/mockb');
  });
});

describe('what is predicted of a Service with two ports', function () {
  this.timeout(20_000);
  const [, http] = PORTS;
  if (http === undefined) throw new Error('no second port');

  it('is that of the one that takes requests, whichever comes first', async () => {
    for (const name of ['tcp-replication', 'https', 'mysql']) {
      expect(await drawn({ ports: [{ name, port: 9000 }, http], ejectsAt: 8000 }), name).to.deep.equal(await drawn({}));
    }
  });

  it('is made where the first is not one of requests', async () => {
    expect(await whyOf({ ports: [{ name: 'tcp-replication', port: 9000 }, http], ejectsAt: 8000 })).to.contain(
      'merge window',
    );
  });

  it('is that of either where its callers treat them alike', async () => {
    expect(await drawn({ ports: PORTS })).to.deep.equal(await drawn({}));
  });

  it('is not made where they do not, since nobody tells which one is called', async () => {
    expect(await whyOf({ ports: PORTS, ejectsAt: 8000 })).to.equal(
      'Service default/mockb has ports 9000 and 8000, which its callers treat differently: which one is called is not known',
    );
  });
});
