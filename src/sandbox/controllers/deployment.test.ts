import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { at, ensureMap, mapOf, mapsOf } from '../api/json.ts';
import { conditionOf, deployment, type Harness, node, startHarness } from '../testing/controllers-harness.ts';
import { REVISION, replicasOf, sumOf } from './deployment-model.ts';
import { isActive, isReady } from './pods.ts';

describe('deployment controller', () => {
  let cluster: Harness;
  beforeEach(() => {
    cluster = startHarness();
    cluster.store.create(node('node-a', 'zone-a'));
  });
  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  const setImage = (image: string): void =>
    cluster.change(KINDS.deployment, 'web', (object) => {
      const [container] = mapsOf(at(object, 'spec', 'template', 'spec', 'containers'));
      ensureMap({ container: container ?? {} }, 'container').image = image;
    });
  const images = (): unknown[] =>
    cluster.store.list(KINDS.pod, 'default').map((pod) => at(pod, 'spec', 'containers', 0, 'image'));
  const status = (): Record<string, unknown> => mapOf(at(cluster.get(KINDS.deployment, 'web'), 'status'));
  const rollOut = async (replicas: number, more: Record<string, unknown> = {}): Promise<void> => {
    cluster.store.create(deployment('web', replicas, more));
    await cluster.settled();
  };

  it('makes a ReplicaSet and pods, and says so in its status', async () => {
    await rollOut(3);
    const [set] = cluster.store.list(KINDS.replicaSet, 'default');
    const hash = set?.metadata.labels?.['pod-template-hash'] ?? '';
    expect(set?.metadata.name).to.equal(`web-${hash}`);
    expect(hash).to.match(/^[bcdfghjklmnpqrstvwxz2456789]{5,10}$/);
    expect(set?.metadata.ownerReferences?.[0]).to.include({ kind: 'Deployment', name: 'web', controller: true });
    expect(cluster.names(KINDS.pod)).to.have.length(3);
    expect(status()).to.include({
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
    });
    const object = cluster.get(KINDS.deployment, 'web');
    expect(conditionOf(object, 'Available')).to.include({ status: 'True', reason: 'MinimumReplicasAvailable' });
    expect(conditionOf(object, 'Progressing')).to.include({ status: 'True', reason: 'NewReplicaSetAvailable' });
    expect(object?.metadata.annotations?.[REVISION]).to.equal('1');
  });

  it('does not touch anything again once it has settled', async () => {
    await rollOut(3);
    const before = cluster.store.revision();
    cluster.change(KINDS.deployment, 'web', (object) => {
      ensureMap(ensureMap(object, 'metadata'), 'labels').extra = 'yes';
    });
    await cluster.settled();
    expect(cluster.store.revision()).to.equal(before + 1);
  });

  it('never asks for more than maxSurge or less than maxUnavailable allow while it rolls', async () => {
    await rollOut(4, {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    });
    let most = 0;
    let least = 99;
    const unlisten = cluster.store.onChange(() => {
      const pods = cluster.store.list(KINDS.pod, 'default').filter(isActive);
      most = Math.max(most, sumOf(cluster.store.list(KINDS.replicaSet, 'default'), replicasOf));
      least = Math.min(least, pods.filter(isReady).length);
    });
    setImage('web:2');
    await cluster.settled();
    unlisten();
    expect(images()).to.deep.equal(['web:2', 'web:2', 'web:2', 'web:2']);
    expect({ most, least }).to.deep.equal({ most: 5, least: 3 });
  });

  it('stops a rollout whose pods do not become ready, and times out', async () => {
    await rollOut(4, { progressDeadlineSeconds: 60 });
    cluster.kubelet.healthy = (pod) => at(pod, 'spec', 'containers', 0, 'image') !== 'web:broken';
    setImage('web:broken');
    await cluster.settled();
    expect(images().filter((image) => image === 'web:1')).to.have.length(3);
    expect(conditionOf(cluster.get(KINDS.deployment, 'web'), 'Progressing')).to.include({
      reason: 'ReplicaSetUpdated',
    });
    cluster.clock.advance(61_000);
    await cluster.settled();
    expect(conditionOf(cluster.get(KINDS.deployment, 'web'), 'Progressing')).to.include({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    });
  });

  it('gets away from an image that never worked', async () => {
    cluster.kubelet.healthy = (pod) => at(pod, 'spec', 'containers', 0, 'image') !== 'web:1';
    await rollOut(2, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
    setImage('web:2');
    await cluster.settled();
    expect(images()).to.deep.equal(['web:2', 'web:2']);
  });

  it('says when it has fewer pods than it must have', async () => {
    cluster.kubelet.healthy = () => false;
    await rollOut(4);
    expect(conditionOf(cluster.get(KINDS.deployment, 'web'), 'Available')).to.include({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
    });
  });

  it('goes back to an old template by its old ReplicaSet, under a new revision', async () => {
    await rollOut(2);
    setImage('web:2');
    await cluster.settled();
    const sets = cluster.names(KINDS.replicaSet);
    setImage('web:1');
    await cluster.settled();
    expect(cluster.names(KINDS.replicaSet)).to.deep.equal(sets);
    const revisions = cluster.store
      .list(KINDS.replicaSet, 'default')
      .map((set) => set.metadata.annotations?.[REVISION]);
    expect(revisions.sort()).to.deep.equal(['2', '3']);
    expect(cluster.get(KINDS.deployment, 'web')?.metadata.annotations?.[REVISION]).to.equal('3');
    expect(images()).to.deep.equal(['web:1', 'web:1']);
  });

  it('lets all old pods go first with Recreate', async () => {
    await rollOut(2, { strategy: { type: 'Recreate' } });
    cluster.kubelet.keepTerminating = true;
    setImage('web:2');
    await cluster.settled();
    expect(images()).to.deep.equal(['web:1', 'web:1']);
    cluster.kubelet.keepTerminating = false;
    for (const pod of cluster.store.list(KINDS.pod, 'default')) {
      cluster.store.finalizeDelete({ ...KINDS.pod, namespace: 'default', name: pod.metadata.name ?? '' });
    }
    await cluster.settled();
    expect(images()).to.deep.equal(['web:2', 'web:2']);
  });

  it('scales down to nothing and up again', async () => {
    await rollOut(3);
    for (const replicas of [0, 5]) {
      cluster.change(KINDS.deployment, 'web', (object) => {
        ensureMap(object, 'spec').replicas = replicas;
      });
      await cluster.settled();
      expect(cluster.names(KINDS.pod)).to.have.length(replicas);
    }
    expect(status()).to.include({ readyReplicas: 5, observedGeneration: 3 });
  });

  it('shares a change of size between the sets of a stuck rollout', async () => {
    await rollOut(10, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
    cluster.kubelet.healthy = (pod) => at(pod, 'spec', 'containers', 0, 'image') !== 'web:broken';
    setImage('web:broken');
    await cluster.settled();
    const sizes = (): number[] => cluster.store.list(KINDS.replicaSet, 'default').map(replicasOf).sort();
    expect(sizes()).to.deep.equal([5, 8]);
    cluster.change(KINDS.deployment, 'web', (object) => {
      ensureMap(object, 'spec').replicas = 15;
    });
    await cluster.settled();
    expect(sizes().reduce((sum, size) => sum + size)).to.equal(18);
    expect(sizes()).to.deep.equal([11, 7]);
  });

  it('keeps changes back while it is paused', async () => {
    await rollOut(2);
    cluster.change(KINDS.deployment, 'web', (object) => {
      ensureMap(object, 'spec').paused = true;
    });
    setImage('web:2');
    await cluster.settled();
    expect(images()).to.deep.equal(['web:1', 'web:1']);
    cluster.change(KINDS.deployment, 'web', (object) => {
      ensureMap(object, 'spec').paused = false;
    });
    await cluster.settled();
    expect(images()).to.deep.equal(['web:2', 'web:2']);
  });

  it('forgets revisions beyond the limit', async () => {
    await rollOut(1, { revisionHistoryLimit: 1 });
    for (const image of ['web:2', 'web:3', 'web:4']) {
      setImage(image);
      await cluster.settled();
    }
    expect(cluster.names(KINDS.replicaSet)).to.have.length(2);
  });

  it('counts a pod as available only after minReadySeconds', async () => {
    await rollOut(1, { minReadySeconds: 30 });
    expect(status()).to.include({ readyReplicas: 1, unavailableReplicas: 1 });
    cluster.clock.advance(31_000);
    await cluster.settled();
    expect(status()).to.include({ availableReplicas: 1 });
  });
});
