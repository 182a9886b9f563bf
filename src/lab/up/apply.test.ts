import { expect } from 'chai';
import { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { apiError } from '../../kube/api-error.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import { apply, objectsOf } from './apply.ts';

const OBJECTS = objectsOf(`
kind: Deployment
apiVersion: apps/v1
metadata: { name: istiod, namespace: istio-system }
---
# nothing here
---
kind: ServiceAccount
apiVersion: v1
metadata: { name: istiod, namespace: istio-system }
---
kind: CustomResourceDefinition
apiVersion: apiextensions.k8s.io/v1
metadata: { name: gateways.networking.istio.io }
---
kind: Namespace
apiVersion: v1
metadata: { name: istio-system, labels: { a: new } }
`);

const answered = (what: string, status: number, text: string) =>
  apiError('tokyo', { method: 'POST', what }, { status, text });
const waiting = () => ({ clock: virtualClock(), signal: new AbortController().signal });

/** A cluster whose creates go through `answer` first. */
function answering(answer: (object: KubeObject) => void): { cluster: Cluster; made: string[]; fake: FakeCluster } {
  const fake = new FakeCluster();
  const made: string[] = [];
  const create = fake.create.bind(fake);
  fake.create = async (object) => {
    answer(object);
    made.push(object.kind);
    return create(object);
  };
  return { cluster: fake, made, fake };
}

describe('applying manifests to a lab cluster', () => {
  it('makes first what others need to exist', async () => {
    const { cluster, made } = answering(() => {});
    await apply(cluster, OBJECTS, waiting());
    expect(made).to.deep.equal(['Namespace', 'CustomResourceDefinition', 'ServiceAccount', 'Deployment']);
  });

  it('tries again while a webhook does not answer yet', async () => {
    let failures = 3;
    const { cluster, made } = answering(({ kind }) => {
      if (kind === 'Deployment' && failures-- > 0) throw answered('create', 500, 'failed calling webhook');
    });
    await apply(cluster, OBJECTS, waiting());
    expect(made).to.include('Deployment');
  });

  it('says at once what is refused for good', async () => {
    let asked = 0;
    const { cluster } = answering(({ kind }) => {
      if (kind !== 'Deployment') return;
      asked++;
      throw answered('create Deployment', 422, 'spec.replicas is wrong');
    });
    const error = await apply(cluster, OBJECTS, waiting()).catch((reason: unknown) => reason);
    expect(error).to.have.property('message').that.contains('spec.replicas is wrong');
    expect(asked).to.equal(1);
  });

  it('leaves what exists as it is, but adds the labels of namespaces', async () => {
    const { cluster, fake } = answering(({ kind }) => {
      if (kind === 'Namespace') throw answered('create', 409, 'already exists');
    });
    fake.add({ ...KINDS.namespace, metadata: { name: 'istio-system', labels: { a: 'old', b: 'kept' } } });
    await apply(cluster, OBJECTS, waiting());
    const namespace = await fake.get({ ...KINDS.namespace, name: 'istio-system' });
    expect(namespace?.metadata.labels).to.deep.equal({ a: 'new', b: 'kept' });
  });
});
