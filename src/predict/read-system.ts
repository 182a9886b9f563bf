import { eastWestPort, networkOf, SYSTEM_NAMESPACE } from '../mesh/east-west.ts';
import { DEFAULT_ISTIO, type IstioVersion } from '../mesh/istio-version.ts';
import { localityLabels, readSlice } from '../mesh/istiod/endpoints.ts';
import { conditionOf, isTrue } from '../model/conditions.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { selectorText } from '../model/labels.ts';
import { podLocality } from '../model/pod-locality.ts';
import { nodeOf, podSpec } from '../model/pod-object.ts';
import type { Cluster } from '../model/ports.ts';
import type { FaultSpec } from '../model/scenario.ts';
import type { ObservedScope } from '../model/target.ts';
import type { MeshVersions } from '../observe/mesh-version.ts';
import { inAmbient, isWaypoint } from '../workload/ambient.ts';
import { readPod, workloadOf } from '../workload/pods.ts';
import { hasSidecar } from '../workload/sidecars.ts';
import type { LiveCluster, LivePod, LiveSystem, Membership } from './live-system.ts';
import { SYSTEM } from './needs.ts';
import { listAll, readConfigurations } from './read-configuration.ts';

/** Reads a target as it is now. Rejects with what a cluster refuses, or where it does not answer. */
export async function readSystem(
  clusters: readonly Cluster[],
  scope: ObservedScope,
  faults: readonly FaultSpec[],
  versions: MeshVersions,
): Promise<LiveSystem> {
  const configurationOf = await readConfigurations(clusters, scope);
  const read = await Promise.all(
    clusters.map(async (cluster) => {
      const { name, region, configuredBy = name } = cluster;
      const system = await cluster.get(SYSTEM);
      const own = await readCluster(cluster, scope, faults);
      const istio = versions.get(name)?.match(/^1\.\d+/)?.[0] as IstioVersion | undefined;
      const mesh = { istio: istio ?? DEFAULT_ISTIO, istioKnown: istio !== undefined };
      return {
        live: { name, region, configuredBy, ...own, ...configurationOf(cluster), ...mesh },
        pods: await readPods(cluster, scope, (labels) => networkOf(labels, system)),
      };
    }),
  );
  return { clusters: read.map(({ live }) => live), pods: read.flatMap(({ pods }) => pods) };
}

async function readCluster(
  cluster: Cluster,
  { namespaces }: ObservedScope,
  faults: readonly FaultSpec[],
): Promise<Pick<LiveCluster, 'services' | 'eastWest' | 'workloads'>> {
  const [services, beside, workloads] = await Promise.all([
    listAll(cluster, KINDS.service, namespaces),
    namespaces.includes(SYSTEM_NAMESPACE) ? [] : listAll(cluster, KINDS.service, [SYSTEM_NAMESPACE]),
    readWorkloads(cluster, faults),
  ]);
  const eastWest = [...services, ...beside].filter((service) => eastWestPort(service) !== undefined);
  return { services, eastWest, workloads };
}

const WORKLOADS = {
  Deployment: KINDS.deployment,
  StatefulSet: KINDS.statefulSet,
  DaemonSet: KINDS.daemonSet,
  Rollout: KINDS.rollout,
} as const;

/** The workloads that faults change, which they may read. */
export async function readWorkloads(cluster: Cluster, faults: readonly FaultSpec[]): Promise<KubeObject[]> {
  const found = faults.flatMap(({ move }) =>
    (move.kind === 'rollout' || move.kind === 'scale') && move.cluster === cluster.name
      ? [cluster.get({ ...WORKLOADS[move.workload.kind], namespace: move.namespace, name: move.workload.name })]
      : [],
  );
  return (await Promise.all(found)).filter((object) => object !== undefined);
}

type NetworkOf = (labels: Readonly<Record<string, string>>) => string;

async function readPods(
  cluster: Cluster,
  { namespaces, gateways = [] }: ObservedScope,
  networkOfPod: NetworkOf,
): Promise<LivePod[]> {
  const [nodes, slices, pods, ...ways] = await Promise.all([
    cluster.list(KINDS.node, {}),
    listAll(cluster, KINDS.endpointSlice, namespaces),
    listAll(cluster, KINDS.pod, namespaces),
    ...gateways.map(({ namespace, selector }) =>
      cluster.list(KINDS.pod, { namespace, labelSelector: selectorText(selector) }),
    ),
  ]);
  const memberships = membershipsOf(slices);
  const places = new Map(nodes.map((node) => [node.metadata.name ?? '', node.metadata.labels ?? {}]));
  const doors = new Set(ways.flat().map(keyOf));
  const all = new Map([...pods, ...ways.flat()].map((pod) => [keyOf(pod), pod]));
  return [...all]
    .filter(([, pod]) => readPod(pod, new Map()).ip !== '' && pod.metadata.deletionTimestamp === undefined)
    .map(([key, pod]) => {
      const network = networkOfPod(pod.metadata.labels ?? {});
      return livePod({ cluster, network }, pod, places, memberships.get(key) ?? [], doors.has(key));
    });
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** The Services behind which each pod stands, by the pod's key. */
function membershipsOf(slices: readonly KubeObject[]): Map<string, Membership[]> {
  const found = new Map<string, Membership[]>();
  for (const { service, ports, endpoints } of slices.map(readSlice)) {
    const [namespace] = service.split('/');
    for (const { pod } of endpoints) {
      const key = `${namespace}/${pod}`;
      found.set(key, [...(found.get(key) ?? []), { service, ports }]);
    }
  }
  return found;
}

function livePod(
  { cluster, network }: { readonly cluster: Cluster; readonly network: string },
  pod: KubeObject,
  nodes: ReadonlyMap<string, Readonly<Record<string, string>>>,
  services: readonly Membership[],
  gateway: boolean,
): LivePod {
  const { name, namespace, ip, ready, labels, owners } = readPod(pod, new Map());
  const locality = podLocality(labels, nodes.get(nodeOf(pod)) ?? {});
  return {
    cluster: cluster.name,
    namespace,
    name,
    ip,
    workload: workloadOf(pod),
    madeBy: owners[0]?.split('/')[0] ?? '',
    labels: { ...labels, ...localityLabels(locality, cluster.name, network) },
    locality,
    network,
    ready,
    proxied: gateway || hasSidecar(pod),
    ambient: inAmbient(pod),
    waypoint: isWaypoint(pod),
    gateway,
    services,
    startMs: startOf(pod),
    preStopMs: preStopOf(pod),
  };
}

function startOf(pod: KubeObject): number | undefined {
  const ready = isTrue(pod, 'Ready') ? conditionOf(pod, 'Ready')?.lastTransitionTime : undefined;
  const took = Date.parse(ready ?? '') - Date.parse(pod.metadata.creationTimestamp ?? '');
  return Number.isFinite(took) && took >= 0 ? took : undefined;
}

function preStopOf(pod: KubeObject): number {
  const { containers = [] } = podSpec(pod);
  return 1000 * Math.max(0, ...containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0));
}
