import type { CalledWorkload } from './requests-reader.ts';

/** Where a proxy or endpoint runs. Unknown parts are empty, and empty equals empty, as in Istio. */
export type Locality = { readonly region: string; readonly zone: string; readonly subzone: string };

export type MeshEndpoint = {
  /** `ip:port`; the identity of the host inside a cluster. */
  readonly address: string;
  readonly locality: Locality;
  readonly labels: Readonly<Record<string, string>>;
  /** Not ready: the proxy knows the host as UNHEALTHY, counts it and sends it nothing. */
  readonly ready: boolean;
  /** Istio's network of it; absent where nothing names one. */
  readonly network?: string;
  /** @default 1 */
  readonly weight?: number;
  /** The address is an east-west gateway's: who answers is decided behind it. */
  readonly isGateway?: true;
  /** As istiod names it in the endpoint's metadata, for metrics. */
  readonly workload?: CalledWorkload;
};

/** The calling proxy, as far as priorities depend on it. */
export type MeshClient = { readonly locality: Locality; readonly labels: Readonly<Record<string, string>> };

/** DestinationRule `localityLbSetting`. At most one of `distribute` and `failover` is used (Istio validates this). */
export type LocalityLb = {
  readonly enabled: boolean;
  readonly failover: readonly { readonly from: string; readonly to: string }[];
  /** `label` or `label=value`, most important first. */
  readonly failoverPriority: readonly string[];
  /** Weights in percent by `region/zone/subzone`, where a trailing part may be `*`. */
  readonly distribute: readonly { readonly from: string; readonly to: Readonly<Record<string, number>> }[];
};

type PlacedEndpoint = { readonly endpoint: MeshEndpoint; readonly priority: number };

/** The endpoints of a cluster as one proxy gets them by EDS. */
export type Assignment = {
  readonly endpoints: readonly PlacedEndpoint[];
  /** Present when the cluster is balanced by locality weight; keyed by `localityKey`. */
  readonly localityWeights?: ReadonlyMap<string, number>;
};

/** `region/zone/subzone` without empty trailing parts. */
export function localityKey(locality: Locality): string {
  return [locality.region, locality.zone, locality.subzone].join('/').replace(/\/+$/, '');
}

/** Distance of two localities: 0 same subzone, 1 same zone, 2 same region, 3 elsewhere (Istio: util.LbPriority). */
export function lbPriority(proxy: Locality, endpoint: Locality): number {
  if (proxy.region !== endpoint.region) return 3;
  if (proxy.zone !== endpoint.zone) return 2;
  return proxy.subzone === endpoint.subzone ? 0 : 1;
}

/**
 * The endpoints with the priorities that istiod gives this proxy (Istio: loadbalancer.go ApplyLocalityLoadBalancer).
 * Without outlier detection there are no priorities, because Envoy would never leave the first, unless the Service itself
 * asks to stay close (`trafficDistribution`).
 */
export function assignPriorities(options: {
  readonly client: MeshClient;
  readonly endpoints: readonly MeshEndpoint[];
  readonly setting: LocalityLb;
  readonly outlierDetection: boolean;
  readonly staysClose?: boolean;
}): Assignment {
  const { client, endpoints, setting } = options;
  if (setting.enabled && setting.distribute.length > 0) return distribute(client, endpoints, setting);
  if (!options.staysClose && (!setting.enabled || !options.outlierDetection)) {
    return { endpoints: endpoints.map((endpoint) => ({ endpoint, priority: 0 })) };
  }
  const placed = renumber(
    endpoints.map((endpoint) => ({ endpoint, priority: rawPriority(client, endpoint, setting) })),
  );
  if (setting.failover.length === 0 && setting.failoverPriority.length === 0) return { endpoints: placed };
  return { endpoints: placed, localityWeights: weightByEndpoints(endpoints) };
}

function rawPriority(client: MeshClient, endpoint: MeshEndpoint, setting: LocalityLb): number {
  if (setting.failoverPriority.length === 0) return failoverPriority(client, endpoint, setting);
  const byLabel = labelPriority(client, endpoint, setting.failoverPriority);
  return setting.failover.length === 0 ? byLabel : byLabel * 5 + failoverPriority(client, endpoint, setting);
}

/** Another region is 3, or 4 when the first `failover` entry for the proxy's region names a different one. */
function failoverPriority(client: MeshClient, endpoint: MeshEndpoint, setting: LocalityLb): number {
  const priority = lbPriority(client.locality, endpoint.locality);
  if (priority < 3) return priority;
  const rule = setting.failover.find((entry) => entry.from === client.locality.region);
  return rule === undefined || rule.to === endpoint.locality.region ? 3 : 4;
}

/** Number of labels minus the index of the first that differs; 0 when all agree. */
function labelPriority(client: MeshClient, endpoint: MeshEndpoint, rules: readonly string[]): number {
  const mismatch = rules.findIndex((rule) => {
    const [label = '', value] = rule.split('=', 2);
    return (value ?? client.labels[label] ?? '') !== (endpoint.labels[label] ?? '');
  });
  return mismatch === -1 ? 0 : rules.length - mismatch;
}

/** Priorities become 0..n without gaps; they depend on what EDS contains, never on ejections. */
function renumber(placed: readonly PlacedEndpoint[]): PlacedEndpoint[] {
  const levels = [...new Set(placed.map((entry) => entry.priority))].sort((a, b) => a - b);
  return placed.map((entry) => ({ endpoint: entry.endpoint, priority: levels.indexOf(entry.priority) }));
}

function weightByEndpoints(endpoints: readonly MeshEndpoint[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const endpoint of endpoints) {
    const key = localityKey(endpoint.locality);
    weights.set(key, (weights.get(key) ?? 0) + (endpoint.weight ?? 1));
  }
  return weights;
}

/** Weights instead of priorities: localities that are not listed get no traffic at all. */
function distribute(client: MeshClient, endpoints: readonly MeshEndpoint[], setting: LocalityLb): Assignment {
  const counts = weightByEndpoints(endpoints);
  const rule = setting.distribute.find((entry) => localityMatches(entry.from, localityKey(client.locality)));
  if (rule === undefined) {
    return { endpoints: endpoints.map((endpoint) => ({ endpoint, priority: 0 })), localityWeights: counts };
  }
  const weights = new Map<string, number>();
  for (const [pattern, share] of Object.entries(rule.to)) {
    const open = [...counts.keys()].filter((key) => !weights.has(key) && localityMatches(pattern, key));
    const total = open.reduce((sum, key) => sum + (counts.get(key) ?? 0), 0);
    for (const key of open) weights.set(key, Math.ceil((share * (counts.get(key) ?? 0)) / total));
  }
  const kept = endpoints.filter((endpoint) => weights.has(localityKey(endpoint.locality)));
  return { endpoints: kept.map((endpoint) => ({ endpoint, priority: 0 })), localityWeights: weights };
}

/** `*`, `region/*`, `region/zone/*` or a full name; a missing trailing part matches anything (Istio: util.LocalityMatch). */
function localityMatches(pattern: string, key: string): boolean {
  if (pattern === '*') return true;
  const parts = key.split('/');
  return pattern.split('/').every((part, index) => part === '*' || part === '' || part === (parts[index] ?? ''));
}
