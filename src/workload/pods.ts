import { isTrue } from '../model/conditions.ts';
import type { PodPart } from '../model/fault.ts';
import type { AffectedPod } from '../model/history.ts';
import { KINDS, type KubeObject, type OwnerReference, ZONE_LABEL } from '../model/kubernetes.ts';
import { localityLabel, podLocality } from '../model/pod-locality.ts';
import { isEnded, nodeOf, podSpec, podStatus } from '../model/pod-object.ts';
import type { Cluster } from '../model/ports.ts';
import { localVolumes } from './local-volumes.ts';

/** What faultline reads of a Pod. */
export type Pod = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly ip: string;
  readonly zone: string;
  readonly workload: string;
  /** Its node; empty while it waits for one. */
  readonly node: string;
  /** What controls it, as `Kind/name`: its controller, and the Deployment or Argo Rollout behind a ReplicaSet. Empty: nothing replaces it. */
  readonly owners: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** Its containers have been started and have not ended (phase Running); one that waits for a node or an image has not. */
  readonly running: boolean;
  /** Its containers have ended for good (a finished Job, an evicted pod): it serves nobody and cannot be hit. */
  readonly ended: boolean;
  /** Image by container name, from the spec. */
  readonly images: Readonly<Record<string, string>>;
  /** Volumes that are gone with it, in words. */
  readonly localVolumes: readonly string[];
};

/** Zone of every node by its name (well-known label topology.kubernetes.io/zone). */
export async function zonesOfNodes(cluster: Pick<Cluster, 'list'>): Promise<ReadonlyMap<string, string>> {
  const nodes = await cluster.list(KINDS.node, {});
  return new Map(nodes.map((node) => [node.metadata.name ?? '', node.metadata.labels?.[ZONE_LABEL] ?? '']));
}

/** The pods of a namespace that a label selector matches, with their zones. */
export async function listPods(
  cluster: Pick<Cluster, 'list'>,
  namespace: string,
  labelSelector: string | undefined,
  zones: ReadonlyMap<string, string>,
): Promise<Pod[]> {
  const filter = labelSelector === undefined ? { namespace } : { namespace, labelSelector };
  const pods = await cluster.list(KINDS.pod, filter);
  return pods.map((pod) => readPod(pod, zones));
}

/** Reads the parts of a Pod that faults work with. Its zone is where the mesh takes it to be: its own label, else its node's. */
export function readPod(object: KubeObject, zones: ReadonlyMap<string, string>): Pod {
  const { containers = [] } = podSpec(object);
  const status = podStatus(object);
  const node = nodeOf(object);
  const meta = object.metadata;
  return {
    name: meta.name ?? '',
    namespace: meta.namespace ?? '',
    uid: meta.uid ?? '',
    ip: status.podIP ?? '',
    zone: localityLabel(meta.labels) === '' ? (zones.get(node) ?? '') : podLocality(meta.labels, {}).zone,
    workload: workloadOf(object),
    node,
    owners: ownersOf(object),
    labels: meta.labels ?? {},
    annotations: meta.annotations ?? {},
    ready: isTrue(object, 'Ready'),
    terminating: meta.deletionTimestamp !== undefined,
    running: status.phase === 'Running',
    ended: isEnded(object),
    images: Object.fromEntries(containers.map((container) => [container.name, container.image ?? ''])),
    localVolumes: localVolumes(object),
  };
}

/**
 * Name of the Deployment or Argo Rollout behind a pod (its ReplicaSet's name without the template hash), else of its owner,
 * else its own.
 */
export function workloadOf(pod: KubeObject): string {
  return makerOf(pod)?.name ?? controllerOf(pod)?.name ?? pod.metadata.name ?? '';
}

function ownersOf(pod: KubeObject): string[] {
  const owner = controllerOf(pod);
  if (owner === undefined) return [];
  const maker = makerOf(pod);
  return [`${owner.kind}/${owner.name}`, ...(maker === undefined ? [] : [`${maker.kind}/${maker.name}`])];
}

/**
 * Whether a pod is known to belong to another workload than this one, whatever their selectors and templates share. The ReplicaSet of a pod
 * without its hash may be of any workload.
 */
export function isOfAnother(pod: KubeObject, { kind, metadata: { name } }: KubeObject): boolean {
  const owner = controllerOf(pod);
  if (owner === undefined) return false;
  const maker = makerOf(pod);
  const isUntold = owner.kind === 'ReplicaSet' && maker === undefined && kind in HASH_LABELS;
  return !isUntold && !ownersOf(pod).includes(`${kind}/${name}`);
}

/** The label with the template hash that a maker of ReplicaSets puts on their pods. */
const HASH_LABELS = { Deployment: 'pod-template-hash', Rollout: 'rollouts-pod-template-hash' } as const;

/** What has made the ReplicaSet of a pod. */
function makerOf(pod: KubeObject): { readonly kind: keyof typeof HASH_LABELS; readonly name: string } | undefined {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'ReplicaSet') return undefined;
  for (const kind of ['Rollout', 'Deployment'] as const) {
    const hash = pod.metadata.labels?.[HASH_LABELS[kind]];
    const tail = `-${hash}`;
    if (hash !== undefined && owner.name.endsWith(tail)) return { kind, name: owner.name.slice(0, -tail.length) };
  }
  return undefined;
}

/** What controls an object and may put back what others change of it: of a workload mostly an operator. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** The pods as the record names them. */
export function affectedBy(cluster: Pick<Cluster, 'name'>, pods: readonly Pod[]): AffectedPod[] {
  return pods.map(({ namespace, zone, workload, name, ip }) => ({
    cluster: cluster.name,
    namespace,
    zone,
    workload,
    pod: name,
    ip,
  }));
}

/** The pods as guards compare them: as a whole, or one container of each. */
export function partsOf(pods: readonly Pod[], container?: string): PodPart[] {
  return pods.map(({ namespace, name }) => ({
    pod: `${namespace}/${name}`,
    ...(container === undefined ? {} : { container }),
  }));
}

/** Neither ended nor on its way out: what a fault can hit. */
export function isAlive(pod: Pod): boolean {
  return !pod.terminating && !pod.ended;
}

/** The ordinal of a pod of a StatefulSet, by its name. */
export function ordinalOf({ name }: Pick<Pod, 'name'>): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}
