import { SERVICE_LABEL } from '../../model/endpoint-slice.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { REACHED_AT } from '../../model/practice.ts';
import { asMap, asObject, clone, ensureMap } from '../api/json.ts';
import type { ObjectStore } from '../api/store.ts';
import type { AddressPlan, SocketAddress } from '../nodes/addresses.ts';
import type { ClusterLayout, SandboxZone } from '../topology.ts';
import { announceAddress, readyTargets } from './balanced-service.ts';
import { ZoneBalancer } from './load-balancer.ts';
import type { MeshPod } from './mesh-pod.ts';

const NAMESPACE = 'istio-system';
const HTTP_PORT = 80;

/** One zone's entrance of a cluster. `address` is undefined while it refuses connections. */
type GatewayZone = { readonly zone: string; address(): SocketAddress | undefined };

/**
 * The cloud's part of the ingress: an address for each zone's LoadBalancer Service, which follows the ready endpoints of
 * that Service, and the address in the Service's status.
 */
export class GatewayZones {
  readonly zones: readonly GatewayZone[];
  readonly #balancers: ReadonlyMap<string, ZoneBalancer>;
  readonly #stopListening: () => void;

  constructor(options: {
    layout: ClusterLayout;
    store: ObjectStore;
    addresses: AddressPlan;
    podAt: (ip: string) => MeshPod | undefined;
  }) {
    const { layout, store, addresses, podAt } = options;
    this.#balancers = new Map(layout.zones.map((zone) => [serviceName(zone), balancerOf(zone, addresses)] as const));
    this.zones = layout.zones.map((zone) => ({
      zone: zone.name,
      address: () => this.#balancers.get(serviceName(zone))?.address(),
    }));
    this.#stopListening = store.onChange(({ object }) => {
      if (object.kind !== 'EndpointSlice' || object.metadata.namespace !== NAMESPACE) return;
      const service = object.metadata.labels?.[SERVICE_LABEL] ?? '';
      const balancer = this.#balancers.get(service);
      if (balancer === undefined) return;
      const pods = readyTargets({ store, namespace: NAMESPACE, name: service }, HTTP_PORT).flatMap(({ ip, port }) => {
        const pod = podAt(ip);
        return pod === undefined ? [] : [{ pod, port }];
      });
      void balancer.setPods(pods).then(() => announce(store, service, balancer.address()));
    });
  }

  async close(): Promise<void> {
    this.#stopListening();
    await Promise.all([...this.#balancers.values()].map((balancer) => balancer.close()));
  }
}

function serviceName(zone: SandboxZone): string {
  return `istio-ingressgateway-${zone.name}`;
}

function balancerOf(zone: SandboxZone, addresses: AddressPlan): ZoneBalancer {
  return new ZoneBalancer({
    addresses,
    ip: addresses.zoneIp(zone.number),
    port: addresses.zonePort,
  });
}

/** Writes where the Service is reached. */
function announce(store: ObjectStore, service: string, address: SocketAddress | undefined): void {
  const found = store.get({ ...KINDS.service, namespace: NAMESPACE, name: service });
  if (found === undefined || address === undefined) return;
  const next = clone(asMap(found));
  const annotations = ensureMap(ensureMap(next, 'metadata'), 'annotations');
  const reachedAt = `${address.host}:${address.port}`;
  if (annotations[REACHED_AT] !== reachedAt) {
    annotations[REACHED_AT] = reachedAt;
    store.update(asObject(next));
    announce(store, service, address);
    return;
  }
  announceAddress({ store, namespace: NAMESPACE, name: service }, address.host);
}
