import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import { OTHER_NAMESPACE, stage, stageOn } from '../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, PLAN_ANNOTATION, RUN_LABEL } from '../model/kubernetes.ts';
import type { FaultSpec } from '../model/scenario.ts';
import { readClusterJournal, writeClusterJournal } from './cluster-journal.ts';
import { isClean, type RecoverPorts, type RecoverResult, recoverCluster } from './recover.ts';
import { BenchRun, DOWN, SWAP } from './testing/bench-run.ts';
import { recoverPorts } from './testing/recover-ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';

const NAME = 'mockb-ap-northeast-1a';
const VICTIM = 'mockb-ap-northeast-1b';
const RUN = '20261122t090000z-test';
const refOf = (name: string) => ({ ...KINDS.deployment, namespace: 'default', name });
function recover(
  cluster: FakeCluster,
  known: readonly FaultPlan[] = [],
  namespaces: readonly string[] = ['default'],
  more: Pick<RecoverPorts, 'accept'> = {},
): Promise<RecoverResult> {
  const { signal } = new AbortController();
  return recoverCluster(cluster, { namespaces, lockNamespace: 'default', kinds: FAULT_KINDS }, known, {
    ...recoverPorts(virtualClock(), signal),
    ...more,
  });
}

/** A plan as a run makes it, of a fault that is not on. */
async function planOf(bench: BenchRun, spec: FaultSpec): Promise<FaultPlan> {
  const [fault] = (await bench.plan([spec])).faults;
  if (fault === undefined) throw new Error('there is a fault');
  return structuredClone(fault.plan);
}

async function injected(spec: FaultSpec): Promise<{ cluster: FakeCluster; plan: FaultPlan; before: unknown }> {
  const bench = new BenchRun();
  const { cluster, clock, stop } = bench;
  const before = cluster.snapshot();
  const plan = await planOf(bench, spec);
  const context = { runId: plan.runId, cluster, clock, now: () => 0, signal: stop.signal, onAffected: () => {} };
  await faultKind(plan.kind).inject(plan, context);
  return { cluster, plan, before };
}

/** Changes an object by hand; what is not named stays. */
async function touch(cluster: FakeCluster, ref: ReturnType<typeof refOf>, metadata: object): Promise<void> {
  const object = await cluster.get(ref);
  if (object === undefined) throw new Error('it is there');
  cluster.put({ ...object, metadata: { ...object.metadata, ...metadata } } as KubeObject);
}

/** The plan of a scale that would bring a workload to no replicas: what the fault wrote is what it has. */
const reversed = (plan: FaultPlan, data: object): FaultPlan => {
  const { before, during } = plan.data as { before: number; during: number };
  return { ...plan, data: { ...(plan.data as object), before: during, during: before, ...data } as FaultPlan['data'] };
};

/** The same data with other values to put back, as somebody may write them who wants his own to run. */
function forgedIn(data: FaultPlan['data']): FaultPlan['data'] {
  return JSON.parse(JSON.stringify(data), (key, value) => {
    if (key !== 'before') return value;
    if (typeof value === 'number') return 4711;
    return value !== null && typeof value === 'object' ? { ...value, image: 'evil/miner:1', command: ['evil'] } : value;
  });
}

const bare = (cluster: FakeCluster) =>
  (cluster.snapshot() as { kind: string }[]).filter(({ kind }) => !['Lease', 'ConfigMap'].includes(kind));

/** Recovers, and expects an open question that names this and no write beside the lease. */
async function expectRefused(cluster: FakeCluster, named: readonly string[], namespaces?: readonly string[]) {
  const before = structuredClone(bare(cluster));
  const result = await recover(cluster, [], namespaces);
  const [{ outcome } = { outcome: undefined }] = result.undone;
  expect([result.undone.length, outcome?.state, isClean(result)]).to.deep.equal([1, 'failed', false]);
  expect(outcome?.detail).to.contain('cluster tokyo: ').and.to.contain('Look at the object');
  for (const name of named) expect(`${outcome?.detail} ${outcome?.commands.join(' ')}`).to.contain(name);
  expect(bare(cluster)).to.deep.equal(before);
}

