import { expect } from 'chai';
import { FAULT_KINDS } from '../faults/index.ts';
import { stateOf } from '../faults/testing/cluster-state.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import { isClean, recoverCluster } from './recover.ts';
import { BenchRun, DOWN, SWAP } from './testing/bench-run.ts';
import { recoverPorts } from './testing/recover-ports.ts';

const DRILLS = 'drills';
const TARGET = {
  name: 'bench',
  namespaces: ['default'],
  lockNamespace: DRILLS,
  observe: { namespaces: ['default'] },
  clusters: [],
};

/** What an API server answers to a create in a namespace that is not there, or is about to go. */
const ANSWERS = {
  gone: [404, 'KUBE_API', `namespaces "${DRILLS}" not found`],
  'being deleted': [
    403,
    'PERMISSION_DENIED',
    `leases "faultline" is forbidden: unable to create new content in namespace ${DRILLS} because it is being terminated`,
  ],
} as const;

/** The namespace of the lease goes, with all that is in it; `isBack` says from when on it is there again. */
function deleteNamespace(cluster: FakeCluster, how: keyof typeof ANSWERS, isBack = () => false): void {
  for (const [key, { metadata }] of cluster.objects) if (metadata.namespace === DRILLS) cluster.objects.delete(key);
  cluster.before = ({ verb, namespace }) => {
    if (verb !== 'create' || namespace !== DRILLS || isBack()) return;
    const [status, code, message] = ANSWERS[how];
    throw Object.assign(new FaultlineError(code, `cluster tokyo: create: ${status} ${message}`), { status });
  };
}

const bare = (cluster: FakeCluster) =>
  stateOf([...cluster.objects.values()].filter(({ metadata }) => metadata.namespace !== DRILLS));

function recover({ cluster, clock, stop }: BenchRun, known: readonly FaultPlan[], said: string[] = []) {
  const scope = { namespaces: ['default'], lockNamespace: DRILLS, kinds: FAULT_KINDS };
  return recoverCluster(cluster, scope, known, { ...recoverPorts(clock, stop.signal), say: (text) => said.push(text) });
}

/** A run that was killed with its fault on, in a cluster whose namespace of the lease is gone since. */
async function dead(isBack?: () => boolean): Promise<{ bench: BenchRun; plans: FaultPlan[]; before: unknown }> {
  const bench = new BenchRun();
  const { cluster, clock, stop } = bench;
  const before = structuredClone(bare(cluster));
  const { faults, runId } = await bench.plan([DOWN], TARGET);
  const context = { runId, cluster, clock, now: () => 0, signal: stop.signal, onAffected: () => {} };
  for (const { kind, plan } of faults) await kind.inject(plan, context);
  deleteNamespace(cluster, 'gone', isBack);
  return { bench, plans: faults.map(({ plan }) => plan), before };
}

describe('a cluster in which the namespace of the lease is gone', () => {
  for (const how of ['gone', 'being deleted'] as const) {
    it(`has its faults undone by the run, which nobody else can do there: ${how}`, async () => {
      const bench = new BenchRun();
      const before = structuredClone(bare(bench.cluster));
      bench.onEvent = (event) => {
        if (event.type === 'phase-start' && event.phase === 'hold') deleteNamespace(bench.cluster, how);
      };
      const { status, reason } = await bench.run([SWAP], TARGET);
      expect([status, reason]).to.deep.equal([
        'aborted',
        'stopped: cluster tokyo: this run does not hold it any more: nobody holds it',
      ]);
      expect(bench.steps()).to.include('swap undone');
      expect(bare(bench.cluster)).to.deep.equal(before);
    });
  }

  it('has them undone by a recovery, when whoever held it can write no more', async () => {
    for (const isScan of [false, true]) {
      const { bench, plans, before } = await dead();
      const said: string[] = [];
      const began = bench.clock.now();
      const result = await recover(bench, isScan ? [] : plans, said);
      expect([isClean(result), result.undone.map(({ outcome }) => outcome.state)]).to.deep.equal([true, ['undone']]);
      expect(bare(bench.cluster)).to.deep.equal(before);
      expect((bench.clock.now() - began) / 1e6).to.be.at.least(60);
      expect(said.join())
        .to.contain('the namespace of its lease is gone')
        .and.to.contain('namespaces "drills" not found')
        .and.to.contain('who held it may write for 60 s more');
    }
  });

  it('is held as any other when the namespace is there again', async () => {
    let isThere = false;
    const { bench, plans } = await dead(() => isThere);
    const { cluster, clock } = bench;
    const recovery = recover(bench, plans).catch((error: unknown) => error);
    await clock.sleep(30_000);
    isThere = true;
    const other = { ...KINDS.lease, metadata: { namespace: DRILLS, name: 'faultline' } };
    const renew = () =>
      cluster.add({ ...other, spec: { holderIdentity: 'other/b/2', renewTime: String(clock.now()) } });
    for (let second = 0; second < 60; second++) {
      renew();
      await clock.sleep(1_000);
    }
    expect(await recovery).to.include({ code: 'LEASE_HELD' });
    expect(cluster.objects.get('Deployment default/mockb-ap-northeast-1a')?.spec).to.include({ replicas: 0 });
  });

  it('takes no run, and the refusal has the command that makes it again', async () => {
    const bench = new BenchRun();
    deleteNamespace(bench.cluster, 'gone');
    const run = await bench.plan([SWAP], TARGET);
    const { status, reason } = await bench.execute(run);
    expect([status, bench.cluster.writes]).to.deep.equal(['refused', 0]);
    expect(reason).to.contain('the namespace of its lease is gone').and.to.contain('kubectl create namespace drills');
  });

  it('is not so where the role may not take leases, or another namespace is gone: nobody goes on without one', async () => {
    for (const [status, code, message] of [
      [
        403,
        'PERMISSION_DENIED',
        'leases.coordination.k8s.io is forbidden: User "drill" cannot create resource "leases"',
      ],
      [403, 'PERMISSION_DENIED', 'unable to create new content in namespace shop because it is being terminated'],
      [404, 'KUBE_API', 'namespaces "shop" not found'],
      [404, 'KUBE_API', 'the server could not find the requested resource'],
    ] as const) {
      const { bench, plans } = await dead();
      const { cluster } = bench;
      cluster.before = ({ verb, namespace }) => {
        if (verb !== 'create' || namespace !== DRILLS) return;
        throw Object.assign(new FaultlineError(code, `cluster tokyo: create: ${status} ${message}`), { status });
      };
      const error = await recover(bench, plans).catch((reason: unknown) => reason);
      expect(error, message).to.include({ code });
      expect(cluster.objects.get('Deployment default/mockb-ap-northeast-1a')?.spec, message).to.include({
        replicas: 0,
      });
    }
  });
});
