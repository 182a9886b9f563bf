import { expect } from 'chai';
import type { Place } from '../../model/place.ts';
import { lint } from '../lint.ts';
import { Mesh, promising } from '../testing/mesh.ts';
import { OUTLIER } from '../testing/outlier.ts';
import { orderNotKept } from './order-not-kept.ts';

const expecting = (service: string, ...places: Place[]) =>
  promising({
    failoverOrder: [
      {
        service,
        from: { zone: 'ap-northeast-1a' },
        order: places.map((place) => ({ place, shareAtLeast: 0.95 })),
      },
    ],
  });
const [B, REGION, H, K] = [
  { zone: 'ap-northeast-1b' },
  { region: 'cn-hangzhou' },
  { zone: 'cn-hangzhou-h' },
  { zone: 'cn-hangzhou-k' },
];

describe('order-not-kept', () => {
  const whatOf = (mesh: Mesh, ...places: Place[]) =>
    lint(mesh.system(expecting('mockb', ...places)), [orderNotKept]).findings.map(({ what }) => what.split(': ')[1]);

  it('says nothing of the order by locality', () => {
    expect(whatOf(new Mesh(), B, REGION)).to.deep.equal([]);
    expect(whatOf(new Mesh(), { zone: 'ap-northeast-1a' }, B, H)).to.deep.equal([]);
  });

  it('finds places of one priority, and those in the wrong order', () => {
    expect(whatOf(new Mesh(), B, H, K)).to.deep.equal(['cn-hangzhou-k is not after cn-hangzhou-h']);
    expect(whatOf(new Mesh(), REGION, B)).to.deep.equal(['ap-northeast-1b is not after region cn-hangzhou']);
  });

  it('tells the priorities as istiod numbers them, places without a ready pod included', () => {
    const told = (mesh: Mesh) => lint(mesh.system(expecting('mockb', H, K)), [orderNotKept]).findings[0]?.what;
    const home = () =>
      new Mesh().edit('mockb-ap-northeast-1a', (pod) => {
        pod.ready = false;
      });
    expect(told(new Mesh())).to.contain('their priorities are 2 and 2');
    expect(told(home())).to.contain('their priorities are 2 and 2');
    const old = home();
    for (const cluster of old.clusters) cluster.istio = '1.30';
    expect(told(old)).to.contain('their priorities are 1 and 1');
  });

  it('knows a Service by its namespace and port', () => {
    const system = (service: string) => new Mesh().system(expecting(service, REGION, B));
    const found = (service: string) => lint(system(service), [orderNotKept]).findings.length;
    expect(['default/mockb', 'default/mockb:8000', 'tokyo/default/mockb'].map(found)).to.deep.equal([1, 1, 1]);
    expect(['other/mockb', 'default/mockb:1'].map(found)).to.deep.equal([0, 0]);
  });

  it('finds a step without ready endpoints', () => {
    const mesh = new Mesh().edit('mockb-ap-northeast-1b', (pod) => {
      pod.ready = false;
    });
    expect(whatOf(mesh, B, REGION)).to.deep.equal(['ap-northeast-1b has no ready endpoint.']);
  });

  it('goes by failover between regions', () => {
    const mesh = new Mesh().edit('mockb-cn-hangzhou-k', (pod) => {
      pod.locality = { region: 'third', zone: 'third-a', subzone: '' };
    });
    mesh.apply(
      `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}, loadBalancer: {localityLbSetting: {failover: [{from: ap-northeast-1, to: third}]}}}}}`,
    );
    expect(whatOf(mesh, B, { region: 'third' }, REGION)).to.deep.equal([]);
    expect(whatOf(mesh, B, REGION, { region: 'third' })).to.have.length(1);
  });
});
