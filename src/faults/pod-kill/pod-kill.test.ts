import { expect } from 'chai';
import { KINDS, type KubeObject, LOAD_LABEL } from '../../model/kubernetes.ts';
import type { FaultBlock, Json } from '../../model/scenario.ts';
import { blockOf } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { readyPod } from '../testing/fake-controllers.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { podKill } from './index.ts';

const ALL = { deployment: undefined, selector: { app: 'mockb' }, every: undefined };
const A = 'mockb-ap-northeast-1a';
const B = 'mockb-ap-northeast-1b';

function firstPod(cluster: FakeCluster): KubeObject {
  const [pod] = cluster.all(KINDS.pod);
  if (pod === undefined) throw new Error('there is a pod');
  return pod;
}

describe('the block of a pod kill', () => {
  const read = (fields: FaultBlock) =>
    blockOf({ ...podKill, example: { cluster: 'tokyo', namespace: 'default', ...fields } });

  it('needs a workload, labels or a place, and is read with units and defaults', () => {
    const common = { cluster: 'tokyo', namespace: 'default', count: 1 };
    expect(read({ deployment: 'd' })).to.deep.equal({ ...common, deployment: 'd' });
    expect(read({ selector: { app: 'x' } })).to.deep.equal({ ...common, selector: { app: 'x' } });
    expect(read({ zone: 'z' })).to.deep.equal({ ...common, zone: 'z' });
    expect(read({ deployment: 'd', zone: 'z', percent: '50%', every: '100ms', gracePeriod: '30s' })).to.deep.equal({
      ...common,
      deployment: 'd',
      zone: 'z',
      percent: 0.5,
      every: 100,
      gracePeriod: 30_000,
    });
    expect(() => read({})).to.throw(
      'needs `deployment`, `statefulSet`, `daemonSet`, `rollout`, `replicaSet`, `selector`, `node` or `zone`',
    );
  });

  it('names one namespace or several', () => {
    const bare = (fields: FaultBlock) => blockOf({ ...podKill, example: { cluster: 'tokyo', zone: 'z', ...fields } });
    expect(bare({ namespaces: ['a', 'b'] })).to.deep.include({ namespaces: ['a', 'b'] });
    expect(() => bare({})).to.throw('needs `namespace` or `namespaces`');
    expect(() => bare({ namespace: 'a', namespaces: ['b'] })).to.throw('must have only one of');
    expect(() => bare({ namespaces: [] })).to.throw('namespaces');
  });

  it('refuses what cannot be', () => {
    for (const fields of [
      { count: 0 },
      { count: 101 },
      { count: 1.5 },
      { every: '99ms' },
      { percent: '101%' },
      { zone: '' },
    ]) {
      expect(() => read({ deployment: 'd', ...fields }), JSON.stringify(fields)).to.throw(Object.keys(fields)[0]);
    }
    for (const selector of [{}, { app: '' }]) expect(() => read({ selector })).to.throw('selector');
  });
});

