import { ClientProxy } from '../mesh/client-proxy.ts';
import { Debounce } from '../mesh/debounce.ts';
import { DirectProxy } from '../mesh/direct-proxy.ts';
import type { IstioVersion } from '../mesh/istio-version.ts';
import { assignmentFor, ownEndpoints, settingsFor, subsetsFor } from '../mesh/istiod/clusters.ts';
import { type Configuration, PUSH_DEBOUNCE, routesFor } from '../mesh/istiod/configuration.ts';
import { entryFor, type GatewayBinding } from '../mesh/istiod/gateway-binding.ts';
import { scopeOf } from '../mesh/istiod/scope.ts';
import type { ServicePort } from '../mesh/istiod/service-port.ts';
import type { MeshEndpoint } from '../mesh/locality.ts';
import type { NetworkGateway } from '../mesh/networks.ts';
import type { RouteTable, RouteTarget } from '../mesh/route-config.ts';
import { ISTIO_CLUSTER_DEFAULTS } from '../mesh/settings.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Random } from '../model/ports.ts';
import { serviceOfHost } from '../model/service-host.ts';
import type { Millis } from '../model/units.ts';
import { requestPorts } from './called-port.ts';
import type { CallingProxy, Way } from './calling-proxy.ts';
import { configurationOf, type LiveCluster, proxyOf, servicePortsOf } from './live-system.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { SimPod, World } from './world.ts';

/** From istiod's decision to the proxy. */
const PUSH = { from: 5, to: 40 };
/** Proxies have been there for this long, and for some part of a sweep's interval, before anything happens. */
const BEFORE_MS: Millis = 10_000;

