import { expect } from 'chai';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { readyPod } from '../faults/testing/fake-controllers.ts';
import { fakeSystem } from '../faults/testing/fake-system.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { affectedBy, isAlive, isOfAnother, listPods, readPod, workloadOf, zonesOfNodes } from './pods.ts';

const ZONES = new Map([['node-a', 'a']]);

function pod(change: (object: KubeObject) => void = () => {}): KubeObject {
  const object = readyPod('mockb', 'node-a', 'x', { containers: [{ name: 'app', image: 'i:1' }, { name: 'bare' }] });
  change(object);
  return object;
}

describe('a pod', () => {
  it('is read with its zone, workload and images', () => {
    expect(
      readPod(
        pod(({ metadata }) => void Object.assign(metadata, { uid: 'u' })),
        ZONES,
      ),
    ).to.deep.equal({
      name: 'mockb-abc-x',
      namespace: 'default',
      uid: 'u',
      ip: '127.30.0.1',
      zone: 'a',
      workload: 'mockb',
      node: 'node-a',
      localVolumes: [],
      owners: ['ReplicaSet/mockb-abc', 'Deployment/mockb'],
      labels: { app: 'mockb', 'pod-template-hash': 'abc', version: 'mockb' },
      ready: true,
      running: true,
      terminating: false,
      ended: false,
      annotations: { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' },
      images: { app: 'i:1', bare: '' },
    });
    expect(readPod({ ...KINDS.pod, metadata: {} }, ZONES)).to.deep.include({
      zone: '',
      ip: '',
      running: false,
      ready: false,
      annotations: {},
      images: {},
    });
  });

  it('is ready only by its condition Ready', () => {
    const ready = (conditions: object[]) => readPod({ ...pod(), status: { conditions } as never }, ZONES).ready;
    expect(ready([{ type: 'Ready', status: 'False' }])).to.equal(false);
    expect(ready([{ type: 'Initialized', status: 'True' }])).to.equal(false);
    expect(
      ready([
        { type: 'Initialized', status: 'False' },
        { type: 'Ready', status: 'True' },
      ]),
    ).to.equal(true);
  });

  it('is alive unless it has ended or is on its way out', () => {
    const alive = (object: KubeObject) => isAlive(readPod(object, ZONES));
    expect(alive(pod())).to.equal(true);
    for (const phase of ['Succeeded', 'Failed']) expect(alive({ ...pod(), status: { phase } })).to.equal(false);
    expect(alive({ ...pod(), status: { phase: 'Pending' } })).to.equal(true);
    const leaving = pod(({ metadata }) => void Object.assign(metadata, { deletionTimestamp: '2026-11-22T09:00:00Z' }));
    expect(alive(leaving)).to.equal(false);
  });

  it('belongs to the Deployment or Rollout of its ReplicaSet, else to its owner, else to itself', () => {
    const owned = (owner: object, labels = {}) =>
      workloadOf(pod(({ metadata }) => void Object.assign(metadata, { labels, ownerReferences: [owner] })));
    const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'mock-b-abc', uid: 'rs', controller: true };
    expect(owned(set, { 'pod-template-hash': 'abc' })).to.equal('mock-b');
    expect(owned(set, { 'pod-template-hash': 'def' })).to.equal('mock-b-abc');
    expect(owned(set)).to.equal('mock-b-abc');
    expect(owned({ ...set, kind: 'StatefulSet' }, { 'pod-template-hash': 'abc' })).to.equal('mock-b-abc');
    expect(owned({ ...set, controller: false })).to.equal('mockb-abc-x');
    expect(owned(set, { 'rollouts-pod-template-hash': 'abc' })).to.equal('mock-b');
  });

  it('is owned by the Argo Rollout whose hash it carries, and by no Deployment', () => {
    const owners = (labels: object) => {
      const object = pod(({ metadata }) => void Object.assign(metadata, { labels }));
      return readPod(object, ZONES).owners;
    };
    expect(owners({ 'rollouts-pod-template-hash': 'abc' })).to.deep.equal(['ReplicaSet/mockb-abc', 'Rollout/mockb']);
    expect(owners({ 'pod-template-hash': 'abc' })).to.deep.equal(['ReplicaSet/mockb-abc', 'Deployment/mockb']);
    expect(owners({})).to.deep.equal(['ReplicaSet/mockb-abc']);
  });
});

