import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { containerKill } from '../faults/container-kill/index.ts';
import { cpuStress } from '../faults/cpu-stress/index.ts';
import { imageSwap } from '../faults/image-swap/index.ts';
import { memoryStress } from '../faults/memory-stress/index.ts';
import { podKill } from '../faults/pod-kill/index.ts';
import { scale } from '../faults/scale/index.ts';
import { openCluster } from '../kube/kubeconfig.ts';
import type { FaultContext, FaultPlan } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import { systemClock } from '../run/system-clock.ts';
import { at, mapsOf } from './api/json.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const template = (app: string, more: string) => `
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec:
      containers:
        - {name: default, image: example/mock:1, env: [{name: app, value: ${app}}]${more}}
`;
const MANIFESTS = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: default}
spec:
  replicas: 2
  serviceName: db${template('db', ', readinessProbe: {httpGet: {path: /, port: 8000}, periodSeconds: 1}')}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: default}
spec:${template('agent', '')}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: default}
spec:
  replicas: 2${template('web', '')}
`;
const BLOCK = { cluster: 'tokyo', namespace: 'default', image: 'example/curl:1', command: ['sleep', '3600'] };

describe('faults on StatefulSets, DaemonSets and Argo Rollouts in the sandbox', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-workloads-'));
  let test: SandboxUnderTest;
  let context: FaultContext;

  beforeEach(async () => {
    test = await SandboxUnderTest.start({ argoRollouts: true, manifests: [{ cluster: 'tokyo', text: MANIFESTS }] });
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, test.sandbox.kubeconfig);
    const place = { name: 'tokyo', region: 'r', kubeconfig, context: 'tokyo', gateways: [] };
    const cluster = openCluster(place, systemClock);
    const signal = new AbortController().signal;
    const now = () => systemClock.now();
    context = { runId: 'run-1', cluster, clock: systemClock, now, signal, onAffected: () => {} };
    await until('the StatefulSet is up', () => status('StatefulSet', 'db', 'readyReplicas') === 2);
    await until('the DaemonSet is up', () => Number(status('DaemonSet', 'agent', 'numberAvailable')) > 1);
  });
  afterEach(async () => test.sandbox.close());
  after(() => rmSync(folder, { recursive: true }));

  const status = (kind: string, name: string, field: string) => {
    const { apiVersion } = kind === 'Rollout' ? KINDS.rollout : KINDS.statefulSet;
    return at(test.store().get({ apiVersion, kind, namespace: 'default', name }), 'status', field);
  };
  const pods = (app: string) =>
    test
      .store()
      .list(KINDS.pod, 'default')
      .filter((pod) => pod.metadata.labels?.app === app && pod.metadata.deletionTimestamp === undefined);
  const images = (app: string) => pods(app).map((pod) => mapsOf(at(pod, 'spec', 'containers'))[0]?.image);

  it('a StatefulSet that waits for a pod of the swapped image is let go by the undo', async () => {
    const plan = await imageSwap.plan({ name: 'down', spec: { ...BLOCK, statefulSet: 'db' } }, context);
    expect(plan.warnings.join()).to.contain('keeps at least 1 old pod serving');
    await imageSwap.inject(plan, context);
    await until('the highest pod is swapped', () => images('db').join() === 'example/mock:1,example/curl:1');
    const outcome = await imageSwap.undo(plan, context);
    expect(outcome).to.include({ state: 'undone', detail: 'image and command are back, the rollout is complete' });
    expect(images('db')).to.deep.equal(['example/mock:1', 'example/mock:1']);
  });

  it('a DaemonSet is swapped on all its nodes, and put back', async () => {
    const plan: FaultPlan = await imageSwap.plan({ name: 'down', spec: { ...BLOCK, daemonSet: 'agent' } }, context);
    await imageSwap.inject(plan, context);
    const proof = await imageSwap.prove(plan, context);
    expect(proof, proof.detail).to.include({ proven: true, observed: true });
    expect(new Set(images('agent')), 'those that are not on their way out').to.deep.equal(new Set(['example/curl:1']));
    expect((await imageSwap.undo(plan, context)).detail).to.contain('the rollout is complete');
    expect(new Set(images('agent'))).to.deep.equal(new Set(['example/mock:1']));
  });

  it('pods are short of CPU and of memory, as their containers count it, until the undo', async () => {
    const block = {
      cluster: 'tokyo',
      namespace: 'default',
      statefulSet: 'db',
      unlimited: ['db'],
      image: 'busybox:1.37',
    };
    for (const [kind, more] of [
      [cpuStress, { cores: 2 }],
      [memoryStress, { size: '64Mi' }],
    ] as const) {
      const plan = await kind.plan({ name: kind.kind, spec: { ...block, ...more, expiry: 600_000 } }, context);
      await kind.inject(plan, context);
      const { proven, detail } = await kind.prove(plan, context);
      expect([proven, detail]).to.match(
        /^true,the kernel counts at least ([12](\.\d+)? busy cores|64 Mi of memory held)/,
      );
      expect((await kind.undo(plan, context)).state).to.equal('undone');
    }
  });

  it('a container is killed in a pod that stays, by its own shell and by one beside it', async () => {
    const block = { cluster: 'tokyo', namespace: 'default', container: 'default', count: 1 };
    const uids = () => [...pods('db'), ...pods('agent')].map(({ metadata }) => metadata.uid);
    const before = uids();
    for (const more of [{ statefulSet: 'db' }, { daemonSet: 'agent', image: 'busybox:1.37' }]) {
      const plan = await containerKill.plan({ name: 'kill', spec: { ...block, ...more } }, context);
      await containerKill.inject(plan, context);
      const { proven, detail } = await containerKill.prove(plan, context);
      expect([proven, detail]).to.match(/^true,the kubelets have restarted container default in place/);
    }
    expect(uids()).to.deep.equal(before);
  });

  it('an Argo Rollout is swapped, put back and scaled', async () => {
    await until('the Rollout is up', () => status('Rollout', 'web', 'phase') === 'Healthy');
    const before = status('Rollout', 'web', 'stableRS');
    const plan: FaultPlan = await imageSwap.plan({ name: 'down', spec: { ...BLOCK, rollout: 'web' } }, context);
    await imageSwap.inject(plan, context);
    const proof = await imageSwap.prove(plan, context);
    expect(proof, proof.detail).to.include({ proven: true, observed: true });
    expect(new Set(images('web'))).to.deep.equal(new Set(['example/curl:1']));
    expect((await imageSwap.undo(plan, context)).detail).to.contain('the rollout is complete');
    expect(new Set(images('web'))).to.deep.equal(new Set(['example/mock:1']));
    expect(status('Rollout', 'web', 'stableRS'), 'the same ReplicaSet as before').to.equal(before);
    const none = await scale.plan(
      { name: 'none', spec: { cluster: 'tokyo', namespace: 'default', rollout: 'web', replicas: 0 } },
      context,
    );
    await scale.inject(none, context);
    expect((await scale.prove(none, context)).proven).to.equal(true);
    expect((await scale.undo(none, context)).state).to.equal('undone');
  });

  it('all pods of a zone are killed, whatever makes them', async () => {
    const spec = {
      cluster: 'tokyo',
      namespace: 'default',
      zone: 'ap-northeast-1a',
      percent: 1,
      count: 1,
      gracePeriod: 0,
    };
    const plan = await podKill.plan({ name: 'zone', spec }, context);
    expect(plan.affected.map(({ workload }) => workload)).to.include.members(['agent', 'mockb-ap-northeast-1a']);
    await podKill.inject(plan, context);
    expect((await podKill.prove(plan, context)).proven).to.equal(true);
  });
});
