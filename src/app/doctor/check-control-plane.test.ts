import { expect } from 'chai';
import { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { checkControlPlane } from './check-control-plane.ts';

const system = 'istio-system';
const ISTIOD = { ...KINDS.pod, metadata: { name: 'istiod-1', namespace: system, labels: { app: 'istiod' } } };

function cluster(configuredBy?: string): FakeCluster {
  return Object.assign(new FakeCluster(), configuredBy === undefined ? {} : { configuredBy });
}

async function said(one: FakeCluster, clusters = 2) {
  const { ok, optional = false, detail, fix = '' } = await checkControlPlane(one, clusters);
  return [ok ? 'ok' : optional ? 'absent' : 'MISSING', detail, fix];
}

describe('what doctor says of control planes', () => {
  it('is who configures a cluster by the targets file, or the istiod that is seen', async () => {
    const [ok, detail] = await said(cluster('osaka'));
    expect([ok, detail]).to.deep.equal([
      'ok',
      'the istiod of osaka serves its proxies: mesh configuration is read there, and not here',
    ]);
    const own = cluster();
    own.add(ISTIOD);
    expect(await said(own)).to.deep.equal(['ok', 'istiod of its own (istio-system/istiod-1)', '']);
  });

  it('is a hint where none is seen, for it may be a managed one: unless nobody else could be it', async () => {
    const [ok, detail, fix] = await said(cluster());
    expect([ok, detail?.startsWith('no istiod is seen'), fix?.includes('configuredBy')]).to.deep.equal([
      'ok',
      true,
      true,
    ]);
    expect((await said(cluster(), 1))[2]).to.equal('');
  });

  it('is what does not agree: an istiod beside configuredBy, or an annotation of Istio without it', async () => {
    const both = cluster('osaka');
    both.add(ISTIOD);
    expect((await said(both)).join()).to.match(
      /^absent,configuredBy says .*osaka.* here \(istio-system\/istiod-1\),If/,
    );
    const told = cluster();
    const annotations = { 'topology.istio.io/controlPlaneClusters': 'cluster1' };
    told.add({ ...KINDS.namespace, metadata: { name: system, namespace: system, annotations } });
    expect((await said(told)).join()).to.match(/^absent,no istiod.*controlPlaneClusters: cluster1,If/);
  });

  it('is that it could not be seen', async () => {
    const dumb = cluster();
    dumb.before = () => {
      throw new Error('403 no');
    };
    expect(await said(dumb)).to.deep.equal(['absent', '403 no', '']);
  });
});
