import { expect } from 'chai';
import { leastRequest } from './choice.ts';
import { ClientProxy } from './client-proxy.ts';
import { type Host, newHost } from './host.ts';
import { assignPriorities, type Locality, type MeshEndpoint } from './locality.ts';
import { CLUSTER_LABEL, endpointsByNetwork, type NetworkGateway, type NetworkView } from './networks.ts';
import {
  CLIENT_A,
  endpoint,
  HANGZHOU_H,
  HANGZHOU_K,
  seeded,
  TOKYO_A,
  TOKYO_B,
  vendorCluster,
} from './testing/fixtures.ts';

const WAY: NetworkGateway = { network: 'west', cluster: 'hangzhou', address: '9.9.9.9:15443' };
const OWN: NetworkGateway = { network: 'east', cluster: 'tokyo', address: '8.8.8.8:15443' };
const VIEW: NetworkView = { network: 'east', gateways: [WAY, OWN], wanted: [] };

function pod(address: string, locality: Locality, network: string, cluster = 'hangzhou', ready = true): MeshEndpoint {
  return { ...endpoint(address, locality), network, labels: { [CLUSTER_LABEL]: cluster, app: 'mockb' }, ready };
}

const PODS = [
  pod('k:8000', HANGZHOU_K, 'west'),
  pod('a:8000', TOKYO_A, 'east', 'tokyo'),
  pod('b:8000', TOKYO_B, 'east', 'tokyo'),
  pod('h1:8000', HANGZHOU_H, 'west'),
  pod('h2:8000', HANGZHOU_H, 'west'),
];

const addresses = (view: Partial<NetworkView>, pods = PODS): string[] =>
  endpointsByNetwork(pods, { ...VIEW, ...view }).map(({ address }) => address);

describe('endpoints of several networks', () => {
  it('of another one are its gateway: one host, in the first of its zones, with the weight of that', () => {
    const found = endpointsByNetwork(PODS, VIEW);
    expect(found.map(({ address }) => address)).to.deep.equal(['a:8000', 'b:8000', WAY.address]);
    expect(found.at(-1)).to.deep.equal({
      address: WAY.address,
      locality: HANGZHOU_H,
      labels: { [CLUSTER_LABEL]: 'hangzhou', 'topology.istio.io/network': 'west' },
      ready: true,
      network: 'west',
      weight: 2,
      isGateway: true,
    });
  });

  it('are as they are where no network has a gateway', () => {
    expect(addresses({ gateways: [] })).to.deep.equal(PODS.map(({ address }) => address));
    expect(addresses({ gateways: [OWN] }), 'only the own one has').to.have.members(PODS.map(({ address }) => address));
  });

  it('are healthy as one even where none of them is ready, and gone where there are none', () => {
    const unready = [...PODS.slice(1, 3), pod('h:8000', HANGZHOU_H, 'west', 'hangzhou', false)];
    expect(endpointsByNetwork(unready, VIEW).at(-1)).to.include({ address: WAY.address, ready: true });
    expect(addresses({}, PODS.slice(1, 3))).to.deep.equal(['a:8000', 'b:8000']);
  });

  it('without a name are near; a proxy without one goes by the gateway', () => {
    const unnamed = [endpoint('x:8000', HANGZHOU_H)];
    expect(addresses({}, unnamed)).to.deep.equal(['x:8000']);
    expect(addresses({ network: '' })).to.deep.equal([OWN.address, WAY.address]);
  });

  it('that the proxy does not want are left out', () => {
    expect(addresses({ network: 'west', wanted: ['west'] })).to.deep.equal(['h1:8000', 'h2:8000', 'k:8000']);
  });

  it('share their weight among several gateways, those of their own cluster before others', () => {
    const second = { ...WAY, address: '9.9.9.8:15443' };
    const other = { ...WAY, cluster: 'beijing', address: '9.9.9.7:15443' };
    const weights = (gateways: NetworkGateway[]) =>
      endpointsByNetwork(PODS, { ...VIEW, gateways }).map(({ address, weight }) => `${address} ${weight}`);
    expect(weights([OWN, WAY, second])).to.deep.equal(['a:8000 2', 'b:8000 2', '9.9.9.8:15443 2', '9.9.9.9:15443 2']);
    expect(weights([OWN, WAY, other])).to.deep.equal(['a:8000 2', 'b:8000 2', '9.9.9.9:15443 4']);
  });

  it('are the last to go, and all gone with the ejection of their one address', () => {
    const proxy = new ClientProxy({ settings: vendorCluster({ mergeWindowMs: 0 }), random: seeded(1), now: 0 });
    const setting = vendorCluster().localityLb;
    const endpoints = endpointsByNetwork(PODS, VIEW);
    proxy.setEndpoints(assignPriorities({ client: CLIENT_A, endpoints, setting, outlierDetection: true }), 0);
    const order: (string | undefined)[] = [];
    for (let now = 1; now <= 4; now += 1) {
      const host = proxy.choose(now);
      order.push(host?.endpoint.address);
      if (host !== undefined) proxy.report(host, { kind: 'response', status: 503 }, now);
    }
    expect(order).to.deep.equal(['a:8000', 'b:8000', WAY.address, undefined]);
  });
});

describe('hosts of several weights', () => {
  it('are drawn in proportion, and less so with requests on their way', () => {
    const random = seeded(5);
    const hosts = [1, 3].map((weight) => newHost({ ...endpoint(`${weight}`, TOKYO_A), weight }, 0));
    const share = (): number => {
      const drawn = Array.from({ length: 4000 }, () => leastRequest(hosts, random)?.endpoint.address);
      return drawn.filter((address) => address === '3').length / 4000;
    };
    expect(share()).to.be.within(0.72, 0.78);
    (hosts[1] as Host).active = 2;
    expect(share()).to.be.within(0.47, 0.53);
  });

  it('take over a weight that EDS changes', () => {
    const proxy = new ClientProxy({ settings: vendorCluster(), random: seeded(1), now: 0 });
    const told = (weight: number) => ({
      endpoints: [{ endpoint: { ...endpoint('a', TOKYO_A), weight }, priority: 0 }],
    });
    proxy.setEndpoints(told(1), 0);
    proxy.setEndpoints(told(4), 10);
    expect(proxy.hosts(20).map((host) => host.endpoint.weight)).to.deep.equal([4]);
  });
});
