import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { OUTLIER } from '../testing/outlier.ts';
import { sameZoneInTwoClusters } from './same-zone-in-two-clusters.ts';

function twins(region = 'ap-northeast-1'): Mesh {
  return new Mesh().edit('mockb-cn-hangzhou-h', (pod) => {
    pod.locality = { region, zone: 'ap-northeast-1a', subzone: '' };
  });
}

describe('same-zone-in-two-clusters', () => {
  const both = ['hangzhou', 'tokyo'].map((cluster) => `warning ${cluster} DestinationRule default/mockb`);

  it('is found where region and zone are those of another cluster', () => {
    expect(twins().finds(sameZoneInTwoClusters, drill())).to.deep.equal(both);
  });

  it('is not where the regions differ, zones are unknown, or the cluster comes first', () => {
    expect(twins('other').finds(sameZoneInTwoClusters, drill())).to.deep.equal([]);
    const unknown = new Mesh().edit('mockb', (pod) => {
      pod.locality = { region: '', zone: '', subzone: '' };
    });
    expect(unknown.finds(sameZoneInTwoClusters, drill())).to.deep.equal([]);
    const first = `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}, loadBalancer: {localityLbSetting: {failoverPriority: [topology.istio.io/cluster]}}}}}`;
    expect(twins().apply(first).finds(sameZoneInTwoClusters, drill())).to.deep.equal([]);
  });
});
