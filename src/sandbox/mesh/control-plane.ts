import { parseDocument } from 'yaml';
import { clusterSettings, type MeshConfig, type Subset, subsetsOf } from '../../mesh/cluster-config.ts';
import { Debounce } from '../../mesh/debounce.ts';
import { type InboundFault, inboundFaults } from '../../mesh/inbound-faults.ts';
import { type IstioVersion, istioDefaults } from '../../mesh/istio-version.ts';
import { assignPriorities, type MeshEndpoint } from '../../mesh/locality.ts';
import { CLUSTER_LABEL, endpointsByNetwork, type NetworkGateway } from '../../mesh/networks.ts';
import { defaultRetryPolicy } from '../../mesh/retry.ts';
import { readRetries } from '../../mesh/route-config.ts';
import { sidecarScope } from '../../mesh/sidecar-scope.ts';
import { reaches } from '../../mesh/visibility.ts';
import { KINDS, type KubeKind, type KubeObject, NETWORK_LABEL } from '../../model/kubernetes.ts';
import type { Clock, Random } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import { asMap, type JsonMap, listOf, mapOf, stringOf } from '../api/json.ts';
import type { ObjectStore } from '../api/store.ts';
import type { Network } from '../nodes/network.ts';
import { BETWEEN_REGIONS_MS } from '../topology.ts';
import type { ClientSidecar } from './client-sidecar.ts';
import { type GatewayConfig, isPassing } from './gateway.ts';
import { reachesProxy } from './istiod.ts';
import { networkGateways } from './networks.ts';
import type { ClusterPush, Stranger } from './outbound-cluster.ts';
import { discoverServices, type MeshService } from './service-registry.ts';

const ISTIO = 'networking.istio.io/v1';
const ROOT_NAMESPACE = 'istio-system';
const DISCOVERED = new Set(['Service', 'EndpointSlice', 'Node', 'Namespace']);
const CONFIGURED = new Set(['DestinationRule', 'VirtualService', 'EnvoyFilter', 'Gateway', 'Sidecar']);
/** Quiet time before a push (istiod: PILOT_DEBOUNCE_AFTER). */
const DEBOUNCE_MS: Millis = 100;
const LONGEST_DEBOUNCE_MS = 10_000;
const MESH_CONFIG = { namespace: ROOT_NAMESPACE, name: 'istio' };
const NOTHING: KubeObject = { ...KINDS.configMap, metadata: {} };

function isMeshConfig({ kind, metadata }: KubeObject): boolean {
  return kind === 'ConfigMap' && metadata.namespace === ROOT_NAMESPACE && metadata.name === MESH_CONFIG.name;
}

const kind = (name: string, apiVersion = ISTIO): KubeKind => ({ apiVersion, kind: name });

/**
 * From an istiod to proxies of another region, beside the debounce: half a round trip until it hears of what has changed there,
 * half until a push is there.
 */
const FAR_PUSH_MS: Millis = BETWEEN_REGIONS_MS;
/** A proxy that has lost its istiod asks for it again about so often (Istio: the agent's reconnection). */
const RECONNECT_MS: Millis = 1000;

/**
 * What an istiod does for the proxies of one cluster: it discovers services and endpoints in all clusters, takes their
 * configuration from its own cluster only, which may be another, and pushes to them as long as it is there (docs/mesh-model.md).
 */
export class ControlPlane {
  readonly #cluster: string;
  readonly #own: ObjectStore;
  /** Of the cluster whose configuration is read. */
  readonly #configuring: ObjectStore;
  /** Whether its pods are to be seen: a managed one is always there. */
  readonly #isSeen: boolean;
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #pushMs: Millis;
  readonly #all: ReadonlyMap<string, ObjectStore>;
  readonly #random: Random;
  readonly #istio: IstioVersion;
  readonly #sidecars = new Set<ClientSidecar>();
  readonly #debounce: Debounce;
  readonly #endings: (() => void)[];
  readonly #closed = new AbortController();
  /** Proxies that must be told of something and are not reached. */
  readonly #unheard = new Set<ClientSidecar>();
  #isRetrying = false;
  #gateways: GatewayConfig = { gateways: [], services: [] };
  readonly #inbound = new Map<ClientSidecar, readonly InboundFault[]>();

