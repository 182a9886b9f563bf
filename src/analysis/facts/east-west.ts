import type { Endpoint } from '../../model/target.ts';
import type { Facts } from '../timeline/history.ts';

/** Where a proxy's calls go that end, for all that it tells, at an east-west gateway. */
export type Behind = {
  /** What stands for a zone where several may have served. */
  readonly name: string;
  /** Empty where the pods behind lie in several. */
  readonly region: string;
  readonly network: string | undefined;
  /** Those of the pods behind it. */
  readonly zones: readonly string[];
};

/** The network of a zone's pods; undefined where nobody names it, or pods of several are there. */
export function networksOf({
  endpoints,
}: Pick<Facts, 'endpoints'>): (zone: string, cluster?: string) => string | undefined {
  const found = new Map<string, Set<string | undefined>>();
  for (const { zone, cluster, network } of endpoints.flatMap((event) => event.endpoints)) {
    for (const key of [zone, `${cluster}\u0000${zone}`]) found.set(key, (found.get(key) ?? new Set()).add(network));
  }
  return (zone, cluster) => {
    const [network, ...others] = found.get(cluster === undefined ? zone : `${cluster}\u0000${zone}`) ?? [];
    return others.length === 0 ? network : undefined;
  };
}

/** Port of an east-west gateway, as Istio has it unless it is told another. */
const PORT = /:15443$/;

/** Whether a proxy's host is an east-west gateway. */
export const isGateway = (address: string): boolean => PORT.test(address);

/** The name of the way into a network, as pages have it. */
export const gatewayName = (network: string): string => `gateway into ${network}`;

/**
 * Tells hosts of proxies that are east-west gateways from pods, and what stands behind them. Istio gives such a host the
 * locality of one of the pods behind it, so that the zone that a proxy tells of it says nothing of who has served: only
 * the network is known, and the zone where the network has the Service in no other.
 */
export class EastWest {
  /** By name. */
  readonly places: ReadonlyMap<string, Behind>;
  readonly #endpoints = new Map<string, Map<string, Endpoint>>();

  constructor({ endpoints, calls }: Pick<Facts, 'endpoints' | 'calls'>) {
    for (const endpoint of endpoints.flatMap((event) => event.endpoints)) {
      const { namespace, service, cluster, zone, ip } = endpoint;
      const key = `${namespace}/${service}`;
      const own = this.#endpoints.get(key) ?? new Map<string, Endpoint>();
      this.#endpoints.set(key, own.set(`${cluster} ${zone} ${ip}`, endpoint));
    }
    const found = calls.flatMap(({ hosts, ...called }) =>
      hosts.flatMap((host) => ('address' in host ? (this.behind(called, host) ?? []) : [])),
    );
    this.places = new Map(found.map((behind) => [behind.name, behind]));
  }

  /** What stands behind a host of a Service; undefined where it is a pod. */
  behind(
    { service, namespace }: { readonly service: string; readonly namespace: string },
    { address, zone }: { readonly address: string; readonly zone: string },
  ): Behind | undefined {
    if (!isGateway(address)) return undefined;
    const all = [...(this.#endpoints.get(`${namespace}/${service}`)?.values() ?? [])];
    const ip = address.replace(PORT, '');
    const [first] = all.filter((endpoint) => endpoint.zone === zone);
    if (first === undefined || all.some((endpoint) => endpoint.ip === ip)) return undefined;
    const wayInto = ({ network, cluster }: Endpoint): string => network ?? cluster;
    const pods = all.filter((endpoint) => wayInto(endpoint) === wayInto(first));
    const zones = [...new Set(pods.map((pod) => pod.zone))].sort();
    const [region = '', ...others] = new Set(pods.map((pod) => pod.region));
    return {
      name: zones.length === 1 ? zone : gatewayName(wayInto(first)),
      region: others.length === 0 ? region : '',
      network: first.network,
      zones,
    };
  }
}