describe('recover from what only a cluster tells', () => {
  for (const kind of STAGED_KINDS.filter(({ local }) => local === undefined)) {
    it(`undoes what a run has left with its plans in the cluster: ${kind.kind}`, async () => {
      const { cluster, plan, before } = await stageOn(kind);
      await writeClusterJournal(cluster, 'default', plan.runId, [plan]);
      const result = await recover(cluster);
      expect([isClean(result), result.undone.map(({ outcome }) => outcome.detail)]).to.deep.include(true);
      expect((cluster.snapshot() as { kind: string }[]).filter((one) => one.kind !== 'Lease')).to.deep.equal(before);
      expect(await readClusterJournal(cluster, 'default')).to.equal(undefined);
    });
  }

  for (const kind of STAGED_KINDS.filter(({ local }) => local === undefined)) {
    it(`closes what a run has planned and not begun, whose writes may still be on their way: ${kind.kind}`, async () => {
      const { cluster, plan } = await stage(kind);
      await writeClusterJournal(cluster, 'default', plan.runId, [plan]);
      const result = await recover(cluster);
      expect([isClean(result), result.undone.map(({ outcome }) => outcome.detail)]).to.deep.include(true);
      expect(await readClusterJournal(cluster, 'default')).to.equal(undefined);
    });
  }

  for (const kind of STAGED_KINDS.filter(({ local }) => local === undefined)) {
    it(`undoes what a run has left with its plans on its objects alone: ${kind.kind}`, async () => {
      const { cluster } = await stageOn(kind);
      const result = await recover(cluster);
      expect([isClean(result), result.undone.map(({ outcome }) => outcome.detail)]).to.deep.include(true);
    });
  }

  it('prints no command of its own that takes away the Job of a hook that is not undone: the only sign of it in the cluster', async () => {
    for (const hasPlans of [true, false]) {
      const hook = STAGED_KINDS.find(({ kind }) => kind === 'hook') as FaultKind;
      const { cluster, plan } = await stageOn(hook);
      if (hasPlans) await writeClusterJournal(cluster, 'default', plan.runId, [plan]);
      const { undone, leftovers } = await recover(cluster);
      expect(undone.map(({ outcome }) => outcome.state)).to.deep.equal(['failed']);
      expect(leftovers).to.deep.equal([]);
      expect(cluster.all(KINDS.job)).to.have.length(1);
    }
  });

  for (const namespace of ['kube-system', OTHER_NAMESPACE]) {
    for (const isTold of [true, false]) {
      it(`does not touch ${namespace}, ${isTold ? 'which the plan says it touches' : 'which only its data names'}`, async () => {
        const bench = new BenchRun();
        const plan = await planOf(bench, DOWN);
        const { metadata, ...object } = (await bench.cluster.get(refOf(NAME))) as KubeObject;
        const labels = { ...metadata.labels, 'faultline.dev/run': RUN };
        bench.cluster.add({ ...object, metadata: { ...metadata, labels, namespace, uid: 'dns' } });
        const forged = { ...reversed(plan, { namespace, uid: 'dns' }), ...(isTold ? { namespaces: [namespace] } : {}) };
        await writeClusterJournal(bench.cluster, 'default', RUN, [forged]);
        // Whatever a target lists, what keeps a cluster alive is none of ours.
        const listed = namespace === 'kube-system' ? ['default', namespace] : ['default'];
        const first = isTold ? `Namespace ${namespace}: ` : `Deployment ${namespace}/${NAME}: `;
        await expectRefused(bench.cluster, [`cluster tokyo: ${first}`, 'kubectl '], listed);
        expect(await readClusterJournal(bench.cluster, 'default')).to.not.equal(undefined);
      });
    }
  }

  it('does not install an image that a plan says was there before, on a workload without the mark of its run', async () => {
    const bench = new BenchRun();
    const plan = await planOf(bench, SWAP);
    const { before, ...data } = plan.data as unknown as { before: object; during: object };
    const forged = { ...plan, data: { ...data, before: { ...before, image: 'evil' }, during: before } } as FaultPlan;
    await writeClusterJournal(bench.cluster, 'default', RUN, [forged]);
    await expectRefused(bench.cluster, [
      `Deployment default/${NAME}: it does not carry the mark of run ${RUN}`,
      `kubectl -n default get deployment/${NAME} -o yaml`,
    ]);
  });

  it('believes an object, and no plans in the cluster, where these say something else of the same fault', async () => {
    for (const wrong of [{ before: 7 }, { before: 'one' }]) {
      const { cluster, plan, before } = await injected(DOWN);
      const forged = { ...plan, data: { ...(plan.data as object), ...wrong } } as FaultPlan;
      await writeClusterJournal(cluster, 'default', RUN, [forged]);
      const { undone, ...result } = await recover(cluster);
      const states = undone.map(({ outcome }) => outcome.state).sort();
      expect(states).to.deep.equal(['failed', 'undone']);
      expect(isClean({ ...result, undone })).to.equal(false);
      expect(bare(cluster)).to.deep.equal(before);
      expect(await readClusterJournal(cluster, 'default')).to.not.equal(undefined);
    }
  });

  it('undoes what an object tells, where the plans in the cluster name another one with nothing of the fault', async () => {
    const { cluster, plan, before } = await injected(DOWN);
    const forged = { ...plan, data: { ...(plan.data as object), name: VICTIM } } as FaultPlan;
    await writeClusterJournal(cluster, 'default', RUN, [forged]);
    const result = await recover(cluster);
    expect([isClean(result), result.undone.length]).to.deep.equal([true, 2]);
    expect(bare(cluster)).to.deep.equal(before);
  });

  it('takes what has lost its mark for an open question, unless a journal of ours knows it', async () => {
    for (const isKnown of [false, true]) {
      const { cluster, plan, before } = await injected(DOWN);
      await writeClusterJournal(cluster, 'default', RUN, [plan]);
      await touch(cluster, refOf(NAME), { labels: { app: 'mockb' }, annotations: {} });
      if (!isKnown) {
        await expectRefused(cluster, [`Deployment default/${NAME}: it does not carry the mark`]);
        continue;
      }
      expect(isClean(await recover(cluster, [plan]))).to.equal(true);
      await touch(cluster, refOf(NAME), { annotations: undefined });
      expect(JSON.stringify(cluster.snapshot())).to.equal(JSON.stringify(before));
    }
  });

  it('leaves what has lost its mark and is as before, and closes its plan', async () => {
    const bench = new BenchRun();
    await writeClusterJournal(bench.cluster, 'default', RUN, [await planOf(bench, DOWN)]);
    expect(isClean(await recover(bench.cluster))).to.equal(true);
    expect(await readClusterJournal(bench.cluster, 'default')).to.equal(undefined);
  });

  it('puts back what objects say, and nothing that another plan in the cluster says of them, by whatever name of a fault', async () => {
    const forgeable = new Set<string>();
    for (const kind of STAGED_KINDS) {
      for (const change of [{}, { fault: 'other' }]) {
        const { cluster, plan, before } = await stageOn(kind);
        const forged = { ...plan, ...change, data: forgedIn(plan.data) };
        if (JSON.stringify(forged.data) === JSON.stringify(plan.data)) continue;
        forgeable.add(kind.kind);
        await writeClusterJournal(cluster, 'default', plan.runId, [forged]);
        await recover(cluster);
        expect(JSON.stringify(bare(cluster)), kind.kind)
          .to.not.contain('evil')
          .and.not.contain('4711');
        await cluster.delete({ ...KINDS.configMap, namespace: 'default', name: 'faultline-run' });
        await recover(cluster);
        expect(bare(cluster), kind.kind).to.deep.equal(before);
      }
    }
    expect([...forgeable]).to.deep.equal(['imageSwap', 'scale', 'controlPlaneDown', 'gatewayDown', 'eastWestCut']);
  });

  it('closes a plan that no mark speaks for when a person has looked, and writes nothing but the plans', async () => {
    for (const [accepted, isMarked, state] of [
      [[], false, 'undone'],
      [['default/deployment/mockb-ap-northeast-1a'], false, 'undone'],
      [['default/deployment/another'], false, 'failed'],
      [[], true, 'failed'],
    ] as const) {
      const { cluster, plan } = await injected(DOWN);
      await writeClusterJournal(cluster, 'default', plan.runId, [plan]);
      // A colleague has set it since, or its label still names the run and its plan another one.
      const other = { kind: plan.kind, fault: plan.fault, runId: RUN, objects: [], data: { other: true } };
      const marks = { labels: { [RUN_LABEL]: RUN }, annotations: { [PLAN_ANNOTATION]: JSON.stringify(other) } };
      await touch(cluster, refOf(NAME), isMarked ? marks : { labels: { app: 'mockb' }, annotations: {} });
      const before = structuredClone(bare(cluster));
      const [{ outcome } = { outcome: undefined }] = (await recover(cluster)).undone;
      expect(outcome?.keep?.join(), 'the way on').to.equal(
        isMarked
          ? undefined
          : `faultline recover --run ${RUN} --accept-current --only default/deployment/mockb-ap-northeast-1a`,
      );
      const delete_ = 'kubectl -n default delete configmap/faultline-run --wait=false';
      expect(outcome?.detail.includes(delete_), 'the command that takes the plans away').to.equal(isMarked);
      const result = await recover(cluster, [], ['default'], { accept: { only: accepted } });
      expect(result.undone[0]?.outcome.state, `${accepted} ${isMarked}`).to.equal(state);
      if (state === 'undone') expect(result.undone[0]?.outcome.detail).to.contain('Accepted as it stands');
      expect(bare(cluster)).to.deep.equal(before);
      expect((await readClusterJournal(cluster, 'default')) === undefined).to.equal(state === 'undone');
    }
  });

  it('does not take the plan on one object for that of another, whether that is marked or not', async () => {
    for (const isMarked of [true, false]) {
      const bench = new BenchRun();
      const victim = await bench.cluster.get(refOf(VICTIM));
      const plan = reversed(await planOf(bench, DOWN), { name: VICTIM, uid: victim?.metadata.uid });
      const { kind, fault, runId, data } = plan;
      const told = (with_: object) => JSON.stringify({ kind, fault, runId, objects: [], data, ...with_ });
      const labels = { app: 'mockb', [RUN_LABEL]: RUN };
      await touch(bench.cluster, refOf(NAME), { labels, annotations: { [PLAN_ANNOTATION]: told({}) } });
      const own = { [PLAN_ANNOTATION]: told({ data: {} }) };
      if (isMarked) await touch(bench.cluster, refOf(VICTIM), { labels, annotations: own });
      const before = structuredClone(bare(bench.cluster));
      const details = (await recover(bench.cluster)).undone.map(({ outcome }) => outcome.detail).join();
      expect(details).to.contain(`Deployment default/${VICTIM}: it does not carry the plan of run ${RUN}`);
      expect(bare(bench.cluster)).to.deep.equal(before);
    }
  });
});

