import { DEFAULT_ISTIO, type IstioVersion } from '../../mesh/istio-version.ts';
import { localityLabels } from '../../mesh/istiod/endpoints.ts';
import type { FaultPlan } from '../../model/fault.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { FaultSpec, Json, Scenario } from '../../model/scenario.ts';
import type { Path } from '../../model/target.ts';
import type { LiveCluster, LivePod, LiveSystem } from '../live-system.ts';
import type { PlannedFault } from '../moves.ts';

const SERVICES = ['mocka', 'mockb', 'mockc'];
const PLACES = [
  { cluster: 'tokyo', region: 'ap-northeast-1', zone: 'ap-northeast-1a' },
  { cluster: 'tokyo', region: 'ap-northeast-1', zone: 'ap-northeast-1b' },
  { cluster: 'hangzhou', region: 'cn-hangzhou', zone: 'cn-hangzhou-h' },
  { cluster: 'hangzhou', region: 'cn-hangzhou', zone: 'cn-hangzhou-k' },
] as const;
type Place = (typeof PLACES)[number];

/** The block of the vendor page. */
export const VENDOR = {
  splitExternalLocalOriginErrors: true,
  consecutiveLocalOriginFailures: 1,
  consecutive5xxErrors: 1,
  baseEjectionTime: '5m',
  interval: '30s',
  maxEjectionPercent: 100,
};

const ISTIO = 'networking.istio.io/v1';

/** What differs from the vendor page's system. */
export type Difference = {
  /** Of mockb; null for none. */
  readonly outlierDetection?: { readonly [field: string]: number | string | boolean } | null;
  readonly windowOff?: boolean;
  /** Of all clusters, or of some by their names. */
  readonly istio?: IstioVersion | Readonly<Record<string, IstioVersion>>;
  /** Workloads of mockb in the first zone. */
  readonly mockbs?: readonly string[];
  readonly replicas?: number;
  readonly probed?: boolean;
  readonly preStopMs?: number;
  readonly proxied?: boolean;
  readonly ambient?: boolean;
  readonly headless?: boolean;
  /** Name of the ports. */
  readonly portName?: string;
  /** `spec` of a Sidecar of mocka. */
  readonly sidecar?: { readonly [field: string]: Json };
  /** To which namespaces Services are exported. */
  readonly exportTo?: Readonly<Record<string, string>>;
  /** Ports of the Service mockb, all of which its pods serve. */
  readonly ports?: readonly { readonly name: string; readonly port: number }[];
  /** A port of mockb that alone has the outlier detection. */
  readonly ejectsAt?: number;
  /** The rule for mockb stands in istio-system, and is exported to these namespaces. */
  readonly ruledFromRoot?: readonly string[];
  /** How mockb is called, of its route. */
  readonly route?: { readonly timeout?: string; readonly retries?: { readonly [field: string]: Json } };
  /** Of connections to mockb. */
  readonly connectTimeout?: string;
  /** Mockb is called by this subset, which no rule makes. */
  readonly subset?: string;
  /** Each cluster is a network with an east-west gateway. */
  readonly networks?: boolean;
};

/** The vendor page's system: three services with a pod in each of four zones, a gateway for each zone. */
export function liveSystem(difference: Difference = {}): LiveSystem {
  const clusters = ['tokyo', 'hangzhou'].map((name) => clusterOf(name, difference));
  return { clusters, pods: PLACES.flatMap((place) => podsIn(place, difference)) };
}

function podsIn(place: Place, difference: Difference): LivePod[] {
  const { zone } = place;
  const gateway = { ...podOf(place, 'gateway', `gateway-${zone}`, difference), gateway: true, services: [] };
  const pods = SERVICES.flatMap((service) => {
    const isFirst = service === 'mockb' && zone === 'ap-northeast-1a';
    const workloads = isFirst ? (difference.mockbs ?? [`mockb-${zone}`]) : [`${service}-${zone}`];
    const replicas = isFirst ? (difference.replicas ?? 1) : 1;
    return workloads.flatMap((workload) =>
      Array.from({ length: replicas }, (_, index) =>
        podOf(place, service, workload, difference, `${workload}-${index}`),
      ),
    );
  });
  return [gateway, ...pods];
}

