import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { FAULT_KINDS, faultKind } from './index.ts';
import { type Cut, type FakeCluster, fakeContext, fakeSystem, readyPod } from './testing/fake-cluster.ts';

const SPECS: Readonly<Record<string, { readonly [key: string]: Json }>> = {
  imageSwap: {
    cluster: 'tokyo',
    namespace: 'default',
    deployment: 'mockb-ap-northeast-1a',
    image: 'curl:8.1.2',
    command: ['sleep', '3600'],
  },
  podKill: { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a', count: 1 },
  zoneBlackhole: { cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default'] },
};

const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };

async function planOf(kind: FaultKind, cluster: FakeCluster): Promise<FaultPlan> {
  return kind.plan({ name: 'broken', spec: SPECS[kind.kind] ?? {} }, fakeContext(cluster));
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof FaultlineError ? error.code : String(error);
  }
}

function imageOf(object: KubeObject | undefined): string {
  const { spec } = object as unknown as { spec: { template: { spec: { containers: { image: string }[] } } } };
  return spec.template.spec.containers[0]?.image ?? '';
}

async function setImage(cluster: FakeCluster, image: string): Promise<void> {
  await cluster.patch(DEPLOYMENT, [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: image }]);
}

describe('faults', () => {
  it('each kind is listed once and found by its name', () => {
    expect(FAULT_KINDS.map((kind) => faultKind(kind.kind))).to.deep.equal(FAULT_KINDS);
    expect(() => faultKind('meteor')).to.throw(FaultlineError, 'meteor');
  });

  for (const kind of FAULT_KINDS) {
    describe(kind.kind, () => {
      it('plans without writing, and the plan survives JSON', async () => {
        const cluster = fakeSystem();
        const plan = await planOf(kind, cluster);
        expect(cluster.writes).to.equal(0);
        expect(JSON.parse(JSON.stringify(plan))).to.deep.equal(plan);
        expect(plan.affected.map((pod) => pod.zone)).to.deep.equal(['ap-northeast-1a']);
      });

      it('injects, proves, undoes, and undoing again changes nothing', async () => {
        const cluster = fakeSystem();
        const before = cluster.snapshot();
        const context = fakeContext(cluster);
        const plan = await planOf(kind, cluster);
        await kind.inject(plan, context);
        const proof = await kind.prove(plan, context);
        expect(proof.proven, proof.detail).to.equal(true);
        expect((await kind.undo(plan, context)).state).to.equal('undone');
        expect(cluster.snapshot()).to.deep.equal(before);
        const { writes } = cluster;
        expect((await kind.undo(plan, context)).state).to.equal('undone');
        expect(cluster.writes).to.equal(writes);
      });

      it('leaves nothing behind wherever the runner dies', async () => {
        const whole = fakeSystem();
        await kind.inject(await planOf(kind, whole), fakeContext(whole));
        expect(whole.writes).to.be.greaterThan(0);
        for (let at = 1; at <= whole.writes; at++) {
          for (const when of ['before', 'after'] as const) await dieAndRecover(kind, { at, when });
        }
      });

      it('finishes an undo that was itself cut off', async () => {
        const cluster = fakeSystem();
        const before = cluster.snapshot();
        const plan = await planOf(kind, cluster);
        await kind.inject(plan, fakeContext(cluster));
        const injected = cluster.writes;
        for (let at = injected + 1; at <= injected + 6; at++) {
          cluster.cut = { at, when: at % 2 === 0 ? 'before' : 'after' };
          await kind.undo(plan, fakeContext(cluster)).catch(() => {});
        }
        cluster.cut = undefined;
        expect((await kind.undo(plan, fakeContext(cluster))).state).to.equal('undone');
        expect(cluster.snapshot()).to.deep.equal(before);
      });
    });
  }

  async function dieAndRecover(kind: FaultKind, cut: Cut): Promise<void> {
    const cluster = fakeSystem();
    const before = cluster.snapshot();
    const plan = JSON.parse(JSON.stringify(await planOf(kind, cluster))) as FaultPlan;
    cluster.cut = cut;
    const death = await codeOf(kind.inject(plan, fakeContext(cluster)));
    // A lost answer to a pod's label is noticed by reading the pod again: then nobody has died.
    expect(death, `write ${cut.at} ${cut.when}`).to.be.oneOf(['none', 'TARGET_UNREACHABLE']);
    cluster.cut = undefined;
    const outcome = await kind.undo(plan, fakeContext(cluster));
    expect(outcome.state, `write ${cut.at} ${cut.when}: ${outcome.detail}`).to.equal('undone');
    expect(cluster.snapshot(), `write ${cut.at} ${cut.when}`).to.deep.equal(before);
  }
});

