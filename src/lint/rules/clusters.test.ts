import { expect } from 'chai';
import { lint } from '../lint.ts';
import { Mesh, promising } from '../testing/mesh.ts';
import { remoteClusters, trustRoots } from './clusters.ts';

const CROSSING = promising({
  failoverOrder: [
    {
      service: 'mockb',
      from: { zone: 'ap-northeast-1a' },
      order: [{ place: { region: 'cn-hangzhou' }, shareAtLeast: 0.95 }],
    },
  ],
});

function changed(change: object): Mesh {
  const mesh = new Mesh();
  Object.assign(mesh.beside[1] ?? {}, change);
  return mesh;
}

describe('trust-roots-differ', () => {
  it('is an error where the order leads to the other cluster, a warning else', () => {
    const mesh = changed({ roots: ['OTHER'] });
    expect(mesh.finds(trustRoots, CROSSING)).to.deep.equal(['error hangzhou ConfigMap default/istio-ca-root-cert']);
    expect(mesh.finds(trustRoots)).to.deep.equal(['warning hangzhou ConfigMap default/istio-ca-root-cert']);
  });

  it('is not where one root is common, none is known, or MeshConfig adds some', () => {
    expect(new Mesh().finds(trustRoots, CROSSING)).to.deep.equal([]);
    expect(changed({ roots: ['OTHER', 'ROOT'] }).finds(trustRoots, CROSSING)).to.deep.equal([]);
    expect(changed({ roots: [] }).finds(trustRoots, CROSSING)).to.deep.equal([]);
    const more = changed({ roots: ['OTHER'] }).apply(
      '{kind: ConfigMap, metadata: {name: istio}, data: {mesh: "caCertificates: [{pem: x}]"}}',
    );
    expect(more.finds(trustRoots, CROSSING)).to.deep.equal([]);
  });

  it('is not told where the roots could not be read, and that is said', () => {
    const mesh = changed({ roots: ['OTHER'] });
    mesh.unread.push({ what: 'roots', cluster: 'hangzhou', reason: 'forbidden' });
    expect(lint(mesh.system(), [trustRoots])).to.deep.equal({
      findings: [],
      untold: ['cluster hangzhou: forbidden (trust-roots-differ)'],
    });
  });
});

describe('remote-cluster-unknown', () => {
  it('is found where istiod manages fewer clusters than the target has', () => {
    expect(changed({ remotes: 0 }).finds(remoteClusters, CROSSING)).to.deep.equal([
      'error hangzhou Secret istio-system/(istio/multiCluster=true)',
    ]);
    expect(changed({ remotes: 0 }).finds(remoteClusters)).to.have.length(1);
  });

  it('is not where it knows them, or where no istiod is seen', () => {
    expect(new Mesh().finds(remoteClusters, CROSSING)).to.deep.equal([]);
    expect(changed({ remotes: 0, istiod: false }).finds(remoteClusters, CROSSING)).to.deep.equal([]);
  });
});
