import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { ensureMap } from '../api/json.ts';
import { deployment, type Harness, node, startHarness } from '../testing/controllers-harness.ts';
import { deletionOrder } from './pods.ts';

describe('replica set controller', () => {
  let cluster: Harness;
  beforeEach(async () => {
    cluster = startHarness();
    cluster.store.create(node('node-a', 'zone-a'));
    cluster.store.create(deployment('web', 3));
    await cluster.settled();
  });
  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  const firstPod = (): string => cluster.names(KINDS.pod)[0] ?? '';

  it('replaces a deleted pod at once, while the old one is still terminating', async () => {
    cluster.kubelet.keepTerminating = true;
    const name = firstPod();
    cluster.store.delete({ ...KINDS.pod, namespace: 'default', name });
    await cluster.settled();
    expect(cluster.names(KINDS.pod)).to.have.length(4).and.include(name);
    expect(cluster.get(KINDS.pod, name)?.metadata.deletionTimestamp).to.be.a('string');
  });

  it('lets a pod go whose labels no longer match, and takes it back', async () => {
    const name = firstPod();
    cluster.change(KINDS.pod, name, (pod) => {
      ensureMap(ensureMap(pod, 'metadata'), 'labels').app = 'elsewhere';
    });
    await cluster.settled();
    expect(cluster.names(KINDS.pod)).to.have.length(4);
    expect(cluster.get(KINDS.pod, name)?.metadata.ownerReferences ?? []).to.deep.equal([]);
    cluster.change(KINDS.pod, name, (pod) => {
      ensureMap(ensureMap(pod, 'metadata'), 'labels').app = 'web';
    });
    await cluster.settled();
    expect(cluster.names(KINDS.pod)).to.have.length(3);
  });

  it('gives up pods that are not ready first', async () => {
    const name = cluster.names(KINDS.pod).at(-1) ?? '';
    cluster.kubelet.healthy = (pod) => pod.metadata.name !== name;
    cluster.change(KINDS.pod, name, (pod) => {
      ensureMap(ensureMap(pod, 'metadata'), 'annotations').touched = 'yes';
    });
    await cluster.settled();
    cluster.change(KINDS.deployment, 'web', (object) => {
      ensureMap(object, 'spec').replicas = 2;
    });
    await cluster.settled();
    expect(cluster.names(KINDS.pod)).to.have.length(2).and.not.include(name);
  });

  it('orders pods to delete by assignment, readiness and cost', () => {
    const pod = (name: string, nodeName: string, ready: boolean, cost?: string) => ({
      ...KINDS.pod,
      metadata: {
        name,
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
      },
      spec: nodeName === '' ? {} : { nodeName },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }],
      },
    });
    const pods = [
      pod('dear', 'n', true, '10'),
      pod('ready', 'n', true),
      pod('unready', 'n', false),
      pod('waiting', '', false),
    ];
    const order = deletionOrder(pods).map((one) => one.metadata.name);
    expect(order).to.deep.equal(['waiting', 'unready', 'ready', 'dear']);
  });
});
