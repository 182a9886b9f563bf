import { gatewaysOf } from '../mesh/east-west.ts';
import type { MeshProxy } from '../mesh/istiod/clusters.ts';
import { type Configuration, ROOT_NAMESPACE } from '../mesh/istiod/configuration.ts';
import { portsOf, type ServicePort } from '../mesh/istiod/service-port.ts';
import type { Locality } from '../mesh/locality.ts';
import type { NetworkGateway } from '../mesh/networks.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Millis } from '../model/units.ts';

/** A Service that a pod stands behind: `namespace/name`, and the pod's port for each port of the Service by its name. */
export type Membership = { readonly service: string; readonly ports: Readonly<Record<string, number>> };

/** A pod as far as the mesh depends on it. */
export type LivePod = {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly workload: string;
  /** Kind of its controller: ReplicaSet, StatefulSet and so on; empty where it has none. */
  readonly madeBy: string;
  /** Those that istiod adds included. */
  readonly labels: Readonly<Record<string, string>>;
  readonly locality: Locality;
  /** Istio's network of it; empty where nothing names one. */
  readonly network: string;
  readonly ready: boolean;
  /** Whether it has a proxy of its own. */
  readonly proxied: boolean;
  /** Whether ztunnel calls for it (Istio's ambient mode). */
  readonly ambient: boolean;
  /** Whether it is the proxy by which pods in ambient mode call Services that have one. */
  readonly waypoint: boolean;
  readonly gateway: boolean;
  readonly services: readonly Membership[];
  /** How long it took from its creation to ready, to a second; undefined where that cannot be known. */
  readonly startMs: Millis | undefined;
  /** How long its containers go on serving when it is told to go. */
  readonly preStopMs: Millis;
};

/** What the proxies of one cluster are configured from: its own Services, and mesh configuration of the cluster whose istiod serves them. */
export type LiveCluster = Omit<Configuration, 'rootNamespace'> & {
  readonly name: string;
  readonly region: string;
  /** Where the mesh configuration was read; itself unless another cluster's istiod serves its proxies. */
  readonly configuredBy: string;
  readonly services: readonly KubeObject[];
  /** Whether the images told the version of its Istio. */
  readonly istioKnown: boolean;
  /** Services by which proxies of other networks reach its pods. */
  readonly eastWest: readonly KubeObject[];
  /** Those that faults change. */
  readonly workloads: readonly KubeObject[];
};

/** What was read of a target. */
export type LiveSystem = {
  readonly clusters: readonly LiveCluster[];
  readonly pods: readonly LivePod[];
};

/** What the istiod of a cluster works from. */
export function configurationOf(live: LiveCluster): Configuration {
  return { ...live, rootNamespace: ROOT_NAMESPACE };
}

/** The ports of a cluster's Services. */
export function servicePortsOf({ services }: Pick<LiveCluster, 'services'>): ServicePort[] {
  return services.flatMap(portsOf);
}

/** The proxy of a pod, as its istiod knows it. */
export function proxyOf(pod: Pick<LivePod, 'namespace' | 'gateway' | 'locality' | 'labels'>): MeshProxy {
  return { namespace: pod.namespace, kind: pod.gateway ? 'gateway' : 'sidecar', client: pod, wanted: [] };
}

/** The east-west gateways of all clusters. */
export function networkGateways({ clusters }: LiveSystem): NetworkGateway[] {
  return clusters.flatMap(({ name, eastWest }) => eastWest.flatMap((service) => gatewaysOf(name, service)));
}