/** What a proxy calls. */
type Destination = Pick<RouteTarget, 'host' | 'port' | 'subset'>;

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
  #routes: RouteTable;
  readonly #live: LiveCluster;
  readonly #configuration: Configuration;
  readonly #ports: ReadonlyMap<string, readonly ServicePort[]>;
  readonly #world: World;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #eastWest: readonly NetworkGateway[];
  readonly #proxies = new Map<string, CallingProxy>();
  readonly #called = new Map<string, ServicePort | undefined>();
  /** Endpoints as last pushed. */
  #pushed: readonly Endpoint[];

  constructor(live: LiveCluster, { world, time, random, gateways }: Surroundings) {
    this.#live = live;
    this.#world = world;
    this.#time = time;
    this.#random = random;
    this.#eastWest = gateways;
    this.#configuration = configurationOf(live);
    const ports = servicePortsOf(live);
    this.#ports = Map.groupBy(ports, ({ host }) => host);
    this.#routes = routesFor(this.#configuration, ports, { namespace: '', labels: {} }, random);
    this.#pushed = this.#endpoints();
    const debounce = new Debounce({ clock: time, ...PUSH_DEBOUNCE, act: () => void this.#push() });
    world.onChange(() => debounce.touch());
  }

  /** The Istio that it is. */
  get version(): IstioVersion {
    return this.#live.istio;
  }

  get proxies(): Iterable<CallingProxy> {
    return this.#proxies.values();
  }

  /** The proxy of a calling pod for where a route leads. */
  proxyOf(caller: SimPod, target: Destination): CallingProxy {
    return this.#calling('routed', caller, target, (port) => this.#throughMesh(caller, port, target.subset ?? ''));
  }

  /** The proxy of a pod that calls what is no Service of the mesh to it; undefined where it is one, and routes hold. */
  besideMesh(caller: SimPod, target: Destination): CallingProxy | undefined {
    const port = this.#portOf(target);
    if (port === undefined || scopeOf(proxyOf(caller), this.#configuration)(port) === 'service') return undefined;
    return this.#calling('beside', caller, target, (known) => this.#pastMesh(caller, known));
  }

  /** The port by which pods call a Service: the first that speaks HTTP. */
  calledPort(host: string): number | undefined {
    if (!this.#called.has(host)) {
      const [port] = requestPorts(this.#ports.get(host) ?? [], this.#world.pods);
      this.#called.set(host, port);
    }
    return this.#called.get(host)?.port;
  }

  /** The routes of a pod's proxy. */
  routesOf({ namespace, labels }: SimPod): RouteTable {
    return { ...this.#routes, caller: { namespace, labels } };
  }

  /** Configuration is on its way: resolves when proxies have it. */
  pushed(): Promise<void> {
    return this.#world.wait(PUSH_DEBOUNCE.quietMs + this.#pushMs());
  }

  /** Routes come into force: resolves when proxies have them. */
  async addRoutes(routes: KubeObject): Promise<void> {
    await this.pushed();
    this.#routes = { ...this.#routes, virtualServices: [...this.#routes.virtualServices, routes] };
    this.#world.changedAt = this.#time.ms;
  }

  /** What a gateway's pod is told to do for a host. */
  entryOf({ labels }: SimPod, asked: Parameters<typeof entryFor>[2]): GatewayBinding {
    return entryFor(this.#live.gateways, labels, asked);
  }

  #calling(
    how: 'routed' | 'beside',
    caller: SimPod,
    target: Destination,
    wayTo: (port: ServicePort) => Way,
  ): CallingProxy {
    const { host, port, subset = '' } = target;
    const key = `${how} ${caller.cluster}/${caller.namespace}/${caller.name}|${host}|${port}|${subset}`;
    const known = this.#proxies.get(key);
    if (known !== undefined) return known;
    const found = this.#portOf(target);
    const service = serviceOfHost(host) ?? host;
    const none: Way = {
      kind: 'none',
      why: `${this.#live.name} has no Service ${service} with port ${port}`,
    };
    const made = {
      caller,
      called: { service, host },
      way: found === undefined ? none : wayTo(found),
    };
    this.#proxies.set(key, made);
    return made;
  }

  #portOf({ host, port }: Destination): ServicePort | undefined {
    return this.#ports.get(host)?.find((one) => one.port === port);
  }

  #throughMesh(caller: SimPod, port: ServicePort, name: string): Way {
    const proxy = proxyOf(caller);
    const { host, service } = port;
    if (scopeOf(proxy, this.#configuration)(port) !== 'service') return { kind: 'none', why: hiddenText(service) };
    const subset = subsetsFor(this.#configuration, proxy, host).find((one) => one.name === name);
    if (subset === undefined) return { kind: 'none', why: `no DestinationRule makes subset ${name} of ${service}` };
    const settings = settingsFor(this.#configuration, proxy, port, name);
    const born = this.#time.ms - BEFORE_MS - this.#random() * (settings.outlier?.intervalMs ?? 0);
    const way: Way = {
      kind: 'mesh',
      proxy: new ClientProxy({ settings, random: this.#random, now: born }),
      port,
      subset,
    };
    this.#tell(caller, way, born);
    return way;
  }

  #pastMesh(caller: SimPod, port: ServicePort): Way {
    const what = hiddenText(port.service);
    if (scopeOf(proxyOf(caller), this.#configuration)(port) === 'lost') {
      return { kind: 'none', why: `${what}, and what its callers do not see they may not call (REGISTRY_ONLY)` };
    }
    const why = `${what}: kube-proxy takes any ready pod of the cluster for each connection, nobody ejects it or leaves it for another`;
    const way: Way = { kind: 'past', proxy: new DirectProxy(ISTIO_CLUSTER_DEFAULTS, this.#random), port, why };
    this.#tell(caller, way, this.#time.ms);
    return way;
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
    for (const { caller, way } of this.#proxies.values()) this.#tell(caller, way, this.#time.ms);
  }

  /** A proxy hears of the endpoints of what it calls. */
  #tell(caller: SimPod, way: Way, now: Millis): void {
    if (way.kind === 'none') return;
    const endpoints = this.#endpointsOf(way.port);
    if (way.kind === 'past') {
      way.proxy.setEndpoints(ownEndpoints(endpoints, this.#live.name));
      return;
    }
    const { port: service, subset } = way;
    const told = { proxy: proxyOf(caller), service, settings: way.proxy.settings, subset, endpoints };
    way.proxy.setEndpoints(assignmentFor({ ...told, eastWest: this.#eastWest }), now);
  }

  #endpointsOf({ service: called, name }: ServicePort): MeshEndpoint[] {
    return this.#pushed.flatMap(({ pod, ready }): MeshEndpoint[] => {
      const port = pod.services.find(({ service }) => service === called)?.ports[name];
      const { ip, locality, network, labels } = pod;
      return port === undefined ? [] : [{ address: `${ip}:${port}`, locality, network, labels, ready }];
    });
  }
}

function hiddenText(service: string): string {
  return `a Sidecar or exportTo hides ${service} from its callers`;
}
