import type { IstioVersion } from '../mesh/istio-version.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Clock, Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import type { AccessRule } from './api/access.ts';
import type { ContainerLog } from './api/container-log.ts';
import { timestamp } from './api/identity.ts';
import { asMap, mapOf, stringOf } from './api/json.ts';
import type { Misbehave } from './api/misbehave.ts';
import { type ApiServer, startApiServer } from './api/server.ts';
import type { ObjectStore } from './api/store.ts';
import type { User } from './api/users.ts';
import { startControllers } from './controllers/start.ts';
import { applyManifest, ownManifests } from './manifests/apply.ts';
import { ControlPlane } from './mesh/control-plane.ts';
import { GatewayZones } from './mesh/gateway-zones.ts';
import { MeshPod } from './mesh/mesh-pod.ts';
import { createPodProxy } from './mesh/pod-proxy.ts';
import type { PodRegistry } from './mesh/pod-registry.ts';
import { podLocality } from './mesh/service-registry.ts';
import type { AddressPlan } from './nodes/addresses.ts';
import { Kubelet, type PodStart, type StartedPod } from './nodes/kubelet.ts';
import type { DataPlaneMisbehaviour } from './nodes/misbehave.ts';
import type { Network } from './nodes/network.ts';
import { nodeIp, nodeObject } from './nodes/node-object.ts';
import type { PacketFilters } from './nodes/packet-filter.ts';
import { HostedPods, type Programs } from './programs/hosted-pods.ts';
import { EphemeralContainers } from './shell/ephemeral-containers.ts';
import { type ClusterLayout, nodeName, type SandboxZone } from './topology.ts';

export type ClusterOptions = {
  readonly layout: ClusterLayout;
  readonly stores: ReadonlyMap<string, ObjectStore>;
  readonly clock: Clock;
  readonly random: Random;
  readonly addresses: AddressPlan;
  readonly network: Network;
  readonly filters: PacketFilters;
  readonly pods: PodRegistry;
  readonly programs: Programs;
  readonly misbehave: DataPlaneMisbehaviour;
  readonly api: Misbehave;
  readonly deny: readonly AccessRule[];
  readonly token: string;
  /** Further users by bearer token. */
  readonly users: ReadonlyMap<string, User>;
  readonly podStartMs: Millis;
  /** From a pod's address to its readiness, now. */
  readonly sidecarStartMs: () => Millis;
  readonly debounceMs: Millis;
  readonly istio: IstioVersion;
  readonly dialTimeoutMs: Millis;
  /** Further manifests, applied after the project's own. */
  readonly manifests: readonly string[];
};

/** Log of a container that does not run. */
const NO_LOG: ContainerLog = { pieces: [], ended: true, listen: () => () => undefined };
/** Zone number for nodes that somebody has added by hand. */
const OTHER_ZONE = 5;

type ClusterParts = { readonly api: ApiServer; readonly hosted: HostedPods; readonly ephemeral: EphemeralContainers };

/** One whole cluster: API server, controllers, kubelets, istiod and the entrances of its zones. */
export class SandboxCluster {
  readonly layout: ClusterLayout;
  readonly store: ObjectStore;
  readonly api: ApiServer;
  readonly gateways: GatewayZones;
  readonly controlPlane: ControlPlane;
  readonly #kubelet: Kubelet;
  readonly #controllers: { stop(): void };

  readonly #ephemeral: EphemeralContainers;

  private constructor(options: ClusterOptions, store: ObjectStore, parts: ClusterParts) {
    const { api, hosted, ephemeral } = parts;
    const { layout, clock, random, addresses, pods, stores, debounceMs, istio } = options;
    this.layout = layout;
    this.store = store;
    this.api = api;
    this.#ephemeral = ephemeral;
    this.controlPlane = new ControlPlane({ cluster: layout.name, stores, clock, random, debounceMs, istio });
    this.gateways = new GatewayZones({ layout, store, addresses, podAt: (ip) => pods.at(ip) });
    this.#kubelet = newKubelet(options, store, this.controlPlane, hosted);
    this.#controllers = startControllers({ store, clock, random });
  }

  /** Starts the cluster and applies its manifests; its pods come up by themselves afterwards. */
  static async start(options: ClusterOptions): Promise<SandboxCluster> {
    const { layout, stores, clock, random, network, pods, dialTimeoutMs } = options;
    const hosted = new HostedPods();
    const store = stores.get(layout.name);
    if (store === undefined) throw new Error(`no store for cluster ${layout.name}`);
    const ephemeral = new EphemeralContainers({
      store,
      clock,
      startMs: options.podStartMs,
      filters: options.filters,
      gatewayOf: (node) => nodeIp(zoneOf(layout, node)),
    });
    const api = await startApiServer({
      store,
      clock,
      random,
      host: '127.0.0.1',
      port: 0,
      token: options.token,
      users: options.users,
      clusterName: layout.name,
      podProxy: createPodProxy({ cluster: layout.name, pods, hosted, network, clock, dialTimeoutMs }),
      podLog: (namespace, name, container) =>
        ephemeral.log(namespace, name, container) ??
        (hosted.named(namespace, name)?.program ?? pods.named(layout.name, namespace, name))?.log ??
        NO_LOG,
      podExec: (...command) => ephemeral.exec(...command),
      misbehave: options.api,
      deny: options.deny,
    });
    const cluster = new SandboxCluster(options, store, { api, hosted, ephemeral });
    try {
      for (const zone of layout.zones) store.create(nodeObject(layout, zone, timestamp(clock)));
      for (const text of [...ownManifests(layout.name), ...options.manifests]) applyManifest(store, text);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  async close(): Promise<void> {
    this.#controllers.stop();
    this.controlPlane.close();
    this.#kubelet.close();
    this.#ephemeral.close();
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
  hosted: HostedPods,
): Kubelet {
  const { layout, clock, podStartMs, misbehave, addresses } = options;
  return new Kubelet({
    store,
    clock,
    podStartMs,
    misbehave,
    nextPodIp: (node) => addresses.nextPodIp(zoneOf(layout, node).number),
    hostIp: (node) => nodeIp(zoneOf(layout, node)),
    startPod: async (start) => {
      const program = await options.programs(start.object, layout.name);
      return program === undefined ? startMeshPod(options, store, controlPlane, start) : hosted.add(start, program);
    },
  });
}

async function startMeshPod(
  options: ClusterOptions,
  store: ObjectStore,
  controlPlane: ControlPlane,
  start: PodStart,
): Promise<StartedPod> {
  const { layout, addresses, network, clock, random, istio, pods } = options;
  const pod = new MeshPod({
    ...start,
    cluster: layout.name,
    locality: podLocality(store, start.object, nodeOf(start.object)),
    addresses,
    network,
    clock,
    random,
    istio,
    gateways: () => controlPlane.gateways,
  });
  await pod.start();
  pods.add(pod);
  controlPlane.connect(pod.sidecar);
  return {
    listens: (port) => pod.listens(port),
    sidecarStartMs: options.sidecarStartMs(),
    close: () => {
      controlPlane.disconnect(pod.sidecar);
      pods.remove(pod);
      pod.close();
    },
  };
}

function nodeOf(pod: KubeObject): string {
  return stringOf(mapOf(asMap(pod).spec).nodeName);
}
