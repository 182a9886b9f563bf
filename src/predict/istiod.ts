import { ClientProxy } from '../mesh/client-proxy.ts';
import { clusterSettings, type MeshConfig, subsetsOf } from '../mesh/cluster-config.ts';
import { type JsonObject, strings } from '../mesh/config-read.ts';
import { Debounce } from '../mesh/debounce.ts';
import { type IstioVersion, istioDefaults } from '../mesh/istio-version.ts';
import { type Assignment, assignPriorities, type MeshEndpoint } from '../mesh/locality.ts';
import { endpointsByNetwork, type NetworkGateway } from '../mesh/networks.ts';
import { defaultRetryPolicy } from '../mesh/retry.ts';
import { type RouteTable, readRetries } from '../mesh/route-config.ts';
import type { ClusterSettings } from '../mesh/settings.ts';
import { GATEWAY } from '../model/callees.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { type GatewayListener, listenerFor } from './gateway-listener.ts';
import { type LiveCluster, type LivePod, type LiveSystem, ROOT_NAMESPACE } from './live-system.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { SimPod, World } from './world.ts';

/** Quiet time before a push, and the longest wait (istiod: PILOT_DEBOUNCE_AFTER, PILOT_DEBOUNCE_MAX). */
const DEBOUNCE = { quietMs: 100, longestMs: 10_000 };
/** From istiod's decision to the proxy. */
const PUSH = { from: 5, to: 40 };
/** Proxies have been there for this long, and for some part of a sweep's interval, before anything happens. */
const BEFORE_MS: Millis = 10_000;

/** The Service that a proxy calls. */
type Called = {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly subset?: string;
};

/** One outbound cluster of one calling pod. */
export type CallingProxy = {
  readonly caller: SimPod;
  readonly called: Called;
  readonly proxy: ClientProxy;
  readonly portName: string;
};

type Surroundings = {
  readonly world: World;
  readonly time: VirtualTime;
  readonly random: Random;
  /** East-west gateways of all clusters. */
  readonly gateways: readonly NetworkGateway[];
};
type Endpoint = { readonly pod: SimPod; readonly ready: boolean };

/** The istiod of one cluster, and the proxies that it tells what changes. */
export class Istiod {
  #routes: Omit<RouteTable, 'caller'>;
  readonly #live: LiveCluster;
  readonly #config: MeshConfig;
  readonly #world: World;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #gateways: readonly NetworkGateway[];
  readonly #proxies = new Map<string, CallingProxy>();
  readonly #ports = new Map<string, ReturnType<typeof portsOf>>();
  /** Endpoints as last pushed. */
  #pushed: readonly Endpoint[];