function podOf(
  { cluster, region, zone }: Place,
  service: string,
  workload: string,
  { preStopMs = 1000, proxied = true, ambient = false, networks = false, ports = [] }: Difference,
  name = workload,
): LivePod {
  const locality = { region, zone, subzone: '' };
  const network = networks ? `vpc-${cluster}` : '';
  const own = service === 'gateway' ? { istio: 'ingressgateway' } : { app: service };
  const served = service === 'mockb' && ports.length > 0 ? ports : [{ name: 'http', port: 8000 }];
  return {
    cluster,
    namespace: service === 'gateway' ? 'istio-system' : 'default',
    name,
    ip: name,
    workload,
    madeBy: 'ReplicaSet',
    labels: { ...own, ...localityLabels(locality, cluster, network) },
    locality,
    network,
    ready: true,
    proxied,
    ambient,
    waypoint: false,
    gateway: false,
    services: [{ service: `default/${service}`, ports: Object.fromEntries(served.map((one) => [one.name, one.port])) }],
    startMs: 3000,
    preStopMs,
  };
}

function clusterOf(name: string, difference: Difference): LiveCluster {
  const {
    outlierDetection = VENDOR,
    windowOff = false,
    headless = false,
    sidecar,
    subset,
    route: own,
    istio = {},
  } = difference;
  const rules = SERVICES.filter((service) => service !== 'mockb' || outlierDetection !== null).map((service) =>
    service === 'mockb'
      ? ruleOfMockb(difference)
      : object(ISTIO, 'DestinationRule', service, { host: service, trafficPolicy: { outlierDetection: VENDOR } }),
  );
  const services = SERVICES.map((service) => {
    const made = object('v1', 'Service', service, {
      ports: (service === 'mockb' && difference.ports) || [{ name: difference.portName ?? 'http', port: 8000 }],
      ...(headless ? { clusterIP: 'None' } : {}),
    });
    const exportTo = difference.exportTo?.[service];
    if (exportTo === undefined) return made;
    return { ...made, metadata: { ...made.metadata, annotations: { 'networking.istio.io/exportTo': exportTo } } };
  });
  const server = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['mock.test'] };
  const route = { destination: { host: 'mocka', port: { number: 8000 } } };
  return {
    name,
    configuredBy: name,
    region: PLACES.find(({ cluster }) => cluster === name)?.region ?? '',
    services,
    eastWest: difference.networks ? [eastWestOf(name)] : [],
    destinationRules: rules,
    sidecars: sidecar
      ? [object(ISTIO, 'Sidecar', 'narrow', { workloadSelector: { labels: { app: 'mocka' } }, ...sidecar })]
      : [],
    envoyFilters: windowOff ? [atOnce()] : [],
    gateways: [object(ISTIO, 'Gateway', 'mock', { selector: { istio: 'ingressgateway' }, servers: [server] })],
    virtualServices: [
      object(ISTIO, 'VirtualService', 'mock', { hosts: ['mock.test'], gateways: ['mock'], http: [{ route: [route] }] }),
      ...(subset === undefined ? [] : [toMockb({ route: [{ destination: { host: 'mockb', subset } }] })]),
      ...(own === undefined ? [] : [toMockb({ ...own, route: [{ destination: { host: 'mockb' } }] })]),
    ],
    mesh: {},
    istio: (typeof istio === 'string' ? istio : istio[name]) ?? DEFAULT_ISTIO,
    istioKnown: true,
    workloads: name === 'tokyo' ? workloadsOf(difference) : [],
  };
}

function ruleOfMockb({ outlierDetection = VENDOR, ejectsAt, ruledFromRoot, connectTimeout }: Difference): KubeObject {
  const policy = { outlierDetection, ...(connectTimeout && { connectionPool: { tcp: { connectTimeout } } }) };
  const rule = object(ISTIO, 'DestinationRule', 'mockb', {
    host: 'mockb.default.svc.cluster.local',
    trafficPolicy: ejectsAt === undefined ? policy : { portLevelSettings: [{ port: { number: ejectsAt }, ...policy }] },
    ...(ruledFromRoot && { exportTo: ruledFromRoot }),
  });
  return ruledFromRoot ? { ...rule, metadata: { ...rule.metadata, namespace: 'istio-system' } } : rule;
}

