import { type Condition, conditionOf } from '../../model/conditions.ts';
import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import { KINDS, type KubeObject, PLAN_ANNOTATION } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import { isEnded, podStatus } from '../../model/pod-object.ts';
import { isOfAnother } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { planIn } from '../marked-plans.ts';
import { pollUndone } from '../poll.ts';
import { held, isRollout } from './argo.ts';
import { type SwapData, workloadRef, workloadText } from './fields.ts';
import { standstill } from './rolling.ts';
import { releaseStuck } from './stuck.ts';
import { readWorkload } from './workload.ts';

/** How long a rollout may stand still before the undo asks the cluster what keeps it back, and ends where it says so. */
const STILL_MS = 60_000;
/** How long it may take in all: a service may need minutes until it is ready. */
const LIMIT_MS = 300_000;

/** What became of the pods once the template was back, with the pods that somebody must decide about. */
type RolledBack = Pick<UndoOutcome, 'state' | 'detail' | 'commands'> & {
  readonly orphans: readonly KubeObject[];
  /** The workload as it was seen last; absent where it has gone meanwhile. */
  readonly object?: KubeObject;
};

/** The workload, and the pods that still run the fault where the rollout is complete. */
type Look = { readonly object: KubeObject; readonly isComplete: boolean; readonly pods: readonly KubeObject[] };

/**
 * Waits until no pod of the workload with this UID runs the fault: the workload says that its rollout is complete, and no pod of it carries the fault's
 * plan, which came with the template.
 */
export async function awaitRollout(
  plan: PlanOf<SwapData>,
  uid: string | undefined,
  context: FaultContext,
): Promise<RolledBack> {
  const { now } = context;
  let last: Look | undefined;
  let reason: string | undefined;
  let progress = '';
  const begun = now();
  let since = begun;
  await pollUndone(context, LIMIT_MS, async () => {
    last = await look(plan, uid, context);
    if (last === undefined || isDone(last) || standstill(last.object) !== undefined) return true;
    await releaseStuck(last.object, plan, context);
    const seen = JSON.stringify([last.object.status, last.pods.length]);
    if (seen !== progress) since = now();
    progress = seen;
    if (now() < since + STILL_MS * 1000) return undefined;
    since = now();
    reason = await reasonOf(last.object, context);
    return reason === undefined ? undefined : true;
  });
  const orphans = last?.pods.filter((pod) => !isOwned(pod)) ?? [];
  if (last === undefined) return over('conflict', 'and it has gone since');
  const { object } = last;
  if (isDone(last) && orphans.length === 0) return { ...over('undone', 'the rollout is complete'), object };
  if (isDone(last))
    return { ...over('conflict', `but ${orphanText(orphans)}`, orphans.map(deletion)), orphans, object };
  const why = standstill(last.object);
  const text = reason ?? `the rollout is not complete after ${Math.round((now() - begun) / 1_000_000)} s`;
  const whose = workloadText(workloadRef(plan.data));
  const unseen = `but not seen in the pods of ${whose}: ${why === undefined ? text : `it ${why}`}`;
  return { ...over('failed', unseen, [commandFor(object)]), object };
}

function over(state: UndoOutcome['state'], detail: string, commands: readonly string[] = []): RolledBack {
  return { state, detail, commands, orphans: [] };
}

async function look(
  plan: PlanOf<SwapData>,
  uid: string | undefined,
  { cluster }: FaultContext,
): Promise<Look | undefined> {
  const object = await cluster.get(workloadRef(plan.data));
  // Somebody has taken it away in this very moment: its pods go with it.
  if (object === undefined || object.metadata.uid !== uid) return undefined;
  const isComplete = readWorkload(object).rolledOut;
  if (!isComplete) return { object, isComplete, pods: [] };
  const pods = await cluster.list(KINDS.pod, { namespace: plan.data.namespace });
  // Somebody may have copied the swapped workload: the copy is theirs, and goes on running the fault.
  return { object, isComplete, pods: pods.filter((pod) => runsFault(pod, plan) && !isOfAnother(pod, object)) };
}

/** Alive, and made from the swapped template. */
function runsFault(pod: KubeObject, { runId, fault }: PlanOf<SwapData>): boolean {
  const marked = planIn(pod.metadata.annotations?.[PLAN_ANNOTATION]);
  const isGone = pod.metadata.deletionTimestamp !== undefined || isEnded(pod);
  return !isGone && marked?.runId === runId && marked.fault === fault;
}

/** A pod without a controller is replaced by nobody: somebody has changed its labels so that it fell out of its workload. */
const isOwned = ({ metadata }: KubeObject) =>
  metadata.ownerReferences?.some(({ controller }) => controller === true) === true;
const isDone = ({ isComplete, pods }: Look) => isComplete && !pods.some(isOwned);

const nameOf = ({ metadata: { namespace, name } }: KubeObject) => `${namespace}/${name}`;
const deletion = ({ metadata: { namespace, name } }: KubeObject) =>
  `kubectl -n ${namespace} delete pod/${name} --wait=false`;

function orphanText(orphans: readonly KubeObject[]): string {
  return `Pod ${orphans.map(nameOf).join(', ')} still runs the fault: somebody has taken it out of the workload; it was left alone`;
}

function commandFor(object: KubeObject): string {
  const {
    kind,
    metadata: { namespace, name },
    spec,
  } = object;
  const isPaused = (spec as { paused?: boolean } | undefined)?.paused === true;
  if (isRollout(object)) {
    const resume = `kubectl -n ${namespace} patch rollout/${name} --type=merge -p '{"spec":{"paused":false}}'`;
    return isPaused ? resume : (held(object)?.command ?? `kubectl -n ${namespace} describe rollout/${name}`);
  }
  const verb = isPaused ? 'resume' : 'status';
  return `kubectl -n ${namespace} rollout ${verb} ${kind.toLowerCase()}/${name}`;
}

/** What the cluster itself says of a rollout that does not move: its controller's words, else those of a pod that waits. */
async function reasonOf(object: KubeObject, { cluster }: FaultContext): Promise<string | undefined> {
  const holds = held(object);
  if (holds !== undefined) return holds.text;
  const failure = withStatus(object, 'ReplicaFailure', 'True') ?? withStatus(object, 'Progressing', 'False');
  const { namespace = '' } = object.metadata;
  const labelSelector = selectorText(readWorkload(object).matchLabels);
  const pods = await cluster.list(KINDS.pod, { namespace, labelSelector });
  const own = pods.filter((pod) => !isOfAnother(pod, object));
  return own.map(waitingText).find((text) => text !== undefined) ?? failure?.message;
}

function withStatus(object: KubeObject, type: string, status: 'True' | 'False'): Condition | undefined {
  const condition = conditionOf(object, type);
  return condition?.status === status ? condition : undefined;
}

/** Why containers wait that are being started, which is nothing that would keep them from it. */
const STARTING: readonly (string | undefined)[] = [undefined, 'ContainerCreating', 'PodInitializing'];

function waitingText(pod: KubeObject): string | undefined {
  const { containerStatuses = [] } = podStatus(pod);
  const placed = withStatus(pod, 'PodScheduled', 'False');
  const waiting = containerStatuses.map(({ state }) => state?.waiting).find((one) => !STARTING.includes(one?.reason));
  const parts = [waiting?.reason, waiting?.message ?? placed?.message].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : `Pod ${nameOf(pod)}: ${parts.join(': ')}`;
}