  constructor(options: {
    cluster: string;
    /** As ClusterLayout has it. */
    istiod: string | undefined;
    network: Network;
    stores: ReadonlyMap<string, ObjectStore>;
    clock: Clock;
    random: Random;
    istio: IstioVersion;
  }) {
    const { cluster: name, istiod = name } = options;
    const own = options.stores.get(name);
    const configuring = options.stores.get(istiod);
    if (own === undefined || configuring === undefined) throw new Error(`no store for cluster ${name} or ${istiod}`);
    this.#cluster = name;
    this.#own = own;
    this.#configuring = configuring;
    this.#isSeen = options.istiod !== undefined;
    this.#network = options.network;
    this.#clock = options.clock;
    this.#pushMs = istiod === name ? 0 : FAR_PUSH_MS;
    this.#all = options.stores;
    this.#random = options.random;
    this.#istio = options.istio;
    this.#debounce = new Debounce({
      clock: options.clock,
      quietMs: DEBOUNCE_MS,
      longestMs: LONGEST_DEBOUNCE_MS,
      act: () => this.#push([...this.#sidecars]),
    });
    this.#endings = [...options.stores].map(([cluster, store]) =>
      store.onChange(({ object }) => {
        const configured = cluster === istiod && (CONFIGURED.has(object.kind) || isMeshConfig(object));
        if (configured || DISCOVERED.has(object.kind)) this.#debounce.touch();
      }),
    );
  }

  /** What gateways are told, as last pushed. */
  get gateways(): GatewayConfig {
    return this.#gateways;
  }

  /** The fault filters on the inbound side of a proxy, as last pushed to it. */
  inbound(sidecar: ClientSidecar): readonly InboundFault[] {
    return this.#inbound.get(sidecar) ?? [];
  }

  /** A proxy connects and gets the whole configuration at once. */
  connect(sidecar: ClientSidecar): void {
    this.#sidecars.add(sidecar);
    this.#push([sidecar]);
  }

  disconnect(sidecar: ClientSidecar): void {
    this.#sidecars.delete(sidecar);
    this.#unheard.delete(sidecar);
    this.#inbound.delete(sidecar);
  }

  close(): void {
    this.#closed.abort();
    this.#debounce.close();
    for (const end of this.#endings) end();
  }

  /** MeshConfig, from where Istio's installation keeps it. */
  #meshConfig(): JsonMap {
    const found = this.#configuring.get({ ...KINDS.configMap, ...MESH_CONFIG });
    const document = parseDocument(stringOf(mapOf(asMap(found ?? NOTHING).data).mesh));
    return document.errors.length > 0 ? {} : mapOf(document.toJS());
  }

  #push(sidecars: readonly ClientSidecar[]): void {
    const reached = sidecars.filter((sidecar) => this.#reaches(sidecar));
    for (const sidecar of sidecars) this.#unheard.add(sidecar);
    for (const sidecar of reached) this.#unheard.delete(sidecar);
    if (this.#unheard.size > 0 && !this.#isRetrying) void this.#retry();
    if (reached.length > 0) void this.#deliver(this.#decide(reached));
  }

  #reaches({ options: { ip } }: ClientSidecar): boolean {
    return !this.#isSeen || reachesProxy(this.#configuring, this.#network, ip);
  }

  async #deliver(pushes: readonly (() => void)[]): Promise<void> {
    const { signal } = this.#closed;
    if (this.#pushMs > 0) await this.#clock.sleep(this.#pushMs, signal);
    if (!signal.aborted) for (const push of pushes) push();
  }

  async #retry(): Promise<void> {
    const { signal } = this.#closed;
    this.#isRetrying = true;
    while (this.#unheard.size > 0 && !signal.aborted) {
      await this.#clock.sleep(RECONNECT_MS, signal);
      const back = [...this.#unheard].filter((sidecar) => this.#reaches(sidecar));
      if (back.length > 0 && !signal.aborted) this.#push(back);
    }
    this.#isRetrying = false;
  }

  /** What these proxies are to be told of how everything is now, to be done when it gets there. */
  #decide(sidecars: readonly ClientSidecar[]): (() => void)[] {
    const services = discoverServices(this.#own, this.#all);
    const mesh = this.#meshConfig();
    const config: MeshConfig = {
      destinationRules: this.#configuring.list(kind('DestinationRule')),
      envoyFilters: this.#configuring.list(kind('EnvoyFilter', 'networking.istio.io/v1alpha3')),
      rootNamespace: ROOT_NAMESPACE,
      mesh,
      istio: this.#istio,
    };
    const retry = defaultRetryPolicy(istioDefaults(this.#istio).retries503 ? '<=1.23' : '>=1.24');
    const { defaultHttpRetryPolicy } = mesh;
    const routes = {
      virtualServices: this.#configuring.list(kind('VirtualService')),
      random: this.#random,
      defaultRetry: defaultHttpRetryPolicy === undefined ? retry : readRetries(mapOf(defaultHttpRetryPolicy), retry),
      exportTo: listOf(mesh.defaultVirtualServiceExportTo).map(String),
    };

    const gateways = { gateways: this.#configuring.list(kind('Gateway')), services: this.#own.list(KINDS.service) };
    const pushing = { config, cluster: this.#cluster, eastWest: networkGateways(this.#all) };
    const pushTo = (sidecar: ClientSidecar) => {
      const { namespace, client } = sidecar.options;
      const caller = { namespace, labels: client.labels };
      const { seen, strangers } = this.#scope(sidecar, services, mesh);
      const passes = sidecar.options.kind === 'gateway' && isPassing(caller.labels, gateways.gateways);
      const pushes = seen.flatMap((service) => pushesFor(sidecar, service, pushing, passes));
      const inbound = inboundFaults(config.envoyFilters, ROOT_NAMESPACE, caller);
      return () => {
        if (!this.#sidecars.has(sidecar)) return;
        sidecar.accept(pushes, { ...routes, caller }, strangers);
        this.#inbound.set(sidecar, inbound);
      };
    };
    const tell = () => {
      this.#gateways = gateways;
    };
    return [tell, ...sidecars.map(pushTo)];
  }

  /** The Services that a proxy has, and those that it lets pass by. */
  #scope(
    sidecar: ClientSidecar,
    services: readonly MeshService[],
    mesh: JsonMap,
  ): { seen: MeshService[]; strangers: Stranger[] } {
    const { namespace, client, kind: clientKind } = sidecar.options;
    const scope = sidecarScope({
      sidecars: clientKind === 'gateway' ? [] : this.#configuring.list(kind('Sidecar')),
      rootNamespace: ROOT_NAMESPACE,
      caller: { namespace, labels: client.labels },
      mode: stringOf(mapOf(mesh.outboundTrafficPolicy).mode) || undefined,
    });
    const fallback = listOf(mesh.defaultServiceExportTo).map(String);
    const sees = (service: MeshService): boolean => {
      const to = service.exportTo.length > 0 ? service.exportTo : fallback;
      return reaches(to, service.namespace, namespace) && scope.sees(service);
    };
    const unseen = scope.passesStrangers ? services.filter((service) => !sees(service)) : [];
    return {
      seen: services.filter(sees),
      strangers: unseen.map(({ host, port, endpoints }) => ({
        host,
        port,
        endpoints: ownEndpoints(endpoints, this.#cluster),
      })),
    };
  }
}

/** Endpoints that DNS and kube-proxy of a cluster know: its own that are ready. */
function ownEndpoints(endpoints: readonly MeshEndpoint[], cluster: string): MeshEndpoint[] {
  return endpoints.filter(({ labels, ready }) => ready && labels[CLUSTER_LABEL] === cluster);
}

type Pushing = {
  readonly config: MeshConfig;
  readonly cluster: string;
  readonly eastWest: readonly NetworkGateway[];
};

/** The cluster of all endpoints, and one for each subset; each twice where connections from other networks are passed on. */
function pushesFor(sidecar: ClientSidecar, service: MeshService, pushing: Pushing, passes: boolean): ClusterPush[] {
  const { client, namespace } = sidecar.options;
  const { config, cluster } = pushing;
  const key = { host: service.host, clientNamespace: namespace, clientLabels: client.labels };
  const whole: Subset = { name: '', labels: {} };
  return [whole, ...subsetsOf(config, key)].flatMap((subset) => {
    const push = pushFor(sidecar, service, subset, pushing);
    const passedOn = passes ? [{ ...push, tcp: false, isPassedOn: true as const }] : [];
    if (!service.headless) return [push, ...passedOn];
    const endpoints = push.assignment.endpoints.map(({ endpoint }) => endpoint);
    return [{ ...push, direct: ownEndpoints(endpoints, cluster) }, ...passedOn];
  });
}

function pushFor(
  sidecar: ClientSidecar,
  service: MeshService,
  subset: Subset,
  { config, eastWest: gateways }: Pushing,
): ClusterPush {
  const { client, namespace, kind: clientKind, wanted } = sidecar.options;
  const { host, port, endpoints, staysClose } = service;
  const settings = clusterSettings(config, {
    host,
    port,
    subset: subset.name,
    clientNamespace: namespace,
    clientLabels: client.labels,
    clientKind,
  });
  const sent = endpoints.filter(
    (endpoint) => (endpoint.ready || settings.sendsUnready || staysClose) && isOf(subset, endpoint.labels),
  );
  const assignment = assignPriorities({
    client,
    endpoints: endpointsByNetwork(sent, { network: client.labels[NETWORK_LABEL] ?? '', gateways, wanted }),
    setting: settings.localityLb,
    outlierDetection: settings.outlier !== undefined,
    staysClose,
  });
  return { host, port, subset: subset.name, settings, assignment, tcp: service.tcp };
}

function isOf(subset: Subset, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(subset.labels).every(([label, value]) => labels[label] === value);
}