function toMockb(http: unknown): KubeObject {
  return object(ISTIO, 'VirtualService', 'mockb', { hosts: ['mockb'], http: [http] });
}

function eastWestOf(cluster: string): KubeObject {
  const metadata = {
    name: 'istio-eastwestgateway',
    namespace: 'istio-system',
    labels: { 'topology.istio.io/network': `vpc-${cluster}` },
  };
  const spec = {
    type: 'LoadBalancer',
    selector: { istio: 'eastwestgateway' },
    ports: [{ name: 'tls', port: 15443 }],
  };
  const status = { loadBalancer: { ingress: [{ ip: `way-into-${cluster}` }] } };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec, status };
}

function workloadsOf({ mockbs = ['mockb-ap-northeast-1a'], replicas = 1, probed = false }: Difference): KubeObject[] {
  const container = { name: 'default', ...(probed ? { readinessProbe: { httpGet: { port: 8000 } } } : {}) };
  return [...mockbs, 'mockb-ap-northeast-1b'].map((name) =>
    object('apps/v1', 'Deployment', name, { replicas, template: { spec: { containers: [container] } } }),
  );
}

function atOnce(): KubeObject {
  const patch = { operation: 'MERGE', value: { common_lb_config: { update_merge_window: '0s' } } };
  const filter = object('networking.istio.io/v1alpha3', 'EnvoyFilter', 'eject-at-once', {
    configPatches: [{ applyTo: 'CLUSTER', match: { context: 'ANY' }, patch }],
  });
  return { ...filter, metadata: { ...filter.metadata, namespace: 'istio-system' } };
}

function object(apiVersion: string, kind: string, name: string, spec: unknown): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'default' }, spec: spec as KubeObject['spec'] as never };
}

/** One path for each gateway zone. */
export const PATHS: readonly Path[] = PLACES.map(({ cluster, region, zone }) => ({
  id: `entry@${cluster}/${zone}`,
  name: 'entry',
  cluster,
  region,
  zone,
  protocol: 'http',
  host: '127.0.0.1',
  port: 80,
}));

/** A scenario of these faults, 20 requests a second on each path, 10 s long. */
export function scenarioOf(faults: readonly PlannedFault[], chain: readonly string[] = SERVICES): Scenario {
  const request = { method: 'GET', path: '/mock', host: 'mock.test', headers: {} };
  return {
    name: 'predicted',
    annotations: {},
    hypothesis: '',
    load: {
      paths: [{ name: 'entry', request, via: 'each-gateway-zone' }],
      ratePerSecond: 20,
      timeoutMs: 2000,
      connections: 'kept',
      chain: { from: { kind: 'body' }, hop: '-> {service}(version: {zone}, ip: {ip})' },
      good: { status: 200, chain, latencyMs: 1000 },
    },
    phases: { baselineMs: 5000, holdMs: 10_000, recoverMs: 5000 },
    faults: faults.map(({ spec }) => spec),
    expect: { steadyState: { goodAtLeast: 0.99 }, failoverOrder: [], ejections: [] },
    source: { file: 'predicted.yaml', text: '', sha256: '' },
  };
}

/** The image of a mockb is swapped. */
export function swap(zone = 'ap-northeast-1a', afterMs = 0): PlannedFault {
  const workload = { kind: 'Deployment', name: `mockb-${zone}` } as const;
  const move = { kind: 'rollout', cluster: 'tokyo', namespace: 'default', workload, container: undefined } as const;
  return planned({ name: `swap-${zone}`, kind: 'imageSwap', afterMs, spec: {}, move }, []);
}

/** A pod is deleted. */
export function kill(pod: string): PlannedFault {
  const move = { kind: 'kill', everyMs: undefined, forced: true } as const;
  return planned({ name: 'kill', kind: 'podKill', afterMs: 0, spec: {}, move }, [pod]);
}

/** A fault of any kind on some pods of tokyo. */
export function planned(spec: FaultSpec, pods: readonly string[], namespace = 'default'): PlannedFault {
  const affected = pods.map((pod) => ({
    cluster: 'tokyo',
    namespace,
    zone: '',
    workload: '',
    pod,
    ip: pod,
  }));
  const plan: Pick<FaultPlan, 'cluster' | 'affected'> = { cluster: 'tokyo', affected };
  return { spec, plan };
}
