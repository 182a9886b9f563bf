import { Debounce } from '../../mesh/debounce.ts';
import type { InboundFault } from '../../mesh/inbound-faults.ts';
import type { IstioVersion } from '../../mesh/istio-version.ts';
import {
  type Configuration,
  MESH_CONFIG,
  PUSH_DEBOUNCE,
  ROOT_NAMESPACE,
  readMeshConfig,
} from '../../mesh/istiod/configuration.ts';
import { type IstiodView, toldTo } from '../../mesh/istiod/told.ts';
import { KINDS, type KubeObject, MESH_KINDS } from '../../model/kubernetes.ts';
import type { Clock, Random } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { ObjectStore } from '../api/store.ts';
import type { Network } from '../nodes/network.ts';
import type { ClientSidecar } from './client-sidecar.ts';
import type { GatewayConfig } from './gateway.ts';
import { reachesProxy } from './istiod.ts';
import { networkGateways } from './networks.ts';
import { discoverServices } from './service-registry.ts';

const DISCOVERED = new Set(['Service', 'EndpointSlice', 'Node', 'Namespace']);
const CONFIGURED: ReadonlySet<string> = new Set(Object.values(MESH_KINDS).map(({ kind }) => kind));

function isMeshConfig({ kind, metadata }: KubeObject): boolean {
  return kind === MESH_CONFIG.kind && metadata.namespace === ROOT_NAMESPACE && metadata.name === MESH_CONFIG.name;
}

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
    /**
     * From an istiod to proxies of another region, beside the debounce: half a round trip until it hears of what has changed
     * there, half until a push is there.
     */
    farMs: Millis;
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
    this.#pushMs = istiod === name ? 0 : options.farMs;
    this.#all = options.stores;
    this.#random = options.random;
    this.#istio = options.istio;
    this.#debounce = new Debounce({
      clock: options.clock,
      ...PUSH_DEBOUNCE,
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

  /** Whether every proxy knows what it would be told now. */
  get isSettled(): boolean {
    const view = this.#view();
    return [...this.#sidecars].every((sidecar) => sidecar.hasAll(toldTo(sidecar.options, view).clusters));
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
    const view = this.#view();
    const gateways = { gateways: view.configuration.gateways, services: this.#own.list(KINDS.service) };
    const tell = () => {
      this.#gateways = gateways;
    };
    const pushTo = (sidecar: ClientSidecar) => {
      const told = toldTo(sidecar.options, view);
      return () => {
        if (!this.#sidecars.has(sidecar)) return;
        sidecar.accept(told.clusters, told.routes, told.strangers);
        this.#inbound.set(sidecar, told.inbound);
      };
    };
    return [tell, ...sidecars.map(pushTo)];
  }

  #view(): IstiodView {
    return {
      configuration: this.#configuration(),
      cluster: this.#cluster,
      services: discoverServices(this.#own, this.#all),
      eastWest: networkGateways(this.#all),
      random: this.#random,
    };
  }

  #configuration(): Configuration {
    const list = (of: keyof typeof MESH_KINDS) => this.#configuring.list(MESH_KINDS[of]);
    return {
      destinationRules: list('destinationRules'),
      envoyFilters: list('envoyFilters'),
      virtualServices: list('virtualServices'),
      gateways: list('gateways'),
      sidecars: list('sidecars'),
      rootNamespace: ROOT_NAMESPACE,
      mesh: readMeshConfig(this.#configuring.get(MESH_CONFIG)),
      istio: this.#istio,
    };
  }
}