  constructor(live: LiveCluster, istio: IstioVersion, { world, time, random, gateways }: Surroundings) {
    this.#live = live;
    this.#world = world;
    this.#time = time;
    this.#random = random;
    this.#gateways = gateways;
    this.#config = meshConfigOf(live, istio);
    const retry = defaultRetryPolicy(istioDefaults(istio).retries503 ? '<=1.23' : '>=1.24');
    const own = live.mesh.defaultHttpRetryPolicy;
    const defaultRetry = own === undefined ? retry : readRetries(own as JsonObject, retry);
    const exportTo = strings(live.mesh.defaultVirtualServiceExportTo);
    this.#routes = { virtualServices: live.virtualServices, random, defaultRetry, exportTo };
    this.#pushed = this.#endpoints();
    const debounce = new Debounce({ clock: time, ...DEBOUNCE, act: () => void this.#push() });
    world.onChange(() => debounce.touch());
  }

  get proxies(): Iterable<CallingProxy> {
    return this.#proxies.values();
  }

  /** The proxy of a calling pod for a Service; undefined where the cluster does not have the Service. */
  proxyOf(
    caller: SimPod,
    target: { host: string; port: number | undefined; subset?: string },
  ): CallingProxy | undefined {
    const ports = this.#portsOf(target.host);
    const port = target.port === undefined ? ports[0] : ports.find((one) => one.port === target.port);
    if (port === undefined) return undefined;
    const key = `${caller.cluster}/${caller.namespace}/${caller.name}|${target.host}|${port.port}|${target.subset}`;
    const known = this.#proxies.get(key);
    if (known !== undefined) return known;
    const { subset } = target;
    const called = { service: serviceOf(target.host), host: target.host, port: port.port, ...(subset && { subset }) };
    const settings = callerSettings(this.#config, caller, called);
    const born = this.#time.ms - BEFORE_MS - this.#random() * (settings.outlier?.intervalMs ?? 0);
    const proxy = new ClientProxy({ settings, random: this.#random, now: born });
    const made = { caller, called, proxy, portName: port.name };
    proxy.setEndpoints(this.#assignment(made), born);
    this.#proxies.set(key, made);
    return made;
  }

  /** The routes of a pod's proxy. */
  routesOf({ namespace, labels }: SimPod): RouteTable {
    return { ...this.#routes, caller: { namespace, labels } };
  }

  /** Configuration is on its way: resolves when proxies have it. */
  pushed(): Promise<void> {
    return this.#world.wait(DEBOUNCE.quietMs + this.#pushMs());
  }

  /** Routes come into force: resolves when proxies have them. */
  async addRoutes(routes: KubeObject): Promise<void> {
    await this.pushed();
    this.#routes = { ...this.#routes, virtualServices: [...this.#routes.virtualServices, routes] };
    this.#world.changedAt = this.#time.ms;
  }

  /** What a gateway's pod is told to do for a host. */
  listenerOf(pod: SimPod, host: string): GatewayListener {
    return listenerFor(this.#live.gateways, pod.labels, host);
  }

  #portsOf(host: string): ReturnType<typeof portsOf> {
    const [name = '', namespace = ''] = host.split('.');
    const known = this.#ports.get(host) ?? portsOf(this.#live, namespace, name);
    this.#ports.set(host, known);
    return known;
  }

  #endpoints(): Endpoint[] {
    return this.#world.pods.filter(({ listed }) => listed).map((pod) => ({ pod, ready: pod.ready }));
  }

  #pushMs(): Millis {
    return PUSH.from + (PUSH.to - PUSH.from) * this.#random();
  }

  async #push(): Promise<void> {
    const decided = this.#endpoints();
    await this.#time.sleep(this.#pushMs());
    this.#pushed = decided;
    for (const one of this.#proxies.values()) one.proxy.setEndpoints(this.#assignment(one), this.#time.ms);
  }

  #assignment({ caller, called, proxy, portName }: CallingProxy): Assignment {
    const { settings } = proxy;
    const labels = this.#labelsOf(caller, called);
    const staysClose = isClose(this.#live, called.service);
    const endpoints = this.#pushed.flatMap(({ pod, ready }): MeshEndpoint[] => {
      const port = pod.services.find(({ service }) => service === called.service)?.ports[portName];
      const isOf = labels.every(([label, value]) => pod.labels[label] === value);
      if (port === undefined || !isOf || !(ready || settings.sendsUnready || staysClose)) return [];
      const { locality, network } = pod;
      return [{ address: `${pod.ip}:${port}`, locality, network, labels: pod.labels, ready }];
    });
    const view = { network: caller.network, gateways: this.#gateways, wanted: [] };
    return assignPriorities({
      client: caller,
      endpoints: endpointsByNetwork(endpoints, view),
      setting: settings.localityLb,
      outlierDetection: settings.outlier !== undefined,
      staysClose,
    });
  }

  /** The labels of the called subset; none for all endpoints. */
  #labelsOf(caller: SimPod, { host, subset }: Called): [string, string][] {
    if (subset === undefined) return [];
    const key = { host, clientNamespace: caller.namespace, clientLabels: caller.labels };
    return Object.entries(subsetsOf(this.#config, key).find(({ name }) => name === subset)?.labels ?? {});
  }
}

/** What the istiod of a cluster works from, as the mesh model reads it. */
export function meshConfigOf({ destinationRules, envoyFilters, mesh }: LiveCluster, istio: IstioVersion): MeshConfig {
  return { destinationRules, envoyFilters, rootNamespace: ROOT_NAMESPACE, mesh: mesh as JsonObject, istio };
}

type CallerTraits = Pick<LivePod, 'namespace' | 'labels' | 'gateway'>;

function callerSettings(config: MeshConfig, caller: CallerTraits, { host, port, subset }: Called): ClusterSettings {
  return clusterSettings(config, {
    host,
    port,
    ...(subset && { subset }),
    clientNamespace: caller.namespace,
    clientLabels: caller.labels,
    clientKind: caller.gateway ? 'gateway' : 'sidecar',
  });
}

/** The settings by which pods of a zone call a service of the chain; undefined where none calls it. */
export function settingsFrom(
  called: {
    readonly system: LiveSystem;
    readonly chain: readonly string[];
    readonly callers: readonly (number | undefined)[];
  },
  service: string,
  fromZone: string,
): ClusterSettings | undefined {
  const { clusters, pods, istio } = called.system;
  const before = called.chain[called.callers[called.chain.indexOf(service)] ?? GATEWAY];
  const calls = (pod: LivePod): boolean =>
    before === undefined ? pod.gateway : pod.services.some((one) => one.service === before);
  const caller = pods.find((pod) => pod.locality.zone === fromZone && calls(pod));
  const live = clusters.find(({ name }) => name === caller?.cluster);
  if (caller === undefined || live === undefined) return undefined;
  const [namespace = '', name = ''] = service.split('/');
  const port = portsOf(live, namespace, name)[0]?.port ?? 0;
  const host = `${name}.${namespace}.svc.cluster.local`;
  return callerSettings(meshConfigOf(live, istio), caller, { service, host, port });
}

/** `namespace/name` of the Service that a host's full name means. */
function serviceOf(host: string): string {
  const [name = '', namespace = ''] = host.split('.');
  return `${namespace}/${name}`;
}

type Port = { name?: string; port: number; appProtocol?: string };
type ServiceSpec = { ports?: Port[]; trafficDistribution?: string; clusterIP?: string };

function specOf(live: LiveCluster, namespace: string, name: string): ServiceSpec | undefined {
  const found = live.services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  return found === undefined ? undefined : ((found.spec ?? {}) as unknown as ServiceSpec);
}

/** The ports of a Service; none where the cluster does not have it. */
export function portsOf(live: LiveCluster, namespace: string, name: string): { name: string; port: number }[] {
  return (specOf(live, namespace, name)?.ports ?? []).map((port) => ({ name: port.name ?? '', port: port.port }));
}

/** Headless Services are called by the address that DNS gives, and not by the mesh. */
export function isHeadless(live: LiveCluster, namespace: string, name: string): boolean {
  return specOf(live, namespace, name)?.clusterIP === 'None';
}

/** Whether the Service itself asks to stay near (`trafficDistribution`). */
export function isClose(live: LiveCluster, service: string): boolean {
  const [namespace = '', name = ''] = service.split('/');
  const distribution = specOf(live, namespace, name)?.trafficDistribution;
  return distribution === 'PreferClose' || distribution === 'PreferSameZone';
}

/** Protocols that a proxy passes on as bytes: whom they reach is settled when a connection opens. */
const BYTES = new Set(['tcp', 'tls', 'https', 'mongo', 'mysql', 'redis']);

/** Whether the port of a Service that is called first is one of bytes. */
export function isBytes(live: LiveCluster, namespace: string, name: string): boolean {
  const [port] = specOf(live, namespace, name)?.ports ?? [];
  return isProtocolOfBytes(port?.name, port?.appProtocol);
}

/** Whether a port is one of bytes, by its name and appProtocol (Istio: protocol selection). */
export function isProtocolOfBytes(name = '', appProtocol: string | undefined): boolean {
  return BYTES.has((appProtocol ?? name.split('-')[0] ?? '').toLowerCase());
}
