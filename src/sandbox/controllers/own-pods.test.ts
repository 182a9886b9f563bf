import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { at, ensureMap, type JsonMap, mapsOf } from '../api/json.ts';
import { deployment, type Harness, node, startHarness } from '../testing/controllers-harness.ts';

let cluster: Harness;
beforeEach(() => {
  cluster = startHarness();
  for (const zone of ['a', 'b']) cluster.store.create(node(`node-${zone}`, `zone-${zone}`));
});
afterEach(() => {
  cluster.stop();
  expect(cluster.errors).to.deep.equal([]);
});

const images = () =>
  Object.fromEntries(
    cluster
      .names(KINDS.pod)
      .map((name) => [name, mapsOf(at(cluster.get(KINDS.pod, name), 'spec', 'containers'))[0]?.image]),
  );

function ship(
  kind: typeof KINDS.statefulSet | typeof KINDS.daemonSet,
  image: string,
  more: (spec: JsonMap) => void = () => {},
) {
  cluster.change(kind, 'db', (object) => {
    const spec = ensureMap(object, 'spec');
    for (const container of mapsOf(at(spec, 'template', 'spec', 'containers'))) container.image = image;
    more(spec);
  });
  return cluster.settled();
}

const isOld = (pod: KubeObject) => mapsOf(at(pod, 'spec', 'containers'))[0]?.image === 'db:1';

describe('stateful set controller', () => {
  const create = async (more: object = {}) => {
    const set = { ...deployment('db', 3, more as Record<string, unknown>), ...KINDS.statefulSet };
    cluster.store.create(set);
    await cluster.settled();
  };
  const status = (field: string) => at(cluster.get(KINDS.statefulSet, 'db'), 'status', field);

  it('makes pods from the lowest ordinal on, and none beyond one that is not ready', async () => {
    cluster.kubelet.healthy = (pod) => pod.metadata.name !== 'db-1';
    await create();
    expect(cluster.names(KINDS.pod)).to.deep.equal(['db-0', 'db-1']);
    expect([status('replicas'), status('readyReplicas')]).to.deep.equal([2, 1]);
  });

  it('makes all at once under podManagementPolicy Parallel', async () => {
    cluster.kubelet.healthy = () => false;
    await create({ podManagementPolicy: 'Parallel' });
    expect(cluster.names(KINDS.pod)).to.have.length(3);
  });

  it('updates from the highest ordinal on until all have the new revision', async () => {
    await create();
    const before = status('updateRevision');
    await ship(KINDS.statefulSet, 'db:2');
    expect(images()).to.deep.equal({ 'db-0': 'db:2', 'db-1': 'db:2', 'db-2': 'db:2' });
    expect(status('updatedReplicas')).to.equal(3);
    expect(status('currentRevision')).to.equal(status('updateRevision')).and.not.equal(before);
  });

  it('stays with a pod that never becomes ready, even when its template is put back, until the pod is deleted', async () => {
    await create();
    cluster.kubelet.healthy = isOld;
    await ship(KINDS.statefulSet, 'broken');
    expect(images()).to.deep.equal({ 'db-0': 'db:1', 'db-1': 'db:1', 'db-2': 'broken' });
    await ship(KINDS.statefulSet, 'db:1');
    expect(images()['db-2']).to.equal('broken');
    cluster.store.delete({ ...KINDS.pod, namespace: 'default', name: 'db-2' });
    await cluster.settled();
    expect(images()['db-2']).to.equal('db:1');
    expect([status('updatedReplicas'), status('readyReplicas')]).to.deep.equal([3, 3]);
  });

  it('keeps the pods below its partition, and makes them anew as they were', async () => {
    await create();
    await ship(KINDS.statefulSet, 'db:2', (spec) => {
      spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
    });
    cluster.store.delete({ ...KINDS.pod, namespace: 'default', name: 'db-0' });
    await cluster.settled();
    expect(images()).to.deep.equal({ 'db-0': 'db:1', 'db-1': 'db:1', 'db-2': 'db:2' });
  });

  it('changes nothing under OnDelete until a pod is deleted', async () => {
    await create({ updateStrategy: { type: 'OnDelete' } });
    await ship(KINDS.statefulSet, 'db:2');
    expect(images()['db-2']).to.equal('db:1');
    cluster.store.delete({ ...KINDS.pod, namespace: 'default', name: 'db-1' });
    await cluster.settled();
    expect(images()).to.deep.equal({ 'db-0': 'db:1', 'db-1': 'db:2', 'db-2': 'db:1' });
  });

  it('gives up the highest ordinals', async () => {
    await create();
    cluster.change(KINDS.statefulSet, 'db', (object) => {
      ensureMap(object, 'spec').replicas = 1;
    });
    await cluster.settled();
    expect(cluster.names(KINDS.pod)).to.deep.equal(['db-0']);
  });
});

describe('daemon set controller', () => {
  const create = async (more: object = {}) => {
    const { spec, ...rest } = deployment('db', 1, more as Record<string, unknown>);
    const { replicas: _, ...kept } = spec as JsonMap;
    cluster.store.create({ ...rest, ...KINDS.daemonSet, spec: kept });
    await cluster.settled();
  };
  const nodes = () => cluster.names(KINDS.pod).map((name) => at(cluster.get(KINDS.pod, name), 'spec', 'nodeName'));
  const status = (field: string) => at(cluster.get(KINDS.daemonSet, 'db'), 'status', field);

  it('has a pod on each node that fits, those that come later included', async () => {
    await create();
    cluster.store.create(node('node-c', 'zone-c'));
    const tainted = node('node-d', 'zone-d');
    cluster.store.create({ ...tainted, spec: { taints: [{ key: 'own', value: 'x', effect: 'NoSchedule' }] } });
    await cluster.settled();
    expect(nodes()).to.have.members(['node-a', 'node-b', 'node-c']);
    expect([status('desiredNumberScheduled'), status('numberAvailable')]).to.deep.equal([3, 3]);
  });

  it('replaces its pods, one at a time, and no second one before the first is ready', async () => {
    await create();
    await ship(KINDS.daemonSet, 'db:2');
    expect(Object.values(images())).to.deep.equal(['db:2', 'db:2']);
    cluster.kubelet.healthy = (pod) => mapsOf(at(pod, 'spec', 'containers'))[0]?.image !== 'broken';
    await ship(KINDS.daemonSet, 'broken');
    expect(Object.values(images()).sort()).to.deep.equal(['broken', 'db:2']);
    await ship(KINDS.daemonSet, 'db:2');
    expect(Object.values(images())).to.deep.equal(['db:2', 'db:2']);
    expect(status('updatedNumberScheduled')).to.equal(2);
  });

  it('replaces as many as maxUnavailable says, and none under OnDelete', async () => {
    await create({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } } });
    cluster.kubelet.healthy = () => false;
    await ship(KINDS.daemonSet, 'db:2');
    expect(Object.values(images())).to.deep.equal(['db:2', 'db:2']);
    await ship(KINDS.daemonSet, 'db:3', (spec) => {
      spec.updateStrategy = { type: 'OnDelete' };
    });
    expect(Object.values(images())).to.deep.equal(['db:2', 'db:2']);
  });
});