describe('imageSwap and other people', () => {
  const kind = faultKind('imageSwap');

  it('refuses a Deployment that is not there, one that another run holds, and a swap that swaps nothing', async () => {
    const cluster = fakeSystem();
    const plan = (spec: { readonly [key: string]: Json }) =>
      codeOf(kind.plan({ name: 'x', spec }, fakeContext(cluster)));
    expect(await plan({ ...SPECS.imageSwap, deployment: 'nobody' })).to.equal('FAULT_NO_TARGET');
    expect(await plan({ ...SPECS.imageSwap, container: 'nobody' })).to.equal('FAULT_NO_TARGET');
    expect(
      await plan({ cluster: 'tokyo', namespace: 'default', deployment: DEPLOYMENT.name, image: 'asm-mock:v0.1' }),
    ).to.equal('FAULT_NO_TARGET');
    await cluster.patch(DEPLOYMENT, [
      { op: 'add', path: `/metadata/labels/${RUN_LABEL.replace('/', '~1')}`, value: 'other' },
    ]);
    expect(await plan(SPECS.imageSwap ?? {})).to.equal('OPEN_RUN');
  });

  it('does not inject into a Deployment that has changed since the plan', async () => {
    const cluster = fakeSystem();
    const plan = await planOf(kind, cluster);
    await setImage(cluster, 'asm-mock:v0.2');
    expect(await codeOf(kind.inject(plan, fakeContext(cluster)))).to.equal('FAULT_CONFLICT');
    expect(imageOf(await cluster.get(DEPLOYMENT))).to.equal('asm-mock:v0.2');
  });

  it('never overwrites an image that somebody else has set in the meantime', async () => {
    const cluster = fakeSystem();
    const plan = await planOf(kind, cluster);
    await kind.inject(plan, fakeContext(cluster));
    await setImage(cluster, 'asm-mock:hotfix');
    const outcome = await kind.undo(plan, fakeContext(cluster));
    expect(outcome.state).to.equal('conflict');
    expect(outcome.detail).to.contain('asm-mock:hotfix');
    expect(outcome.commands[0]).to.contain('kubectl -n default patch deployment/mockb-ap-northeast-1a -p ');
    expect(imageOf(await cluster.get(DEPLOYMENT))).to.equal('asm-mock:hotfix');
  });

  it('keeps a command that somebody has added since the plan, and says so', async () => {
    const cluster = fakeSystem();
    const plan = await planOf(kind, cluster);
    await cluster.patch(DEPLOYMENT, [
      { op: 'add', path: '/spec/template/spec/containers/0/command', value: ['serve'] },
    ]);
    expect(await codeOf(kind.inject(plan, fakeContext(cluster)))).to.equal('FAULT_CONFLICT');
    expect(JSON.stringify(await cluster.get(DEPLOYMENT))).to.contain('serve');
  });

  it('neither takes over nor undoes what another run has swapped', async () => {
    const cluster = fakeSystem();
    const plan = await planOf(kind, cluster);
    const other: FaultPlan = { ...plan, runId: '20261122t090001z-othr' };
    await kind.inject(other, fakeContext(cluster));
    expect(await codeOf(kind.inject(plan, fakeContext(cluster)))).to.equal('FAULT_CONFLICT');
    expect((await kind.undo(plan, fakeContext(cluster))).state).to.equal('conflict');
    expect(imageOf(await cluster.get(DEPLOYMENT))).to.equal('curl:8.1.2');
    expect((await kind.undo(other, fakeContext(cluster))).state).to.equal('undone');
  });

  it('does not recreate a Deployment that was deleted, nor touch one that was created anew', async () => {
    const cluster = fakeSystem();
    const plan = await planOf(kind, cluster);
    await kind.inject(plan, fakeContext(cluster));
    const object = await cluster.get(DEPLOYMENT);
    await cluster.delete(DEPLOYMENT);
    expect((await kind.undo(plan, fakeContext(cluster))).state).to.equal('conflict');
    if (object === undefined) throw new Error('the Deployment was there');
    const { uid: _uid, ...metadata } = object.metadata;
    cluster.add({ ...object, metadata });
    expect((await kind.undo(plan, fakeContext(cluster))).state).to.equal('conflict');
    expect(imageOf(await cluster.get(DEPLOYMENT))).to.equal('curl:8.1.2');
  });

  it('is not proven while a ready pod still runs the old image', async () => {
    const cluster = fakeSystem();
    const plan = await planOf(kind, cluster);
    const pods = [...cluster.objects].filter(([, object]) => object.kind === 'Pod');
    await kind.inject(plan, fakeContext(cluster));
    for (const [key, pod] of pods) cluster.objects.set(key, pod);
    const proof = await kind.prove(plan, fakeContext(cluster));
    expect(proof.proven).to.equal(false);
    expect(proof.detail).to.contain('ready pods still run another image');
  });
});