describe('recover from a local journal whose plans and marks are gone', () => {
  it('leaves what others set as well to a person to decide', async () => {
    const { cluster, plan } = await injected(DOWN);
    await touch(cluster, refOf(NAME), { labels: { app: 'mockb' }, annotations: {} });
    const [{ outcome } = { outcome: undefined }] = (await recover(cluster, [plan])).undone;
    expect(outcome?.state).to.equal('conflict');
    expect((await cluster.get(refOf(NAME)))?.spec).to.have.property('replicas', 0);
  });

  for (const hasMark of [true, false]) {
    it(`takes away the object of a manifest without its Job, ${hasMark ? 'with' : 'without'} its label`, async () => {
      const kind = faultKind('manifest');
      const { cluster, plan, before } = await stageOn(kind);
      cluster.objects.delete([...cluster.objects.keys()].find((key) => key.startsWith('Job ')) ?? '');
      const { namespace = '', name = '' } = plan.objects[0] ?? {};
      const ref = { ...KINDS.networkPolicy, namespace, name };
      const { metadata } = (await cluster.get(ref)) as KubeObject;
      if (!hasMark) await cluster.patch(ref, [{ op: 'remove', path: '/metadata/labels' }]);
      expect(metadata.labels).to.have.property('faultline.dev/run', plan.runId);
      const result = await recover(cluster, [plan]);
      expect(isClean(result)).to.equal(true);
      expect((cluster.snapshot() as { kind: string }[]).filter((one) => one.kind !== 'Lease')).to.deep.equal(before);
    });
  }

  it('looks for kinds of objects that only a manifest has named', async () => {
    const cluster = (await stageOn(faultKind('noop'))).cluster;
    const plan = (await stageOn(faultKind('manifest'))).plan;
    const own = { apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry' };
    const permissions = plan.permissions.map((one) =>
      one.kind === KINDS.networkPolicy.kind ? { ...one, ...own } : one,
    );
    const named = { ...plan, runId: RUN, permissions, data: { ...(plan.data as object), ...own } } as FaultPlan;
    const labels = { 'faultline.dev/run': 'another' };
    cluster.add({ ...own, metadata: { namespace: 'default', name: 'left', labels } });
    const { leftovers } = await recover(cluster, [named]);
    expect(leftovers.map(({ ref }) => ref)).to.include('default/serviceentry/left');
  });
});
