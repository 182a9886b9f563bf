import type { IstioVersion } from '../mesh/istio-version.ts';
import {
  type KubernetesVersion,
  manifestsOf,
  type NamedTopology,
  type Provider,
  type RegionLink,
} from '../topologies/index.ts';

/** One availability zone; `number` is its place in the address plan. */
export type SandboxZone = { readonly name: string; readonly number: number };

export type ClusterLayout = {
  readonly name: string;
  readonly region: string;
  readonly zones: readonly SandboxZone[];
  /** As its topology has it. */
  readonly network: string | undefined;
  /** As its topology has it. */
  readonly istiod: string | undefined;
  /** As its topology has it. */
  readonly provider: Provider | undefined;
  /** As its topology has it. */
  readonly kubernetes: KubernetesVersion;
  /** Of the istiod that serves its proxies, where its topology says one. */
  readonly istio: IstioVersion | undefined;
  /** What is applied to it before anything else. */
  readonly manifests: readonly string[];
};

/** The clusters of a topology, their zones numbered over all of them. */
export function layoutOf(topology: NamedTopology): ClusterLayout[] {
  let number = 0;
  return topology.clusters.map((cluster) => ({
    name: cluster.name,
    region: cluster.region,
    zones: cluster.zones.map((name) => ({ name, number: ++number })),
    network: cluster.network,
    istiod: cluster.istiod,
    provider: cluster.provider,
    kubernetes: cluster.kubernetes ?? KUBERNETES,
    istio: topology.clusters.find(({ name }) => name === (cluster.istiod ?? cluster.name))?.istio,
    manifests: manifestsOf(topology, cluster),
  }));
}

/** Name of the one node in a zone. */
export function nodeName(zone: SandboxZone): string {
  return `node-${zone.name}`;
}

/** What clusters serve whose topology does not say another; its schemas are served by all. */
export const KUBERNETES: KubernetesVersion = '1.36.4';

/** A leased line from Hangzhou to Tokyo; within a region there is neither way nor loss. */
export const BETWEEN_REGIONS: RegionLink = { roundTripMs: 40, loss: 0 };
