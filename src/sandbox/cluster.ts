import type { IstioVersion } from '../mesh/istio-version.ts';
import { nodeOf } from '../model/pod-object.ts';
import type { Clock, Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import type { RegionLink } from '../topologies/index.ts';
import type { ContainerLog } from './api/container-log.ts';
import { timestamp } from './api/identity.ts';
import { asMap, mapOf, mapsOf, stringOf } from './api/json.ts';
import { type ApiParts, type ApiServer, startApiServer } from './api/server.ts';
import { createSignal } from './api/signal.ts';
import type { ObjectStore } from './api/store.ts';
import { createEventRecorder } from './controllers/events.ts';
import { startControllers } from './controllers/start.ts';
import { applyManifest } from './manifests/apply.ts';
import { ControlPlane } from './mesh/control-plane.ts';
import { EastWestBalancers } from './mesh/east-west.ts';
import type { EastWestGateways } from './mesh/east-west-gateways.ts';
import { GatewayZones } from './mesh/gateway-zones.ts';
import { istiodPod } from './mesh/istiod.ts';
import { MeshPod } from './mesh/mesh-pod.ts';
import { networkIn } from './mesh/networks.ts';
import type { PodRegistry } from './mesh/pod-registry.ts';
import { localityIn } from './mesh/service-registry.ts';
import type { AddressPlan } from './nodes/addresses.ts';
import { Kubelet, type PodStart } from './nodes/kubelet.ts';
import type { Network } from './nodes/network.ts';
import { nodeIp, nodeObject } from './nodes/node-object.ts';
import { endContainer, ownShell } from './nodes/own-shell.ts';
import type { PacketFilters } from './nodes/packet-filter.ts';
import { pilotAgent } from './nodes/pilot-agent.ts';
import type { PodLoads } from './nodes/pod-load.ts';
import { createPodProxy } from './nodes/pod-proxy.ts';
import { type RunningPod, RunningPods, type StartPod } from './nodes/running-pods.ts';
import { EphemeralContainers } from './shell/ephemeral-containers.ts';
import { type ClusterLayout, nodeName, type SandboxZone } from './topology.ts';

/** What stands before parts of a cluster; each is handed the part itself. */
export type ClusterParts = ApiParts & { readonly startPod?: (own: StartPod) => StartPod };

type ClusterOptions = {
  readonly layout: ClusterLayout;
  readonly stores: ReadonlyMap<string, ObjectStore>;
  readonly clock: Clock;
  readonly random: Random;
  readonly addresses: AddressPlan;
  readonly network: Network;
  readonly filters: PacketFilters;
  readonly loads: PodLoads;
  readonly pods: PodRegistry;
  readonly eastWest: EastWestGateways;
  readonly parts: ClusterParts;
  readonly token: string;
  readonly podStartMs: Millis;
  /** From a pod's address to its readiness, now. */
  readonly sidecarStartMs: () => Millis;
  readonly istio: IstioVersion;
  /** The way to other regions. */
  readonly link: RegionLink;
  readonly dialTimeoutMs: Millis;
  /** Further manifests, applied after the project's own. */
  readonly manifests: readonly string[];
};

/** Log of a container that does not run. */
const NO_LOG: ContainerLog = { pieces: [], ended: true, listen: () => () => undefined };
/** Zone number for nodes that somebody has added by hand; the zones of a topology are fewer. */
const OTHER_ZONE = 7;

/** What the API server of a cluster reaches of its nodes. */
type Reached = {
  readonly api: ApiServer;
  readonly running: RunningPods;
  readonly ephemeral: EphemeralContainers;
  /** Aborted when the cluster is closed. */
  readonly closed: AbortController;
};

/** One whole cluster: API server, controllers, kubelets, istiod and the entrances of its zones. */
export class SandboxCluster {
  readonly layout: ClusterLayout;
  readonly store: ObjectStore;
  readonly api: ApiServer;
  readonly gateways: GatewayZones;
  readonly eastWest: EastWestBalancers;
  readonly controlPlane: ControlPlane;
  readonly #kubelet: Kubelet;
  readonly #controllers: { stop(): void };
  readonly #ephemeral: EphemeralContainers;
  readonly #closed: AbortController;

  private constructor(options: ClusterOptions, store: ObjectStore, { api, running, ephemeral, closed }: Reached) {
    const { layout, clock, random, addresses, pods, stores, istio, network, link } = options;
    this.layout = layout;
    this.store = store;
    this.api = api;
    this.#ephemeral = ephemeral;
    this.#closed = closed;
    this.controlPlane = new ControlPlane({
      ...{ cluster: layout.name, istiod: layout.istiod, stores, network },
      ...{ clock, random, istio, farMs: link.roundTripMs },
    });
    this.gateways = new GatewayZones({ layout, store, addresses, podAt: (ip) => pods.at(ip) });
    this.eastWest = new EastWestBalancers({
      store,
      addresses,
      gateways: options.eastWest,
      zoneNumber: layout.zones[0]?.number ?? 0,
      podAt: (ip) => pods.at(ip),
    });
    this.#kubelet = newKubelet(options, store, this.controlPlane, running);
    this.#controllers = startControllers({ store, clock, random });
  }

  /** Starts the cluster and applies its manifests; its pods come up by themselves afterwards. */
  static async start(options: ClusterOptions): Promise<SandboxCluster> {
    const { layout, stores, clock, random, network, dialTimeoutMs } = options;
    const running = new RunningPods();
    const closed = new AbortController();
    const store = stores.get(layout.name);
    if (store === undefined) throw new Error(`no store for cluster ${layout.name}`);
    const ephemeral = new EphemeralContainers({
      store,
      clock,
      startMs: options.podStartMs,
      filters: options.filters,
      loads: options.loads,
      endContainer: (...place) => endContainer(running, ...place),
      gatewayOf: (node) => nodeIp(zoneOf(layout, node)),
    });
    const api = await startApiServer({
      store,
      clock,
      random,
      host: '127.0.0.1',
      port: 0,
      token: options.token,
      clusterName: layout.name,
      kubernetes: layout.kubernetes,
      podProxy: createPodProxy({ pods: running, network, clock, dialTimeoutMs, closed: closed.signal }),
      podLog: (namespace, name, container) =>
        ephemeral.log(namespace, name, container) ?? running.named(namespace, name)?.pod.log ?? NO_LOG,
      podExec: (...command) =>
        pilotAgent(running, ...command) ?? ownShell(running, ...command) ?? ephemeral.exec(...command),
      podForward: (namespace, name, port) => running.port(namespace, name, port),
      parts: options.parts,
    });
    const cluster = new SandboxCluster(options, store, { api, running, ephemeral, closed });
    try {
      for (const zone of layout.zones) store.create(nodeObject(layout, zone, timestamp(clock)));
      for (const text of [...layout.manifests, ...options.manifests]) applyManifest(store, text);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#controllers.stop();
    this.controlPlane.close();
    this.#kubelet.close();
    this.#ephemeral.close();
    this.eastWest.close();
    await this.gateways.close();
    await this.api.close();
  }
}

function zoneOf({ zones }: ClusterLayout, node: string): SandboxZone {
  return zones.find((zone) => nodeName(zone) === node) ?? { name: node, number: OTHER_ZONE };
}

function newKubelet(
  options: ClusterOptions,
  store: ObjectStore,
  controlPlane: ControlPlane,
  running: RunningPods,
): Kubelet {
  const { layout, clock, random, podStartMs, addresses } = options;
  const own: StartPod = (start) => startMeshPod(options, store, controlPlane, start);
  const startPod = options.parts.startPod?.(own) ?? own;
  return new Kubelet({
    store,
    clock,
    events: createEventRecorder({ store, clock, random }),
    podStartMs,
    nextPodIp: (node) => addresses.nextPodIp(zoneOf(layout, node).number),
    hostIp: (node) => nodeIp(zoneOf(layout, node)),
    startPod: async (start) => running.add(start, await startPod(start)),
  });
}

async function startMeshPod(
  options: ClusterOptions,
  store: ObjectStore,
  controlPlane: ControlPlane,
  start: PodStart,
): Promise<RunningPod> {
  const { layout, addresses, network, clock, random, istio, link, pods, stores } = options;
  if (start.program === 'istiod') return istiodPod(stores.size - 1);
  const sidecarStartMs = options.sidecarStartMs();
  const pod = new MeshPod({
    ...start,
    cluster: layout.name,
    istioNetwork: networkIn(store, start.object.metadata.labels),
    passingAt: (address) => options.eastWest.at(address),
    locality: localityIn(store, start.object, nodeOf(start.object)),
    addresses,
    network,
    clock,
    random,
    istio,
    link,
    sidecarStartMs,
    load: options.loads.of(start.ip),
    gateways: () => controlPlane.gateways,
    inbound: (sidecar) => controlPlane.inbound(sidecar),
  });
  const ended = createSignal();
  await pod.start();
  pods.add(pod);
  const { sidecar } = pod;
  const configured = new Promise<void>((resolve) => void sidecar.configured.listen(resolve));
  controlPlane.connect(sidecar);
  return {
    configured,
    listens: (port) => pod.listens(port),
    sidecarStartMs,
    log: pod.log,
    app: {
      container: stringOf(mapsOf(mapOf(asMap(start.object).spec).containers)[0]?.name),
      ended,
      end: () => {
        pod.end();
        ended.fire();
      },
      begin: () => pod.begin(),
    },
    answer: async (port, path) => pod.admin(port, path),
    close: () => {
      controlPlane.disconnect(pod.sidecar);
      pods.remove(pod);
      pod.close();
    },
  };
}
