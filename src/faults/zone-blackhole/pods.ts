import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { type JsonPatchOp, KINDS, type KubeObject, RUN_LABEL, ZONE_LABEL } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { isAlive, type Pod, readPod } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { markedBy } from '../marks.ts';
import { rewrite } from '../rewrite.ts';
import { type BlackholeData, containerName, cutContainer, cutState, cutsIn, type FaultName } from './container.ts';

/** A pod of the zone, as it was read and as the API has it. */
export type ZonePod = { readonly pod: Pod; readonly object: KubeObject };

/** What is in the zone now. */
export type Zone = {
  /** Pods that can be cut off. */
  readonly pods: readonly ZonePod[];
  /** Pods that cannot: with the network of their node (which would be cut off), or made by a kubelet alone. */
  readonly spared: readonly Pod[];
  readonly nodes: readonly KubeObject[];
};

/** Looks who is in the zone. */
export async function lookAtZone(data: BlackholeData, { cluster }: FaultContext): Promise<Zone> {
  const { zone, namespaces, selector } = data;
  const nodes = await cluster.list(KINDS.node, {});
  const zones = new Map(nodes.map(({ metadata }) => [metadata.name ?? '', metadata.labels?.[ZONE_LABEL] ?? '']));
  const filter = selector === null ? {} : { labelSelector: selector };
  const lists = await Promise.all(namespaces.map((namespace) => cluster.list(KINDS.pod, { namespace, ...filter })));
  const all = lists
    .flat()
    .map((object) => ({ object, pod: readPod(object, zones) }))
    .filter(({ pod }) => pod.zone === zone && isAlive(pod));
  const hosts = new Set(all.map(({ object }) => (object.spec as { nodeName?: string } | undefined)?.nodeName));
  return {
    pods: all.filter(({ object }) => !isTied(object)),
    spared: all.filter(({ object }) => isTied(object)).map(({ pod }) => pod),
    nodes: nodes.filter(({ metadata: { name = '' } }) => zones.get(name) === zone || hosts.has(name)),
  };
}

/** Ephemeral containers of a pod on its node's network would cut the node off; mirror pods take none. */
function isTied({ metadata, spec }: KubeObject): boolean {
  const { hostNetwork } = (spec ?? {}) as { hostNetwork?: boolean };
  return hostNetwork === true || metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}

const EPHEMERAL = { ...KINDS.pod, subresource: 'ephemeralcontainers' };

/** Puts the container of a fault into a pod. One that has it is left as it is; one that has gone is no error. */
export async function cutOff(
  { object: seen }: ZonePod,
  plan: PlanOf<BlackholeData>,
  context: FaultContext,
): Promise<void> {
  const { cluster } = context;
  const { namespace = '', name = '', uid } = seen.metadata;
  const decide = (pod: KubeObject | undefined): JsonPatchOp[] => {
    if (pod === undefined || pod.metadata.uid !== uid || pod.metadata.deletionTimestamp !== undefined) return [];
    if (cutState(pod, containerName(plan)).kind !== 'absent') return [];
    refuseOther(cluster.name, pod, plan.runId);
    return addOps(plan, plan.data, pod, context);
  };
  try {
    await rewrite(cluster, { ...EPHEMERAL, namespace, name }, decide);
  } catch (error) {
    const now = await cluster.get({ ...KINDS.pod, namespace, name });
    if (now?.metadata.uid === uid && now?.metadata.deletionTimestamp === undefined) throw error;
  }
}

/** Asks the API whether it would take the container, with all that admission has to say; nothing is stored. */
export async function tryOut(
  { object }: ZonePod,
  fault: FaultName,
  data: BlackholeData,
  context: FaultContext,
): Promise<void> {
  const { namespace = '', name = '' } = object.metadata;
  await context.cluster.patch({ ...EPHEMERAL, namespace, name }, addOps(fault, data, object, context), {
    dryRun: true,
  });
}

function addOps(fault: FaultName, data: BlackholeData, pod: KubeObject, { clock }: FaultContext): JsonPatchOp[] {
  const { ephemeralContainers } = (pod.spec ?? {}) as { ephemeralContainers?: unknown };
  const path = '/spec/ephemeralContainers';
  const value = cutContainer(fault, data, pod, Math.floor(clock.wall().getTime() / 1000));
  const list: JsonPatchOp[] = ephemeralContainers === undefined ? [{ op: 'add', path, value: [] }] : [];
  return [...list, { op: 'add', path: `${path}/-`, value }];
}

/** Throws OPEN_RUN where another run than this one is at work in a pod. */
export function refuseOther(cluster: string, pod: KubeObject, runId: string): void {
  const marked = markedBy(pod) ?? cutsIn(pod).find((cut) => cut.runId !== runId)?.runId;
  if (marked === undefined || marked === runId) return;
  const { namespace, name } = pod.metadata;
  const what =
    markedBy(pod) === undefined
      ? `cluster ${cluster}: pod ${namespace}/${name} is still cut off by run ${marked}`
      : `cluster ${cluster}: pod ${namespace}/${name} is still labelled ${RUN_LABEL} by run ${marked}`;
  throw new FaultlineError('OPEN_RUN', what, { hint: `faultline recover --run ${marked}` });
}

/** The pods of a fault's namespaces that have its container, wherever they are by now. */
export async function cutPods(plan: PlanOf<BlackholeData>, cluster: Cluster, namespace: string): Promise<KubeObject[]> {
  const pods = await cluster.list(KINDS.pod, { namespace });
  return pods.filter((pod) => cutState(pod, containerName(plan)).kind !== 'absent');
}
