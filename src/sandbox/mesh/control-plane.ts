import { clusterSettings, type MeshConfig } from '../../mesh/cluster-config.ts';
import { assignPriorities } from '../../mesh/locality.ts';
import { defaultRetryPolicy } from '../../mesh/retry.ts';
import type { RouteTable } from '../../mesh/route-config.ts';
import { KINDS, type KubeKind } from '../../model/kubernetes.ts';
import type { Clock } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { ObjectStore } from '../api/store.ts';
import type { ClientSidecar, ClusterPush } from './client-sidecar.ts';
import { Debounce } from './debounce.ts';
import type { GatewayConfig } from './gateway.ts';
import { discoverServices, type MeshService } from './service-registry.ts';

const ISTIO = 'networking.istio.io/v1';
const ROOT_NAMESPACE = 'istio-system';
const DISCOVERED = new Set(['Service', 'EndpointSlice', 'Node']);
const CONFIGURED = new Set(['DestinationRule', 'VirtualService', 'EnvoyFilter', 'Gateway']);
const LONGEST_DEBOUNCE_MS = 10_000;

const kind = (name: string, apiVersion = ISTIO): KubeKind => ({ apiVersion, kind: name });

/**
 * The istiod of one cluster in a multi-primary mesh: it discovers services and endpoints in all clusters, takes its
 * configuration from its own cluster only, and pushes to its own sidecars (mesh.md C).
 */
export class ControlPlane {
  readonly #own: ObjectStore;
  readonly #all: ReadonlyMap<string, ObjectStore>;
  readonly #sidecars = new Set<ClientSidecar>();
  readonly #debounce: Debounce;
  readonly #endings: (() => void)[];
  #gateways: GatewayConfig = { gateways: [], services: [] };

  constructor(options: {
    cluster: string;
    stores: ReadonlyMap<string, ObjectStore>;
    clock: Clock;
    debounceMs: Millis;
  }) {
    const own = options.stores.get(options.cluster);
    if (own === undefined) throw new Error(`no store for cluster ${options.cluster}`);
    this.#own = own;
    this.#all = options.stores;
    this.#debounce = new Debounce({
      clock: options.clock,
      quietMs: options.debounceMs,
      longestMs: LONGEST_DEBOUNCE_MS,
      act: () => this.#push([...this.#sidecars]),
    });
    this.#endings = [...options.stores].map(([cluster, store]) =>
      store.onChange(({ object }) => {
        const configured = cluster === options.cluster && CONFIGURED.has(object.kind);
        if (configured || DISCOVERED.has(object.kind)) this.#debounce.touch();
      }),
    );
  }

  /** What gateways are told, as last pushed. */
  get gateways(): GatewayConfig {
    return this.#gateways;
  }

  /** A proxy connects and gets the whole configuration at once. */
  connect(sidecar: ClientSidecar): void {
    this.#sidecars.add(sidecar);
    this.#push([sidecar]);
  }

  disconnect(sidecar: ClientSidecar): void {
    this.#sidecars.delete(sidecar);
  }

  close(): void {
    this.#debounce.close();
    for (const end of this.#endings) end();
  }

  #push(sidecars: readonly ClientSidecar[]): void {
    const services = discoverServices(this.#own, this.#all);
    const config: MeshConfig = {
      destinationRules: this.#own.list(kind('DestinationRule')),
      envoyFilters: this.#own.list(kind('EnvoyFilter', 'networking.istio.io/v1alpha3')),
      rootNamespace: ROOT_NAMESPACE,
    };
    const routes: RouteTable = {
      virtualServices: this.#own.list(kind('VirtualService')),
      defaultRetry: defaultRetryPolicy('>=1.24'),
    };
    this.#gateways = { gateways: this.#own.list(kind('Gateway')), services: this.#own.list(KINDS.service) };
    for (const sidecar of sidecars) {
      const pushes = services.map((service) => pushFor(sidecar, service, config));
      sidecar.accept(pushes, routes);
    }
  }
}

function pushFor(sidecar: ClientSidecar, service: MeshService, config: MeshConfig): ClusterPush {
  const { client, namespace, kind: clientKind } = sidecar.options;
  const { host, port, endpoints } = service;
  const settings = clusterSettings(config, {
    host,
    port,
    clientNamespace: namespace,
    clientLabels: client.labels,
    clientKind,
  });
  const assignment = assignPriorities({
    client,
    endpoints,
    setting: settings.localityLb,
    outlierDetection: settings.outlier !== undefined,
  });
  return { host, port, settings, assignment };
}
