import { expect } from 'chai';
import { KINDS, type KubeObject, type OwnerReference } from '../../model/kubernetes.ts';
import { deployment, type Harness, node, startHarness } from '../testing/controllers-harness.ts';

describe('garbage collector', () => {
  let cluster: Harness;
  beforeEach(() => {
    cluster = startHarness();
    cluster.store.create(node('node-a', 'zone-a'));
  });
  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  const configMap = (name: string, owners: readonly OwnerReference[] = [], namespace = 'default'): KubeObject =>
    cluster.store.create({ ...KINDS.configMap, metadata: { name, namespace, ownerReferences: [...owners] } });
  const owner = (object: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference => ({
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: object.metadata.name ?? '',
    uid: object.metadata.uid ?? '',
    ...more,
  });
  const ref = (name: string) => ({ ...KINDS.configMap, namespace: 'default', name });

  it('deletes dependents in the background, down the whole chain', async () => {
    cluster.store.create(deployment('web', 2));
    await cluster.settled();
    cluster.store.delete({ ...KINDS.deployment, namespace: 'default', name: 'web' }, { propagation: 'Background' });
    expect(cluster.get(KINDS.deployment, 'web')).to.equal(undefined);
    await cluster.settled();
    expect(cluster.names(KINDS.replicaSet)).to.deep.equal([]);
    expect(cluster.names(KINDS.pod)).to.deep.equal([]);
  });

  it('keeps the owner until blocking dependents are gone in the foreground', async () => {
    cluster.store.create(deployment('web', 2));
    await cluster.settled();
    cluster.kubelet.keepTerminating = true;
    cluster.store.delete({ ...KINDS.deployment, namespace: 'default', name: 'web' }, { propagation: 'Foreground' });
    await cluster.settled();
    expect(cluster.get(KINDS.deployment, 'web')?.metadata.finalizers).to.deep.equal(['foregroundDeletion']);
    expect(cluster.names(KINDS.pod)).to.have.length(2);
    for (const name of cluster.names(KINDS.pod))
      cluster.store.finalizeDelete({ ...KINDS.pod, namespace: 'default', name });
    await cluster.settled();
    expect(cluster.get(KINDS.deployment, 'web')).to.equal(undefined);
    expect(cluster.names(KINDS.replicaSet)).to.deep.equal([]);
  });

  it('orphans dependents when asked to', async () => {
    cluster.store.create(deployment('web', 2));
    await cluster.settled();
    cluster.store.delete({ ...KINDS.deployment, namespace: 'default', name: 'web' }, { propagation: 'Orphan' });
    await cluster.settled();
    expect(cluster.get(KINDS.deployment, 'web')).to.equal(undefined);
    const [set] = cluster.store.list(KINDS.replicaSet, 'default');
    expect(set?.metadata.ownerReferences ?? []).to.deep.equal([]);
    expect(cluster.names(KINDS.pod)).to.have.length(2);
  });

  it('keeps what still has an owner and drops the reference to the other', async () => {
    const [one, two] = [configMap('one'), configMap('two')];
    configMap('child', [owner(one), owner(two)]);
    cluster.store.delete(ref('one'));
    await cluster.settled();
    expect(cluster.get(KINDS.configMap, 'child')?.metadata.ownerReferences).to.deep.equal([owner(two)]);
    cluster.store.delete(ref('two'));
    await cluster.settled();
    expect(cluster.get(KINDS.configMap, 'child')).to.equal(undefined);
  });

  it('deletes what names an owner that is not there, of another uid, or in another namespace', async () => {
    const real = configMap('real');
    const elsewhere = configMap('elsewhere', [], 'kube-system');
    configMap('missing', [owner(real, { name: 'nobody', uid: 'none' })]);
    configMap('recreated', [owner(real, { uid: 'another' })]);
    configMap('abroad', [owner(elsewhere)]);
    configMap('kept', [owner(real)]);
    configMap('unknown', [owner(real, { apiVersion: 'example.com/v1', kind: 'Thing' })]);
    await cluster.settled();
    expect(cluster.names(KINDS.configMap)).to.deep.equal(['kept', 'real', 'unknown']);
  });
});