describe('the plan of a pod kill', () => {
  const names = async (fields: Parameters<typeof planWith>[2], cluster = fakeSystem()) =>
    (await planWith(podKill, cluster, { ...ALL, ...fields })).affected.map(({ workload }) => workload);

  it('chooses by Deployment, labels and zone, each within the others', async () => {
    expect(await names({ count: 9 })).to.deep.equal([A, B]);
    expect(await names({ count: 9, deployment: B })).to.deep.equal([B]);
    expect(await names({ count: 9, selector: undefined, deployment: A })).to.deep.equal([A]);
    expect(await names({ count: 9, zone: 'ap-northeast-1b' })).to.deep.equal([B]);
    for (const none of [{ selector: { app: 'mockz' } }, { zone: 'nowhere' }, { deployment: 'nobody' }]) {
      const owned = 'deployment' in none ? ' of Deployment/nobody' : '';
      expect(await errorOf(names(none))).to.equal(
        `FAULT_NO_TARGET: cluster tokyo: podKill broken matches no pod${owned} in default that is Running and not terminating (kubectl -n default get pods --show-labels)`,
      );
    }
  });

  it('chooses by any kind of workload, by what controls the pod and not by its name alone', async () => {
    const cluster = fakeSystem();
    for (const kind of ['StatefulSet', 'DaemonSet', 'Rollout']) {
      const pod = readyPod(kind.toLowerCase(), 'node-ap-northeast-1b', 'x', {});
      pod.metadata.ownerReferences = [{ apiVersion: 'apps/v1', kind, name: 'db', uid: kind, controller: true }];
      cluster.add(pod);
    }
    const killed = async (fields: Parameters<typeof planWith>[2]) =>
      (await planWith(podKill, cluster, { ...ALL, selector: undefined, count: 9, ...fields })).affected.map(
        ({ pod }) => pod,
      );
    expect(await killed({ statefulSet: 'db' })).to.deep.equal(['statefulset-abc-x']);
    expect(await killed({ daemonSet: 'db' })).to.deep.equal(['daemonset-abc-x']);
    expect(await killed({ rollout: 'db' })).to.deep.equal(['rollout-abc-x']);
    expect(await errorOf(killed({ rollout: B })), 'of a Deployment').to.contain('FAULT_NO_TARGET');
    expect(await killed({ replicaSet: `${B}-abc` })).to.deep.equal(await killed({ deployment: B }));
    expect(await errorOf(killed({ deployment: 'db' }))).to.contain('FAULT_NO_TARGET');
    expect(await errorOf(killed({ deployment: A, statefulSet: 'db' }))).to.equal(
      'FAULT_NO_TARGET: podKill broken names Deployment and StatefulSet: a pod belongs to one workload ' +
        '(Write one fault for each workload.)',
    );
  });

  it('names the pods whose volumes are gone with them, those of later rounds included', async () => {
    const cluster = fakeSystem();
    for (const pod of cluster.all(KINDS.pod)) {
      const containers = [
        { name: 'default', volumeMounts: [{ name: 'cache' }, { name: 'scratch' }, { name: 'config' }] },
        { name: 'istio-proxy', volumeMounts: [{ name: 'istio-envoy' }] },
      ];
      const volumes = [
        ...[
          { name: 'cache', emptyDir: {} },
          { name: 'istio-envoy', emptyDir: {} },
          { name: 'unused', emptyDir: {} },
        ],
        ...[
          { name: 'scratch', ephemeral: { volumeClaimTemplate: {} } },
          { name: 'config', configMap: {} },
        ],
      ];
      Object.assign(pod.spec as object, { containers, volumes });
    }
    const [first, second] = cluster
      .all(KINDS.pod)
      .filter(({ metadata }) => metadata.name?.startsWith('mockb'))
      .map(({ metadata }) => `default/${metadata.name} (emptyDir cache, ephemeral volume scratch)`);
    const lost = async (fields: Parameters<typeof planWith>[2]) =>
      (await planWith(podKill, cluster, { ...ALL, count: 1, ...fields })).warnings.filter((one) =>
        one.includes('gone'),
      );
    expect(await lost({})).to.deep.equal([`What these pods keep is gone with them for good: ${first}.`]);
    expect(await lost({ every: 1_000 })).to.deep.equal([
      `What these pods keep is gone with them for good: ${first}, ${second}.`,
    ]);
  });

  it('takes all pods of a zone or a node in its namespaces, without load and mirror pods', async () => {
    const cluster = fakeSystem();
    const load = readyPod('load', 'node-ap-northeast-1a', 'x', {});
    load.metadata.labels = { ...load.metadata.labels, app: 'load', [LOAD_LABEL]: 'run' };
    const mirror = readyPod('mirror', 'node-ap-northeast-1a', 'x', {});
    mirror.metadata.ownerReferences = [
      { apiVersion: 'v1', kind: 'Node', name: 'node-ap-northeast-1a', uid: 'n', controller: true },
    ];
    for (const pod of [load, mirror, readyPod('elsewhere', 'node-ap-northeast-1a', 'x', {}, 'shop')]) cluster.add(pod);
    const aim = { ...ALL, selector: undefined, percent: 1 };
    const zone = { ...aim, zone: 'ap-northeast-1a' };
    expect(await names(zone, cluster)).to.deep.equal(['mocka-ap-northeast-1a', A]);
    expect(await names({ ...aim, node: 'node-ap-northeast-1b' }, cluster)).to.deep.equal([B]);
    const both = { namespace: undefined, namespaces: ['default', 'shop', 'shop'] };
    expect(await names({ ...zone, ...both }, cluster)).to.deep.equal(['elsewhere', 'mocka-ap-northeast-1a', A]);
    expect(await names({ ...zone, selector: { app: 'load' } }, cluster)).to.deep.equal(['load']);
    const plan = await planWith(podKill, cluster, { ...zone, ...both });
    expect(plan).to.deep.include({ namespaces: ['default', 'shop'], cutsOff: ['ap-northeast-1a'] });
    await podKill.inject(plan, fakeContext(cluster));
    expect((await podKill.prove(plan, fakeContext(cluster))).proven).to.equal(true);
    expect(cluster.objects.has('Pod shop/elsewhere-abc-x')).to.equal(false);
    expect(cluster.objects.has('Pod default/load-abc-x')).to.equal(true);
  });

  it('cuts a zone off only where all of its pods go', async () => {
    const cut = async (fields: Parameters<typeof planWith>[2]) =>
      (await planWith(podKill, fakeSystem(), { ...ALL, selector: undefined, zone: 'ap-northeast-1a', ...fields }))
        .cutsOff;
    expect(await cut({ percent: 1 })).to.deep.equal(['ap-northeast-1a']);
    for (const part of [{ count: 9 }, { percent: 0.5 }, { percent: 1, deployment: A }]) {
      expect(await cut(part)).to.deep.equal([]);
    }
    expect(await cut({ percent: 1, selector: { app: 'mockb' } })).to.deep.equal([]);
    expect(await cut({ percent: 1, node: 'node-ap-northeast-1a' })).to.deep.equal([]);
  });

  it('of an older version is still undone', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(podKill, cluster);
    const { namespaces: _n, owner: _o, node: _p, ...data } = plan.data as { [name: string]: Json };
    const old = { ...plan, data: { ...data, namespace: 'default', deployment: 'd' } };
    expect((await podKill.undo(old, fakeContext(cluster))).state).to.equal('undone');
    const damaged = { ...plan, data };
    expect(await errorOf(podKill.undo(damaged, fakeContext(cluster)))).to.contain('JOURNAL');
  });

  it('needs all labels of a selector', async () => {
    const cluster = fakeSystem();
    const pod = readyPod('third', 'node-ap-northeast-1a', 'x', {});
    pod.metadata.labels = { ...pod.metadata.labels, tier: 'gold' };
    cluster.add(pod);
    expect(await names({ selector: { app: 'mockb', tier: 'gold' }, count: 9 }, cluster)).to.deep.equal(['third']);
  });

  it('takes one pod, so many, or a share rounded up, by name', async () => {
    expect(await names({})).to.deep.equal([A]);
    expect(await names({ count: 2 })).to.deep.equal([A, B]);
    expect(await names({ percent: 0.5 })).to.deep.equal([A]);
    expect(await names({ percent: 0.01 })).to.deep.equal([A]);
    expect(await names({ percent: 0.51, count: 1 })).to.deep.equal([A, B]);
    const cluster = fakeSystem();
    cluster.add(readyPod('a-first', 'node-ap-northeast-1a', 'x', {}));
    expect(await names({ count: 2 }, cluster)).to.deep.equal(['a-first', A]);
  });

  it('moves pods without their grace only where it gives them none', async () => {
    const move = (gracePeriod: number | undefined) => podKill.move({ ...podKill.example, gracePeriod } as FaultBlock);
    for (const [gracePeriod, forced] of [
      [0, true],
      [30, false],
      [undefined, false],
    ] as const) {
      expect(move(gracePeriod)).to.deep.include({ kind: 'kill', forced });
    }
  });

  it('names the victims by UID, what follows, and what replaces them', async () => {
    const cluster = fakeSystem();
    const [pod] = cluster.all(KINDS.pod);
    const once = await planWith(podKill, cluster, { every: undefined, gracePeriod: 2_001 });
    const name = pod?.metadata.name;
    expect(once.summary).to.equal(`kill 1 of 1 pods in default: ${name}`);
    expect(once.data).to.deep.include({
      everyMs: null,
      graceSeconds: 3,
      first: [{ namespace: 'default', name, uid: pod?.metadata.uid }],
    });
    expect(once.objects).to.deep.equal([
      { cluster: 'tokyo', kind: 'Pod', namespace: 'default', name, change: 'evicted', state: 'one-shot' },
    ]);
    expect(once).to.deep.include({ signature: 'restarts', warnings: [], namespaces: ['default'] });
    const often = await planWith(podKill, cluster, { every: 2_500 });
    expect(often.summary).to.equal(`kill 1 of 1 pods in default: ${name}, again every 2.5 s`);
    expect(often.data).to.have.property('everyMs', 2_500);
  });

  it('never takes a pod that nothing would replace, and is refused where there are no others', async () => {
    const cluster = fakeSystem();
    const pod = firstPod(cluster);
    pod.metadata.ownerReferences = [];
    cluster.add(pod);
    const plan = await planWith(podKill, cluster, { ...ALL, percent: 1 });
    expect(plan.affected.map(({ pod: name }) => name)).to.not.include(pod.metadata.name);
    expect(plan.affected).to.have.length(1);
    expect(plan.warnings).to.deep.equal([`No controller replaces ${pod.metadata.name}: left alone.`]);
    for (const name of ['bare-1', 'bare-2']) {
      const bare = readyPod(name, 'node-ap-northeast-1a', 'x', {});
      const labels = pod.metadata.labels ?? {};
      cluster.add({ ...bare, metadata: { ...bare.metadata, name, labels, ownerReferences: [] } });
    }
    const { warnings } = await planWith(podKill, cluster, { ...ALL, percent: 1 });
    expect(warnings.join()).to.match(/^No controller replaces \S+, \S+, \S+: left alone\.$/);
    for (const name of ['bare-1', 'bare-2']) cluster.objects.delete(`Pod default/${name}`);
    const alone = planWith(podKill, cluster, { ...ALL, zone: 'ap-northeast-1a' });
    expect(await errorOf(alone)).to.contain(
      `FAULT_REFUSED: cluster tokyo: podKill broken matches only pods that no controller replaces: ${pod.metadata.name}`,
    );
  });

  it('leaves pods alone that have ended or are on their way out, whatever their labels are', async () => {
    const cluster = fakeSystem();
    for (const phase of ['Succeeded', 'Failed']) {
      const pod = readyPod('a-job', 'node-ap-northeast-1a', phase.toLowerCase(), {});
      cluster.add({ ...pod, status: { phase, podIP: '127.30.9.9' } });
    }
    const leaving = readyPod('a-leaver', 'node-ap-northeast-1a', 'x', {});
    leaving.metadata.deletionTimestamp = '2026-11-22T09:00:00Z';
    cluster.add(leaving);
    expect(await names({ percent: 1 }, cluster)).to.deep.equal([A, B]);
  });
});

