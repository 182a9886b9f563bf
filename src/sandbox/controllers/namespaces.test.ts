import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { ApiError } from '../api/errors.ts';
import { at } from '../api/json.ts';
import { type Harness, node, startHarness } from '../testing/controllers-harness.ts';

describe('namespace controller', () => {
  let cluster: Harness;
  beforeEach(async () => {
    cluster = startHarness();
    cluster.store.create(node('node-a', 'zone-a'));
    cluster.store.create({ ...KINDS.namespace, metadata: { name: 'shop' } });
    cluster.store.create({ ...KINDS.configMap, metadata: { name: 'settings', namespace: 'shop' } });
    const spec = { nodeName: 'node-a', containers: [{ name: 'c', image: 'x:1' }] };
    cluster.store.create({ ...KINDS.pod, metadata: { name: 'pod', namespace: 'shop' }, spec });
    await cluster.settled();
  });
  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  const shop = () => cluster.store.get({ ...KINDS.namespace, name: 'shop' });

  it('empties a namespace, waits for its pods, then removes it', async () => {
    cluster.kubelet.keepTerminating = true;
    cluster.store.delete({ ...KINDS.namespace, name: 'shop' });
    await cluster.settled();
    expect(at(shop(), 'status', 'phase')).to.equal('Terminating');
    expect(cluster.names(KINDS.configMap, 'shop')).to.deep.equal([]);
    expect(cluster.names(KINDS.pod, 'shop')).to.deep.equal(['pod']);
    cluster.store.finalizeDelete({ ...KINDS.pod, namespace: 'shop', name: 'pod' });
    await cluster.settled();
    expect(shop()).to.equal(undefined);
  });

  it('takes in nothing new while it goes away', () => {
    cluster.kubelet.keepTerminating = true;
    cluster.store.delete({ ...KINDS.namespace, name: 'shop' });
    const create = (): unknown =>
      cluster.store.create({ ...KINDS.configMap, metadata: { name: 'late', namespace: 'shop' } });
    expect(create).to.throw(ApiError, 'unable to create new content in namespace shop because it is being terminated');
  });

  it('gives a new namespace its service account', () => {
    expect(cluster.names({ apiVersion: 'v1', kind: 'ServiceAccount' }, 'shop')).to.deep.equal(['default']);
  });
});
