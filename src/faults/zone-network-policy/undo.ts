import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS, type KubeKind, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import { listPods } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { markedBy } from '../marks.ts';
import { BLACKHOLE_LABEL, objectName, type PolicyData } from './objects.ts';
import { blackholeSelector, unlabelPod } from './pods.ts';

/**
 * Deletes the policies first, so that traffic flows again at once, then the jobs and the labels. Objects of the same
 * name that do not carry the run's label are not ours and stay.
 */
export async function undo(plan: PlanOf<PolicyData>, context: FaultContext): Promise<UndoOutcome> {
  const { namespaces } = plan.data;
  for (const kind of [KINDS.networkPolicy, KINDS.job]) {
    await endAll(namespaces.map((namespace) => remove(kind, namespace, plan, context)));
  }
  await endAll(namespaces.map((namespace) => unlabelAll(plan, namespace, context)));
  const there = await readBack(plan, context);
  const left = there.filter((object) => markedBy(object) === plan.runId);
  const foreign = there.filter((object) => markedBy(object) !== plan.runId);
  return {
    state: foreign.length > 0 ? 'conflict' : left.length > 0 ? 'failed' : 'undone',
    detail: detailOf(left, foreign),
    objects: plan.objects.map((object) => touched(object, left, foreign)),
    commands: left.map(commandFor),
  };
}

async function remove(
  kind: KubeKind,
  namespace: string,
  plan: PlanOf<PolicyData>,
  { cluster }: FaultContext,
): Promise<void> {
  const ref = { ...kind, namespace, name: objectName(plan) };
  const object = await cluster.get(ref);
  if (object === undefined || markedBy(object) !== plan.runId) return;
  const { uid } = object.metadata;
  await cluster.delete(ref, uid === undefined ? {} : { uid });
}

async function unlabelAll(plan: PlanOf<PolicyData>, namespace: string, { cluster }: FaultContext): Promise<void> {
  const pods = await listPods(cluster, namespace, blackholeSelector(plan), new Map());
  await endAll(pods.map((pod) => unlabelPod(cluster, pod, plan)));
}

/** What is still there under our names or with our labels, and not on its way out. */
async function readBack(plan: PlanOf<PolicyData>, { cluster }: FaultContext): Promise<KubeObject[]> {
  const labelSelector = blackholeSelector(plan);
  const name = objectName(plan);
  const looks = plan.data.namespaces.flatMap((namespace) => [
    ...[KINDS.networkPolicy, KINDS.job].map(async (kind) => [await cluster.get({ ...kind, namespace, name })]),
    cluster.list(KINDS.pod, { namespace, labelSelector }),
  ]);
  const found = (await endAll<readonly (KubeObject | undefined)[]>(looks)).flat();
  return found.flatMap((object) => (object?.metadata.deletionTimestamp === undefined && object ? [object] : []));
}

function detailOf(left: readonly KubeObject[], foreign: readonly KubeObject[]): string {
  if (left.length + foreign.length === 0) return 'policy and job are deleted, no pod carries the label';
  const parts = [
    ...(left.length === 0 ? [] : [`left: ${left.map(nameOf).join(', ')}`]),
    ...(foreign.length === 0 ? [] : [`not of this run and left alone: ${foreign.map(nameOf).join(', ')}`]),
  ];
  return parts.join('; ');
}

function touched(object: TouchedObject, left: readonly KubeObject[], foreign: readonly KubeObject[]): TouchedObject {
  const isIt = ({ kind, metadata: { namespace, name } }: KubeObject) =>
    kind === object.kind && namespace === object.namespace && name === object.name;
  if (left.some(isIt)) return { ...object, after: 'present', state: 'left-behind' };
  if (foreign.some(isIt)) return { ...object, after: 'present', state: 'conflict' };
  return { ...object, after: 'absent', state: 'put-back' };
}

function commandFor({ kind, metadata: { namespace, name } }: KubeObject): string {
  const kubectl = `kubectl -n ${namespace}`;
  if (kind === KINDS.pod.kind) return `${kubectl} label pod/${name} ${RUN_LABEL}- ${BLACKHOLE_LABEL}-`;
  return `${kubectl} delete ${kind.toLowerCase()}/${name}`;
}

function nameOf({ kind, metadata: { namespace, name } }: KubeObject): string {
  return `${kind} ${namespace}/${name}`;
}