describe('podKill', () => {
  const kind = faultKind('podKill');
  const plan = (cluster: FakeCluster, spec: { readonly [key: string]: Json }) =>
    kind.plan({ name: 'kill', spec: { cluster: 'tokyo', namespace: 'default', ...spec } }, fakeContext(cluster));

  it('chooses by selector, zone, count and percent', async () => {
    const cluster = fakeSystem();
    const names = async (spec: { readonly [key: string]: Json }) =>
      (await plan(cluster, spec)).affected.map((pod) => pod.workload);
    expect(await names({ selector: { app: 'mockb' }, percent: '100%' })).to.have.length(2);
    expect(await names({ selector: { app: 'mockb' }, percent: '1%' })).to.have.length(1);
    expect(await names({ selector: { app: 'mockb' }, zone: 'ap-northeast-1b' })).to.deep.equal([
      'mockb-ap-northeast-1b',
    ]);
    expect(await codeOf(plan(cluster, { selector: { app: 'mockz' } }))).to.equal('FAULT_NO_TARGET');
  });

  it('does not kill a pod of the same name that was created anew', async () => {
    const cluster = fakeSystem();
    const planned = await plan(cluster, { deployment: 'mockb-ap-northeast-1a' });
    const pod = planned.affected[0];
    if (pod === undefined) throw new Error('the plan has a victim');
    const found = await cluster.get({ ...KINDS.pod, namespace: 'default', name: pod.pod });
    if (found === undefined) throw new Error('the pod was there');
    cluster.add({ ...found, metadata: { ...found.metadata, uid: 'another' } });
    expect(await codeOf(kind.inject(planned, fakeContext(cluster)))).to.equal('FAULT_CONFLICT');
  });

  it('leaves pods alone that have ended, whatever their labels are', async () => {
    const cluster = fakeSystem();
    for (const phase of ['Succeeded', 'Failed']) {
      const pod = readyPod('a-job', 'node-ap-northeast-1a', phase.toLowerCase(), {});
      cluster.add({ ...pod, status: { phase, podIP: '127.30.9.9' } });
    }
    const named = (await plan(cluster, { selector: { app: 'mockb' }, percent: '100%' })).affected;
    expect(named.map((pod) => pod.workload)).to.have.members(['mockb-ap-northeast-1a', 'mockb-ap-northeast-1b']);
    const zone = await faultKind('zoneBlackhole').plan(
      { name: 'x', spec: SPECS.zoneBlackhole ?? {} },
      fakeContext(cluster),
    );
    expect(zone.affected.map((pod) => pod.workload)).to.deep.equal(['mockb-ap-northeast-1a']);
  });
});

