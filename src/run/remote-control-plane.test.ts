import { expect } from 'chai';
import { fakeSystem } from '../faults/testing/fake-system.ts';
import type { FaultSpec } from '../model/scenario.ts';
import { journalCluster } from './announcement.ts';
import { permissionText } from './permissions.ts';
import { BenchRun, SWAP } from './testing/bench-run.ts';

const FAILS: FaultSpec = {
  name: 'fails',
  kind: 'meshFault',
  afterMs: 0,
  move: { kind: 'inbound-fault', status: 503, delayMs: undefined, percent: 1, isOfSome: false },
  spec: {
    cluster: 'tokyo',
    namespace: 'default',
    selector: { app: 'mockb', version: 'ap-northeast-1a' },
    status: 503,
    percent: 1,
    expiry: 900_000,
  },
};

/** The bench with a cluster that is configured by its own. */
function remote(): BenchRun {
  const bench = new BenchRun();
  const identity = async () => ({
    uid: 'uid-of-hangzhou',
    server: 'http://127.0.0.1:2',
    version: 'v1.36.0+faultline-sandbox',
  });
  bench.others = [Object.assign(fakeSystem(), { name: 'hangzhou', configuredBy: 'tokyo', identity })];
  return bench;
}

async function asked(purpose: string, fault = FAILS): Promise<string[]> {
  const { permissions } = await remote().plan([fault]);
  return permissions.filter((check) => check.purpose === purpose).map(permissionText);
}

describe('a run on two clusters of which one is configured by the other', () => {
  it('plans faults in the proxies of both, and proves them in both', async () => {
    const bench = remote();
    const { faults } = await bench.plan([FAILS]);
    const clusters = faults[0]?.plan.affected.map(({ cluster }) => cluster);
    expect(clusters).to.deep.equal(['tokyo', 'hangzhou']);
    await bench.run([FAILS]);
    const proof = bench.events.find((event) => event.type === 'fault' && event.step === 'not-proven');
    expect(proof, 'Hangzhou’s proxies are never told here').to.have.property('detail').that.contains('(has not)');
  });

  it('asks of both what a fault must look at there, and of one what it writes', async () => {
    const wanted = await asked('run');
    expect(wanted).to.include.members(['list Pod in hangzhou/default', 'create Pod/portforward in hangzhou/default']);
    const writes = wanted.filter((text) => text.includes('EnvoyFilter')).map((text) => text.split(' in ')[1]);
    expect([...new Set(writes)]).to.deep.equal(['tokyo/default']);
    const less = await asked('run', SWAP);
    expect(less.filter((text) => text.includes('portforward'))).to.deep.equal([]);
  });

  it('leaves in the journal whose istiod serves a cluster, for those who recover', async () => {
    const run = await remote().plan([SWAP]);
    const found = [...run.clusters.values()].map((open) => journalCluster(run, open));
    expect(found.map(({ name, configuredBy }) => [name, configuredBy])).to.deep.equal([
      ['tokyo', undefined],
      ['hangzhou', 'tokyo'],
    ]);
  });

  it('asks for mesh configuration where it is read', async () => {
    const rules = (await asked('predict', SWAP)).filter((text) => text.includes('DestinationRule'));
    expect([...new Set(rules.map((text) => text.split(/ in |\//)[1]))]).to.deep.equal(['tokyo']);
  });
});
