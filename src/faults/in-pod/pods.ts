import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { type JsonPatchOp, KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import { podSpec, podStatus } from '../../model/pod-object.ts';
import type { Cluster } from '../../model/ports.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import { admitted } from '../admission.ts';
import { addEphemeral, ephemeralOf } from '../ephemeral.ts';
import { markedBy } from '../marks.ts';
import { rewrite } from '../rewrite.ts';
import { containerName, containerOf, type FaultName, stateIn, workIn } from './container.ts';
import type { InPodData } from './data.ts';
import type { InPod, Placed, Task } from './kind.ts';

/** Ephemeral containers of a pod on its node's network would act on the node; mirror pods take none. */
export function isTied(pod: KubeObject): boolean {
  return podSpec(pod).hostNetwork === true || pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}

/** Whether a pod has an address of IPv6. */
export function hasIPv6(pod: KubeObject): boolean {
  return podStatus(pod).podIPs?.some(({ ip }) => ip.includes(':')) === true;
}

/** Puts the container of a fault into a pod. One that has it is left as it is; one that has gone is no error. */
export async function putInto<Data extends InPodData>(
  task: Task,
  it: InPod<Data>,
  plan: Placed<Data>,
  context: FaultContext,
): Promise<void> {
  const { cluster } = context;
  const { namespace = '', name = '', uid } = task.object.metadata;
  const decide = (pod: KubeObject | undefined): JsonPatchOp[] => {
    if (pod === undefined || pod.metadata.uid !== uid || pod.metadata.deletionTimestamp !== undefined) return [];
    if (stateIn(pod, containerName(plan)).kind !== 'absent') return [];
    refuseOther(cluster.name, pod, plan.runId);
    return addOps(task, it, plan, pod);
  };
  try {
    await rewrite(cluster, ephemeralOf(namespace, name), decide);
  } catch (error) {
    const now = await cluster.get({ ...KINDS.pod, namespace, name });
    if (now?.metadata.uid === uid && now?.metadata.deletionTimestamp === undefined) throw error;
  }
}

/** Asks whether the container would be taken, for one pod of each namespace, as admission is a namespace's own. Throws FAULT_REFUSED. */
export async function askAdmission<Data extends InPodData>(
  tasks: readonly Task[],
  it: InPod<Data>,
  plan: Placed<Data>,
  context: FaultContext,
): Promise<void> {
  const first = new Map(tasks.toReversed().map((task) => [task.pod.namespace, task]));
  for (const [namespace, task] of first) {
    const { name = '' } = task.object.metadata;
    await admitted(context.cluster, ephemeralOf(namespace, name), addOps(task, it, plan, task.object), {
      what: `${it.kind} is not admitted in namespace ${namespace}`,
      hint: it.unadmitted,
    });
  }
}

function addOps<Data extends InPodData>(
  { script }: Task,
  { kind }: InPod<Data>,
  plan: Placed<Data>,
  pod: KubeObject,
): JsonPatchOp[] {
  return addEphemeral(pod, containerOf(kind, plan, plan.data.image, script));
}

/** Throws OPEN_RUN where another run than this one is at work in a pod. */
export function refuseOther(cluster: string, pod: KubeObject, runId: string): void {
  const marked = markedBy(pod) ?? workIn(pod).find((work) => work.runId !== runId)?.runId;
  if (marked === undefined || marked === runId) return;
  const { namespace, name } = pod.metadata;
  const what =
    markedBy(pod) === undefined
      ? `cluster ${cluster}: pod ${namespace}/${name} is still cut off by run ${marked}`
      : `cluster ${cluster}: pod ${namespace}/${name} is still labelled ${RUN_LABEL} by run ${marked}`;
  throw new FaultlineError('OPEN_RUN', what, { hint: SCAN_COMMAND });
}

/** The pods of a namespace that have a fault's container, wherever they are by now. */
export async function podsWith(fault: FaultName, cluster: Cluster, namespace: string): Promise<KubeObject[]> {
  const pods = await cluster.list(KINDS.pod, { namespace });
  return pods.filter((pod) => stateIn(pod, containerName(fault)).kind !== 'absent');
}

/** Nodes of a list that say which images they have, and not this one. Kubelets list the 50 largest (nodeStatusMaxImages). */
export function withoutImage(nodes: readonly KubeObject[], image: string): string[] {
  const names = [image, `docker.io/${image}`, `docker.io/library/${image}`];
  const isWithout = ({ status }: KubeObject): boolean => {
    const { images } = (status ?? {}) as { images?: { names?: string[] }[] };
    return images !== undefined && !images.some((one) => one.names?.some((name) => names.includes(name)));
  };
  return nodes.filter(isWithout).map(({ metadata }) => metadata.name ?? '');
}