describe('zoneBlackhole', () => {
  const kind = faultKind('zoneBlackhole');

  it('labels pods that come later, and takes every label off again', async () => {
    const cluster = fakeSystem();
    const plan = await planOf(kind, cluster);
    await kind.inject(plan, fakeContext(cluster));
    await setImage(cluster, 'asm-mock:v0.2');
    const labelled = async () => (await cluster.list(KINDS.pod, { labelSelector: RUN_LABEL })).length;
    expect(await labelled()).to.equal(0);
    const ending = new AbortController();
    const sustaining = kind.sustain?.(plan, {
      ...fakeContext(cluster, ending.signal),
      onAffected: () => ending.abort(),
    });
    await sustaining;
    expect(await labelled()).to.equal(1);
    expect((await kind.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(await labelled()).to.equal(0);
  });

  it('has an owner that Kubernetes deletes by itself when the time is over', async () => {
    const cluster = fakeSystem();
    const plan = await planOf(kind, cluster);
    await kind.inject(plan, fakeContext(cluster));
    const [job] = await cluster.list(KINDS.job, {});
    const [policy] = await cluster.list(KINDS.networkPolicy, {});
    expect(job?.spec).to.include({ parallelism: 0, activeDeadlineSeconds: 900, ttlSecondsAfterFinished: 0 });
    expect(policy?.metadata.ownerReferences?.[0]?.uid).to.equal(job?.metadata.uid);
  });

  it('undoes one of two without looking at the other', async () => {
    const cluster = fakeSystem();
    const spec = (zone: string) => ({ cluster: 'tokyo', zone, namespaces: ['default'] });
    const one = await kind.plan({ name: 'one', spec: spec('ap-northeast-1a') }, fakeContext(cluster));
    const two = await kind.plan({ name: 'two', spec: spec('ap-northeast-1b') }, fakeContext(cluster));
    await kind.inject(one, fakeContext(cluster));
    await kind.inject(two, fakeContext(cluster));
    expect((await kind.undo(two, fakeContext(cluster))).state).to.equal('undone');
    expect(await cluster.list(KINDS.networkPolicy, {})).to.have.length(1);
    expect((await kind.undo(one, fakeContext(cluster))).state).to.equal('undone');
    expect(await cluster.list(KINDS.pod, { labelSelector: RUN_LABEL })).to.deep.equal([]);
  });

  it('gives faults with long names objects of their own', async () => {
    const cluster = fakeSystem();
    const names = await Promise.all(
      ['x', 'y'].map(async (tail) => {
        const name = `a-fault-with-a-name-as-long-as-anybody-would-want-${tail}`;
        const plan = await kind.plan({ name, spec: SPECS.zoneBlackhole ?? {} }, fakeContext(cluster));
        return plan.objects[0]?.name ?? '';
      }),
    );
    expect(new Set(names).size).to.equal(2);
    for (const name of names) expect(name).to.match(/^[a-z0-9-]{1,63}$/);
  });

  it('leaves objects of the same name alone that are not ours', async () => {
    const cluster = fakeSystem();
    const plan = await planOf(kind, cluster);
    const name = plan.objects[0]?.name ?? '';
    cluster.add({ ...KINDS.networkPolicy, metadata: { name, namespace: 'default' } });
    const outcome = await kind.undo(plan, fakeContext(cluster));
    expect(outcome.state).to.equal('conflict');
    expect(await cluster.list(KINDS.networkPolicy, {})).to.have.length(1);
  });
});
