import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import { KINDS, type KubeKind, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import { isLeaving } from '../../model/leaving.ts';
import type { Cluster } from '../../model/ports.ts';
import { readPod } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { markedBy } from '../marks.ts';
import { deleteCommand, deletionOutcome, editedText } from '../owned/outcome.ts';
import { BLACKHOLE_LABEL, objectName, type PolicyData } from './objects.ts';
import { isLabelled, unlabelPod } from './pods.ts';

/**
 * Deletes the policies first, so that traffic flows again at once, then the jobs and the labels. Objects of the same
 * name that do not carry the run's label are not ours and stay.
 */
export async function undo(plan: PlanOf<PolicyData>, context: FaultContext): Promise<UndoOutcome> {
  const { namespaces } = plan.data;
  const deleted = await endAll(
    namespaces.map(async (namespace) => {
      const policy = await remove(KINDS.networkPolicy, namespace, plan, context);
      await remove(KINDS.job, namespace, plan, context);
      return policy;
    }),
  );
  await endAll(namespaces.map((namespace) => unlabelAll(plan, namespace, context)));
  const there = await readBack(plan, context);
  const left = there.filter((object) => object.kind === KINDS.pod.kind || isOurs(object, plan));
  const foreign = there.filter((object) => !left.includes(object));
  const done = `policy and job are deleted, no pod carries the label${editedText(deleted)}`;
  return deletionOutcome(plan.objects, { left, foreign }, { done, commandFor });
}

/** Deletes the object of this fault if it is ours, and returns it then. */
async function remove(
  kind: KubeKind,
  namespace: string,
  plan: PlanOf<PolicyData>,
  { cluster }: FaultContext,
): Promise<KubeObject | undefined> {
  const ref = { ...kind, namespace, name: objectName(plan) };
  const object = await cluster.get(ref);
  if (object === undefined || !isOurs(object, plan)) return undefined;
  const { uid } = object.metadata;
  await cluster.delete(ref, uid === undefined ? {} : { uid });
  return object;
}

/**
 * Marked by the run; or, where somebody has taken the marks off, a policy that still selects what this fault has labelled, and a Job, since its
 * name has run and fault in it.
 */
function isOurs(object: KubeObject, { runId, fault }: PlanOf<PolicyData>): boolean {
  const marked = markedBy(object);
  if (marked !== undefined) return marked === runId;
  if (object.kind === KINDS.job.kind) return true;
  const { podSelector } = (object.spec ?? {}) as { podSelector?: { matchLabels?: Record<string, string> } };
  const { [RUN_LABEL]: run, [BLACKHOLE_LABEL]: name } = podSelector?.matchLabels ?? {};
  return run === runId && name === fault;
}

async function unlabelAll(plan: PlanOf<PolicyData>, namespace: string, { cluster }: FaultContext): Promise<void> {
  const pods = await labelledPods(plan, namespace, cluster);
  await endAll(pods.map((pod) => unlabelPod(cluster, readPod(pod, new Map()), plan)));
}

async function labelledPods(plan: PlanOf<PolicyData>, namespace: string, cluster: Cluster): Promise<KubeObject[]> {
  return (await cluster.list(KINDS.pod, { namespace })).filter((pod) => isLabelled(pod, plan));
}

/** What is still there under our names or with our labels, and not about to be gone. */
async function readBack(plan: PlanOf<PolicyData>, { cluster }: FaultContext): Promise<KubeObject[]> {
  const name = objectName(plan);
  const looks = plan.data.namespaces.flatMap((namespace) => [
    ...[KINDS.networkPolicy, KINDS.job].map(async (kind) => [await cluster.get({ ...kind, namespace, name })]),
    labelledPods(plan, namespace, cluster),
  ]);
  const found = (await endAll<readonly (KubeObject | undefined)[]>(looks)).flat();
  return found.filter((object) => object !== undefined).filter((object) => !isLeaving(object));
}

function commandFor(object: KubeObject): string {
  const { kind, metadata } = object;
  if (kind !== KINDS.pod.kind) return deleteCommand(object);
  return `kubectl -n ${metadata.namespace} label pod/${metadata.name} ${RUN_LABEL}- ${BLACKHOLE_LABEL}-`;
}
