/** One host of a Service as one calling proxy has it. Counters since the proxy, or the host, came up. */
export type HostState = {
  /** `ip:port`; an IPv6 address is in brackets. */
  readonly address: string;
  readonly region: string;
  readonly zone: string;
  /** 0 is nearest. */
  readonly priority: number;
  /** As the endpoints and active checks say; not whether it is ejected. */
  readonly healthy: boolean;
  readonly ejected: boolean;
  /** Envoy's rq_total: it has been given a connection. */
  readonly requests: number;
  /** Envoy's rq_success: answered without a 5xx. */
  readonly served: number;
  /** Envoy's rq_error: a 5xx, cut off, timed out, or no connection came about. */
  readonly failed: number;
  /** Envoy's cx_connect_fail. */
  readonly refused: number;
  /** Envoy's rq_timeout: answered too late for a timeout of its route. Counted in `failed` as well. */
  readonly timedOut: number;
};

/** One port of a Service in one proxy: its hosts by address, subsets taken together. */
export type ServiceHosts = {
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  readonly hosts: ReadonlyMap<string, HostState>;
};

/** Clusters of Istio: `outbound|PORT|SUBSET|HOST`, and as gateways between networks have them `outbound_.PORT_.SUBSET_.HOST`. */
const CLUSTER = /^outbound(?:\|(\d{1,5})\|[^|]*\||_\.(\d{1,5})_\.[^|]*?_\.)([^|;]+);?$/;
const SERVICE = /^([^.]+)\.([^.]+)\.svc(?:\.|$)/;
/** What takes a host out (Envoy: host_utility.cc, EDS health). */
const DOWN: readonly unknown[] = ['UNHEALTHY', 'DRAINING', 'TIMEOUT'];

/** The parts of envoy.admin.v3.Clusters that are read; anything may be missing, and what is 0 or false is. */
type Clusters = { readonly cluster_statuses?: readonly ClusterStatus[] };
type ClusterStatus = { readonly name?: string; readonly host_statuses?: readonly HostStatus[] };
type HostStatus = {
  readonly address?: {
    readonly socket_address?: { readonly address?: string; readonly port_value?: number };
    readonly envoy_internal_address?: { readonly endpoint_id?: string };
  };
  readonly stats?: readonly { readonly name?: string; readonly value?: string | number }[];
  readonly health_status?: {
    readonly failed_outlier_check?: boolean;
    readonly failed_active_health_check?: boolean;
    readonly eds_health_status?: string;
  };
  readonly priority?: number;
  readonly locality?: { readonly region?: string; readonly zone?: string };
};

/**
 * Reads the hosts of Kubernetes Services from what a real Envoy answers on `/clusters?format=json` (admin port 15000).
 * Clusters that are none, and Services that `wanted` does not want, are skipped. Throws an Error in words where a proxy
 * answers otherwise: what it counts is not known then, and not 0.
 */
export function readClusters(text: string, wanted: (service: string, namespace: string) => boolean): ServiceHosts[] {
  const found = new Map<string, ServiceHosts & { readonly hosts: Map<string, HostState> }>();
  for (const { name = '', host_statuses: statuses = [] } of clustersIn(text)) {
    const place = serviceOf(name);
    if (place === undefined || !wanted(place.service, place.namespace)) continue;
    const key = `${place.port} ${place.namespace} ${place.service}`;
    const known = found.get(key) ?? { ...place, hosts: new Map() };
    found.set(key, known);
    for (const host of statuses.flatMap((status) => readHost(status) ?? [])) {
      const same = known.hosts.get(host.address);
      known.hosts.set(host.address, same === undefined ? host : together(same, host));
    }
  }
  return [...found.values()];
}

const PAGE = '/clusters?format=json of its admin port has';

function clustersIn(text: string): readonly ClusterStatus[] {
  let page: unknown;
  try {
    page = JSON.parse(text);
  } catch {
    throw new Error(`${PAGE} no JSON but \`${text.slice(0, 100)}\``);
  }
  const { cluster_statuses: clusters } = (page ?? {}) as Clusters;
  // Of no cluster Envoy prints nothing at all.
  if (clusters === undefined && JSON.stringify(page) === '{}') return [];
  if (!Array.isArray(clusters)) throw new Error(`${PAGE} no list of clusters`);
  return clusters as readonly ClusterStatus[];
}

function serviceOf(cluster: string): Omit<ServiceHosts, 'hosts'> | undefined {
  const [, port, portOfGateway, host = ''] = CLUSTER.exec(cluster) ?? [];
  const [, service, namespace] = SERVICE.exec(host) ?? [];
  if (service === undefined || namespace === undefined) return undefined;
  return { service, namespace, port: Number(port ?? portOfGateway) };
}

function readHost({
  address,
  stats = [],
  health_status: health = {},
  priority = 0,
  locality,
}: HostStatus): HostState | undefined {
  const place = placeOf(address);
  if (place === undefined) return undefined;
  if (!stats.some(({ name }) => name === 'rq_total')) throw new Error(`${PAGE} no counter rq_total of ${place}`);
  const counted = { rq_total: 0, rq_success: 0, rq_error: 0, cx_connect_fail: 0, rq_timeout: 0 };
  for (const { name = '', value = 0 } of stats) {
    if (Object.hasOwn(counted, name)) counted[name as keyof typeof counted] = Number(value);
  }
  return {
    address: place,
    region: locality?.region ?? '',
    zone: locality?.zone ?? '',
    priority,
    healthy: health.failed_active_health_check !== true && !DOWN.includes(health.eds_health_status),
    ejected: health.failed_outlier_check === true,
    requests: counted.rq_total,
    served: counted.rq_success,
    failed: counted.rq_error,
    refused: counted.cx_connect_fail,
    timedOut: counted.rq_timeout,
  };
}

/** An internal address leads into the proxy itself, and says in its id where to in the end (ambient, HBONE). */
function placeOf(address: HostStatus['address']): string | undefined {
  const { address: ip, port_value: port } = address?.socket_address ?? {};
  if (ip === undefined || port === undefined) return address?.envoy_internal_address?.endpoint_id || undefined;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** One host in two subsets is two to Envoy; each has its own counters and ejection. */
function together(one: HostState, other: HostState): HostState {
  return {
    ...one,
    priority: Math.min(one.priority, other.priority),
    ejected: one.ejected || other.ejected,
    requests: one.requests + other.requests,
    served: one.served + other.served,
    failed: one.failed + other.failed,
    refused: one.refused + other.refused,
    timedOut: one.timedOut + other.timedOut,
  };
}
