import { expect } from 'chai';
import type { Place } from '../../model/place.ts';
import { lint } from '../lint.ts';
import { drill, Mesh } from '../testing/mesh.ts';
import { maxEjectionPercent } from './max-ejection-percent.ts';
import { oneEastWestGateway } from './one-east-west-gateway.ts';
import { oneEastWestPod } from './one-east-west-pod.ts';
import { orderNotKept } from './order-not-kept.ts';

type Step = { readonly place: Place; readonly shareAtLeast: number };

const GATEWAYS = ['hangzhou', 'tokyo'].map((one) => `warning ${one} Service istio-system/istio-eastwestgateway`);
const limited = (percent: number, errors = 1) =>
  `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {outlierDetection: {consecutive5xxErrors: ${errors}, maxEjectionPercent: ${percent}}}}}`;

/** Two networks, each with one address by which the other reaches it. */
function apart(): Mesh {
  const mesh = new Mesh({ networks: true });
  for (const [index, live] of mesh.clusters.entries()) address(live, [`9.9.9.${index + 1}`]);
  return mesh;
}

function address(live: Mesh['clusters'][number], ips: readonly string[]): void {
  const ingress = ips.map((ip) => ({ ip }));
  live.eastWest = live.eastWest.map((service) => ({ ...service, status: { loadBalancer: { ingress } } }));
}

const whatOf = (mesh: Mesh): string =>
  lint(mesh.system(drill()), [oneEastWestGateway])
    .findings.map(({ what }) => what)
    .join('\n');

describe('one-east-west-gateway', () => {
  it('warns of every network that is one host, and says what takes it out and for how long', () => {
    expect(apart().finds(oneEastWestGateway, drill())).to.deep.equal(GATEWAYS);
    expect(whatOf(apart())).to.contain(
      'The pods of network vpc-hangzhou (cn-hangzhou/cn-hangzhou-h, cn-hangzhou/cn-hangzhou-k) are one host for callers of tokyo, 9.9.9.2:15443: 1 answer of 5xx by any of them takes them all out for 300 s or more, even when nobody else is left (calls to default/mocka, default/mockb, default/mockc).',
    );
    expect(whatOf(apart().apply(limited(100, 3)))).to.contain('3 answers in a row of 5xx by any of them');
  });

  it('says where maxEjectionPercent keeps it in, at the end or at all', () => {
    expect(whatOf(apart().apply(limited(67)))).to.contain('while no more than 2 of the 3 hosts are ejected');
    expect(whatOf(apart().apply(limited(30)))).to.contain('maxEjectionPercent 30 of 3 hosts never lets it be ejected');
  });

  it('says nothing of one network, of two addresses, of a name, or where nobody is ejected', () => {
    expect(new Mesh().finds(oneEastWestGateway, drill())).to.deep.equal([]);
    const two = apart();
    for (const live of two.clusters) address(live, ['9.9.9.1', '9.9.9.9']);
    expect(two.finds(oneEastWestGateway, drill())).to.deep.equal([]);
    expect(new Mesh({ networks: true }).finds(oneEastWestGateway, drill()), 'way-into-hangzhou').to.deep.equal([]);
    const quiet = apart();
    for (const name of ['mocka', 'mockb', 'mockc']) quiet.remove('DestinationRule', name);
    expect(quiet.finds(oneEastWestGateway, drill())).to.deep.equal([]);
  });
});

describe('one-east-west-pod', () => {
  const gateway = (replicas: string) =>
    `{kind: Deployment, metadata: {name: ew, namespace: istio-system}, spec: {${replicas} template: {metadata: {labels: {istio: eastwestgateway}}}}}`;
  const scaled = (least: number) =>
    `{kind: HorizontalPodAutoscaler, metadata: {name: ew, namespace: istio-system}, spec: {scaleTargetRef: {name: ew}, minReplicas: ${least}}}`;
  const found = (...manifests: string[]) =>
    manifests.reduce((mesh, one) => mesh.apply(one, 'tokyo'), apart()).finds(oneEastWestPod);

  it('warns of one replica, or of an autoscaler that may leave one', () => {
    expect(found(gateway(''))).to.deep.equal(['warning tokyo Deployment istio-system/ew']);
    expect(found(gateway('replicas: 3,'), scaled(1))).to.deep.equal([
      'warning tokyo HorizontalPodAutoscaler istio-system/ew',
    ]);
  });

  it('says nothing of two, nor where nobody sees the workload', () => {
    expect(found(gateway('replicas: 2,'))).to.deep.equal([]);
    expect(found(gateway(''), scaled(2))).to.deep.equal([]);
    expect(found()).to.deep.equal([]);
  });
});

describe('other rules of two networks', () => {
  it('count a gateway as the one host that it is', () => {
    const percent = 30;
    expect(new Mesh().apply(limited(percent)).finds(maxEjectionPercent, drill()), '1 of 4').to.deep.equal([]);
    const wrong = ['hangzhou', 'tokyo'].map((one) => `error ${one} DestinationRule default/mockb`);
    expect(apart().apply(limited(percent)).finds(maxEjectionPercent, drill()), '0 of 3').to.deep.equal(wrong);
  });

  it('keep to the order of priorities, in which the other network is last', () => {
    const [next, far] = [{ zone: 'ap-northeast-1b' }, { region: 'cn-hangzhou' }].map((place) => ({
      place: place as Place,
      shareAtLeast: 0.99,
    })) as [Step, Step];
    const ordered = (...order: Step[]) => {
      const { expect: promises } = drill();
      const failoverOrder = [{ service: 'mockb', from: { zone: 'ap-northeast-1a' }, order }];
      return apart().finds(orderNotKept, drill({ expect: { ...promises, failoverOrder } as typeof promises }));
    };
    expect(ordered(next, far)).to.deep.equal([]);
    expect(ordered(far, next)).to.not.deep.equal([]);
  });
});
