import { DEFAULT_ISTIO, firstRelease, type IstioVersion } from '../mesh/istio-version.ts';
import type { Clock, Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { configuredBy, DEFAULT_TOPOLOGY, type NamedTopology } from '../topologies/index.ts';
import { kubeconfigText, targetsText } from './access-files.ts';
import { newUid } from './api/identity.ts';
import { createStore } from './api/store.ts';
import { type ClusterParts, SandboxCluster } from './cluster.ts';
import { EastWestGateways } from './mesh/east-west-gateways.ts';
import { PodRegistry } from './mesh/pod-registry.ts';
import { claimAddresses } from './nodes/addresses.ts';
import { createNetwork, type Network } from './nodes/network.ts';
import { PacketFilters } from './nodes/packet-filter.ts';
import { PodLoads } from './nodes/pod-load.ts';
import { untilReady } from './readiness.ts';
import { BETWEEN_REGIONS, layoutOf } from './topology.ts';

export type SandboxOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /**
   * `per-zone`: every pod and gateway zone has its own loopback address (Linux); `single`: all on 127.0.0.1 with ports
   * of their own.
   * @default 'per-zone'
   */
  readonly host?: 'per-zone' | 'single';
  /** @default the two regions of the vendor page's example */
  readonly topology?: NamedTopology;
  /** Documents to apply on top of the project's own manifests, to one cluster or to all. */
  readonly manifests?: readonly { readonly cluster: string | undefined; readonly text: string }[];
  /** Namespaces beside `default` that the targets file lets faults touch. @default none */
  readonly namespaces?: readonly string[];
  /** Installs Argo Rollouts, whose group nobody serves without. @default false */
  readonly argoRollouts?: boolean;
};

/** A running sandbox: the clusters of a topology, one mesh, real HTTP on loopback addresses. */
export type Sandbox = {
  /** YAML text with a context for each cluster, named as it is. */
  readonly kubeconfig: string;
  /** YAML text of a targets file; it expects the kubeconfig beside it. */
  readonly targets: string;
  readonly clusters: readonly SandboxCluster[];
  close(): Promise<void>;
};

/** What a sandbox is made of; specs put something before it, and have it start sooner. */
export type Insides = {
  /** Is handed the network of the sandbox, and gives back the one that is used. */
  readonly network: (own: Network) => Network;
  /** What stands before parts of a cluster, by its name. */
  readonly cluster: (name: string) => ClusterParts;
  /** From the binding of a pod to the start of its containers. */
  readonly podStartMs: Millis;
  /**
   * How long a pod has its address and is not ready, because its sidecar starts first. The pods that the sandbox begins
   * with are spared it.
   */
  readonly sidecarStartMs: Millis;
  /** Which Istio the mesh claims to be where its topology does not say it. */
  readonly istio: IstioVersion;
  /** How long the API server tries to reach a pod that NetworkPolicy isolates. */
  readonly dialTimeoutMs: Millis;
};

/** The sandbox as it is. A sidecar starts in 2.6 s in the lab; longer than Envoy's merge window is what matters. */
export const INSIDES: Insides = {
  network: (own) => own,
  cluster: () => ({}),
  podStartMs: 300,
  sidecarStartMs: 1200,
  istio: DEFAULT_ISTIO,
  dialTimeoutMs: 30_000,
};

/** Starts a sandbox of these insides and resolves when every workload is ready and every caller sees every endpoint. */
export async function assemble(options: SandboxOptions, insides: Insides): Promise<Sandbox> {
  const { clock, random, argoRollouts } = options;
  const { podStartMs, sidecarStartMs, istio, dialTimeoutMs } = insides;
  const topology = options.topology ?? DEFAULT_TOPOLOGY;
  const layouts = layoutOf(topology);
  const addresses = await claimAddresses(options.host ?? 'per-zone');
  const stores = new Map(
    layouts.map((layout) => {
      const proxyImage = `docker.io/istio/proxyv2:${firstRelease(layout.istio ?? istio)}`;
      const installed = { argoRollouts, configuredBy: configuredBy(layout), proxyImage };
      return [layout.name, createStore({ clock, random, ...installed })];
    }),
  );
  const filters = new PacketFilters();
  const loads = new PodLoads();
  const networks = new Map(layouts.map(({ name, network }) => [name, network]));
  const policed = createNetwork(stores, filters, networks);
  const network = insides.network(policed);
  const pods = new PodRegistry();
  const eastWest = new EastWestGateways();
  const token = newUid(random);
  let up = false;
  const starting = await Promise.allSettled(
    layouts.map((layout) =>
      SandboxCluster.start({
        layout,
        stores,
        clock,
        random,
        addresses,
        network,
        filters,
        loads,
        pods,
        eastWest,
        parts: insides.cluster(layout.name),
        token,
        podStartMs,
        sidecarStartMs: () => (up ? sidecarStartMs : 0),
        istio: layout.istio ?? istio,
        link: topology.link ?? BETWEEN_REGIONS,
        dialTimeoutMs,
        manifests: manifestsFor(options, layout.name),
      }),
    ),
  );
  const clusters = starting.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(clusters.map((cluster) => cluster.close()));
    network.close();
    await addresses.close();
  };
  try {
    for (const start of starting) if (start.status === 'rejected') throw start.reason;
    await untilReady(clusters, clock);
    up = true;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    kubeconfig: kubeconfigText(clusters, token),
    targets: targetsText(clusters, { topology: topology.name, further: options.namespaces ?? [] }),
    clusters,
    close,
  };
}

function manifestsFor(options: SandboxOptions, cluster: string): string[] {
  return (options.manifests ?? [])
    .filter((entry) => entry.cluster === undefined || entry.cluster === cluster)
    .map((entry) => entry.text);
}