describe('a pod that may be of another workload', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'mockb-abc', uid: 'rs', controller: true };
  const isIts = (kind: string, owners: object[], labels: object = {}, name = 'mockb') => {
    const object = pod(({ metadata }) => void Object.assign(metadata, { labels, ownerReferences: owners }));
    return !isOfAnother(object, { apiVersion: 'apps/v1', kind, metadata: { name, namespace: 'default' } });
  };

  it('is known by its controller, and the workload behind a ReplicaSet by the hash of the template', () => {
    expect(isIts('Deployment', [owner], { 'pod-template-hash': 'abc' })).to.equal(true);
    expect(isIts('Deployment', [owner], { 'pod-template-hash': 'abc' }, 'mock')).to.equal(false);
    expect(isIts('Rollout', [owner], { 'pod-template-hash': 'abc' })).to.equal(false);
    expect(isIts('Rollout', [owner], { 'rollouts-pod-template-hash': 'abc' })).to.equal(true);
    expect(isIts('StatefulSet', [{ ...owner, kind: 'StatefulSet', name: 'mockb' }])).to.equal(true);
    expect(isIts('StatefulSet', [{ ...owner, kind: 'StatefulSet', name: 'other' }])).to.equal(false);
    expect(isIts('Deployment', [{ ...owner, kind: 'Job', name: 'mockb' }])).to.equal(false);
  });

  it('is taken for its own where nobody can tell: without a controller, or without the hash of its ReplicaSet', () => {
    expect(isIts('Deployment', [])).to.equal(true);
    expect(isIts('Deployment', [{ ...owner, controller: false }])).to.equal(true);
    expect(isIts('Deployment', [owner])).to.equal(true);
    expect(isIts('StatefulSet', [owner])).to.equal(false);
  });
});

describe('pods of a cluster', () => {
  it('have the zones of their nodes, and are listed by labels', async () => {
    const cluster = fakeSystem();
    cluster.add({ ...KINDS.node, metadata: { name: 'bare' } });
    const zones = await zonesOfNodes(cluster);
    expect([...zones]).to.deep.equal([
      ['node-ap-northeast-1a', 'ap-northeast-1a'],
      ['node-ap-northeast-1b', 'ap-northeast-1b'],
      ['bare', ''],
    ]);
    const places = async (selector: string | undefined) =>
      (await listPods(cluster, 'default', selector, zones)).map(({ workload }) => workload);
    expect(await places('app=mocka')).to.deep.equal(['mocka-ap-northeast-1a']);
    expect(await places(undefined)).to.have.length(3);
    expect(await listPods(cluster, 'shop', undefined, zones)).to.deep.equal([]);
  });

  it('are where they say themselves that they are, as the mesh has it', () => {
    const said = (locality: string) =>
      pod(({ metadata }) => void Object.assign(metadata, { labels: { 'istio-locality': locality } }));
    expect(readPod(said('r.own'), ZONES).zone).to.equal('own');
    expect(readPod(said('r.own'), new Map()).zone).to.equal('own');
    expect(readPod(said(''), ZONES).zone).to.equal('a');
  });

  it('are named in the record as it names them', () => {
    expect(affectedBy(new FakeCluster(), [readPod(pod(), ZONES)])).to.deep.equal([
      { cluster: 'tokyo', namespace: 'default', zone: 'a', workload: 'mockb', pod: 'mockb-abc-x', ip: '127.30.0.1' },
    ]);
  });
});
