import type { IstioVersion } from '../mesh/istio-version.ts';
import type { Millis, Ratio } from '../model/units.ts';

/** Who runs the machines of a cluster. */
export type Provider = 'alicloud' | 'aws';

/** As an API server says it, without the `v`: what providers put behind it included. */
export type KubernetesVersion = `1.${number}.${string}`;

/** The way between two regions. */
export type RegionLink = {
  readonly roundTripMs: Millis;
  /** Share of the packets that are lost, in each direction. */
  readonly loss: Ratio;
};

/** A cluster of a mesh: one region, one node in each of its zones. */
export type TopologyCluster = {
  readonly name: string;
  readonly region: string;
  readonly zones: readonly string[];
  /** Istio's network of its pods, which no pod of another one reaches but by the east-west gateway here; absent where all share one. */
  readonly network?: string;
  /** The cluster whose istiod serves its proxies, a Deployment there. Absent where each has a managed one of its own, which nobody sees. */
  readonly istiod?: string;
  /** Nobody's where absent. */
  readonly provider?: Provider;
  /** Absent where it is the one that is served everywhere. */
  readonly kubernetes?: KubernetesVersion;
  /** Of the istiod of the cluster and its proxies; absent where it is the one that is modelled everywhere. */
  readonly istio?: IstioVersion;
};

/** The other cluster whose istiod configures the proxies of one; undefined where its own does. */
export function configuredBy({
  name,
  istiod,
}: {
  readonly name: string;
  readonly istiod?: string | undefined;
}): string | undefined {
  return istiod === name ? undefined : istiod;
}

/** A way to lay out the mesh of a drill: what a team decides before anything fails. What a run finds is `Topology` of the model. */
export type NamedTopology = {
  /** As `--topology` takes it. */
  readonly name: string;
  /** For people, as the vendor page on service-level disaster recovery calls it where it does. */
  readonly title: string;
  /** What it is, in a sentence. */
  readonly about: string;
  readonly clusters: readonly TopologyCluster[];
  /** `zoned`: a Deployment of each service in each zone; `spread`: one in each cluster, over its zones by topology spread constraints. */
  readonly workloads: 'zoned' | 'spread';
  /** Absent where it is the usual leased line. */
  readonly link?: RegionLink;
};
