import { NETWORK_LABEL } from '../model/kubernetes.ts';
import { localityKey, type MeshEndpoint } from './locality.ts';

/** An address by which proxies of other networks reach the pods of one. */
export type NetworkGateway = {
  readonly network: string;
  /** Whose Service it is. */
  readonly cluster: string;
  /** `ip:port` */
  readonly address: string;
};

/** What endpoints depend on beside their locality: where the proxy is, and which gateways between networks there are. */
export type NetworkView = {
  /** Of the calling proxy; empty where nothing names one. */
  readonly network: string;
  readonly gateways: readonly NetworkGateway[];
  /** Networks whose endpoints it wants (ISTIO_META_REQUESTED_NETWORK_VIEW); none is all. */
  readonly wanted: readonly string[];
};

/** Label of the cluster that an endpoint, or a gateway between networks, is of. */
export const CLUSTER_LABEL = 'topology.istio.io/cluster';

/**
 * The endpoints of a cluster as one proxy gets them where there are several networks (Istio: ep_filters.go
 * EndpointsByNetworkFilter): those of another network that has gateways are replaced, locality by locality, by the addresses
 * of these, which get their weight and are healthy whatever they are. Envoy then keeps one host for each address, the first
 * (eds.cc updateLocalityEndpoints): the locality that it tells is the first by name, and its weight is of that one alone.
 */
export function endpointsByNetwork(endpoints: readonly MeshEndpoint[], view: NetworkView): MeshEndpoint[] {
  const { gateways, wanted } = view;
  const visible = endpoints.filter(({ network = '' }) => isWanted(network, wanted));
  if (gateways.length === 0) return visible;
  const scale = scaleOf(gateways);
  const byLocality = Map.groupBy(visible, ({ locality }) => localityKey(locality));
  const seen = new Map<string, MeshEndpoint>();
  for (const key of [...byLocality.keys()].sort()) {
    for (const endpoint of inLocality(byLocality.get(key) ?? [], view, scale)) {
      if (!seen.has(endpoint.address)) seen.set(endpoint.address, endpoint);
    }
  }
  return [...seen.values()];
}

function isWanted(network: string, wanted: readonly string[]): boolean {
  return wanted.length === 0 || network === '' || wanted.includes(network);
}

function inLocality(own: readonly MeshEndpoint[], view: NetworkView, scale: number): MeshEndpoint[] {
  const direct: MeshEndpoint[] = [];
  const shares = new Map<NetworkGateway, number>();
  for (const endpoint of own) {
    const ways = gatewaysOf(endpoint, view.gateways);
    const weight = (endpoint.weight ?? 1) * scale;
    if (ways.length === 0 || isNear(endpoint, view.network)) direct.push({ ...endpoint, weight });
    else for (const way of ways) shares.set(way, (shares.get(way) ?? 0) + Math.floor(weight / ways.length));
  }
  const [first] = own;
  const far = [...shares].sort(([a], [b]) => (a.address < b.address ? -1 : 1));
  return [
    ...direct,
    ...far.map(([{ address, network, cluster }, weight]) => ({
      address,
      locality: first?.locality ?? { region: '', zone: '', subzone: '' },
      labels: { [CLUSTER_LABEL]: cluster, [NETWORK_LABEL]: network },
      ready: true,
      network,
      weight,
      isGateway: true as const,
    })),
  ];
}

/** An endpoint without a network is near to all; a proxy without one is near to no network that has gateways. */
function isNear({ network = '' }: MeshEndpoint, own: string): boolean {
  return network === '' || network === own;
}

/** The gateways of an endpoint's network, those of its own cluster before all others (Istio: selectNetworkGateways). */
function gatewaysOf({ network = '', labels }: MeshEndpoint, gateways: readonly NetworkGateway[]): NetworkGateway[] {
  const into = gateways.filter((gateway) => gateway.network === network);
  const own = into.filter(({ cluster }) => cluster === labels[CLUSTER_LABEL]);
  return own.length > 0 ? own : into;
}

/** So that every endpoint's weight can be shared among its gateways (Istio: GetLBWeightScaleFactor). */
function scaleOf(gateways: readonly NetworkGateway[]): number {
  const counts = [
    ...Map.groupBy(gateways, ({ network }) => network).values(),
    ...Map.groupBy(gateways, ({ network, cluster }) => `${network} ${cluster}`).values(),
  ].map(({ length }) => length);
  return counts.reduce((lcm, count) => (lcm * count) / commonDivisor(lcm, count), 1);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
