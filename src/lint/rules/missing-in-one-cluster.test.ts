import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { missingInOneCluster } from './missing-in-one-cluster.ts';
import { noOutlierDetection } from './no-outlier-detection.ts';

describe('missing-in-one-cluster', () => {
  it('says where a rule is missing that another cluster has, and nobody says it twice', () => {
    const mesh = new Mesh().remove('DestinationRule', 'mockb', 'hangzhou');
    expect(mesh.finds(missingInOneCluster, drill())).to.deep.equal(['error hangzhou Service default/mockb']);
    expect(mesh.finds(missingInOneCluster)).to.deep.equal(['error hangzhou Service default/mockb']);
    expect(mesh.finds(noOutlierDetection, drill())).to.deep.equal([]);
  });

  it('says nothing where both have it, or none', () => {
    expect(new Mesh().finds(missingInOneCluster, drill())).to.deep.equal([]);
    const none = new Mesh().remove('DestinationRule', 'mockb');
    expect(none.finds(missingInOneCluster, drill())).to.deep.equal([]);
  });

  it('says nothing of a cluster that may be configured from another', () => {
    const mesh = new Mesh();
    const [, hangzhou] = mesh.clusters;
    if (hangzhou !== undefined) Object.assign(hangzhou, { destinationRules: [], virtualServices: [], gateways: [] });
    for (const one of mesh.beside) one.istiod = false;
    expect(mesh.finds(missingInOneCluster, drill())).to.deep.equal([]);
  });
});