describe('a pod kill', () => {
  it('never takes a pod for a victim that does not run, and ready ones before others', async () => {
    const cluster = fakeSystem();
    const pending = readyPod('a-pending', 'node-ap-northeast-1a', 'x', {});
    cluster.add({ ...pending, status: { phase: 'Pending' } });
    const starting = readyPod('a-starting', 'node-ap-northeast-1a', 'x', {});
    cluster.add({ ...starting, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } });
    const { affected } = await planWith(podKill, cluster, { ...ALL, count: 9 });
    expect(affected.map(({ workload }) => workload)).to.deep.equal([A, B, 'a-starting']);
    const alone = planWith(podKill, cluster, { ...ALL, deployment: 'a-pending' });
    expect(await errorOf(alone)).to.contain(
      'matches no pod of Deployment/a-pending in default that is Running and not terminating',
    );
  });

  it('evicts its victims, or deletes them where that is asked for, with their grace period, and nobody else', async () => {
    for (const [fields, wanted] of [
      [{}, { evict: true }],
      [{ gracePeriod: 30_000 }, { evict: true, gracePeriodSeconds: 30 }],
      [{ deletion: true }, {}],
      [{ deletion: true, gracePeriod: 0 }, { gracePeriodSeconds: 0 }],
    ] as const) {
      const cluster = fakeSystem();
      const orders: unknown[] = [];
      const remove = cluster.delete.bind(cluster);
      cluster.delete = async (ref, options) => {
        orders.push([ref.name, options]);
        await remove(ref, options);
      };
      const [one, other] = cluster.all(KINDS.pod);
      const plan = await planWith(podKill, cluster, { ...fields });
      expect(plan.objects[0]?.change).to.equal('deletion' in fields ? 'deleted' : 'evicted');
      await podKill.inject(plan, fakeContext(cluster));
      expect(orders).to.deep.equal([[one?.metadata.name, { ...wanted, uid: one?.metadata.uid }]]);
      const left = cluster.all(KINDS.pod).map(({ metadata }) => metadata.uid);
      expect(left).to.include(other?.metadata.uid).and.not.include(one?.metadata.uid);
    }
  });

  it('asks for the permission of what it does, and only of that', async () => {
    const asked = async (fields: object) =>
      (await planWith(podKill, fakeSystem(), { ...fields })).permissions.map(
        ({ verb, kind, subresource }) => `${verb} ${kind}/${subresource ?? ''}`,
      );
    const evicting = ['list Pod/', 'create Pod/eviction', 'list PodDisruptionBudget/', 'list Node/'];
    expect(await asked({})).to.deep.equal(evicting);
    expect(await asked({ deletion: true })).to.deep.equal(['list Pod/', 'delete Pod/', 'list Node/']);
    expect(() => blockOf({ ...podKill, example: { ...podKill.example, deletion: false } })).to.throw('deletion');
    for (const every of ['0s', '1ms', '99ms']) {
      expect(() => blockOf({ ...podKill, example: { ...podKill.example, every } }), every).to.throw('every');
    }
  });

  it('does not kill a pod of the same name that was created anew', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(podKill, cluster);
    const pod = firstPod(cluster);
    cluster.add({ ...pod, metadata: { ...pod.metadata, uid: 'another' } });
    expect(await errorOf(podKill.inject(plan, fakeContext(cluster)))).to.contain('FAULT_CONFLICT');
    expect(cluster.all(KINDS.pod).map(({ metadata }) => metadata.uid)).to.include('another');
  });

  it('is proven when its victims are gone or on their way out, and waits a minute for that', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(podKill, cluster, { ...ALL, count: 2 });
    const context = fakeContext(cluster);
    expect(await podKill.prove(plan, context)).to.deep.equal({
      proven: false,
      observed: false,
      detail: 'killed pods were still there after 60 s',
    });
    expect(context.now()).to.be.within(60_000_000, 60_200_000);
    const [one, other] = cluster.all(KINDS.pod);
    if (one === undefined || other === undefined) throw new Error('there are two pods');
    cluster.objects.delete(`Pod default/${one.metadata.name}`);
    expect((await podKill.prove(plan, fakeContext(cluster))).proven).to.equal(false);
    cluster.add({ ...other, metadata: { ...other.metadata, deletionTimestamp: '2026-11-22T09:00:00Z' } });
    expect(await podKill.prove(plan, fakeContext(cluster))).to.deep.equal({
      proven: true,
      observed: true,
      effective: 0,
      detail: '2 killed pods are gone from the API, by UID',
    });
    const single = { ...plan, data: { ...(plan.data as object), first: [{ name: 'x', uid: 'gone' }] } };
    expect((await podKill.prove(single, fakeContext(cluster))).detail).to.equal(
      '1 killed pod is gone from the API, by UID',
    );
  });

  it('has nothing to put back', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(podKill, cluster);
    expect(await podKill.undo(plan, fakeContext(cluster))).to.deep.equal({
      state: 'undone',
      detail: 'nothing to put back: the controllers replace killed pods',
      objects: plan.objects,
      commands: [],
    });
  });
});
