import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import type { JsonPatchOp, KubeObject } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { markedBy, unmarkOps } from '../marks.ts';
import { poll } from '../poll.ts';
import { rewrite } from '../rewrite.ts';
import {
  containerFields,
  fieldOps,
  restorePatch,
  type SwapData,
  type SwapFields,
  sameFields,
  workloadRef,
  workloadText,
} from './fields.ts';
import { releaseStuck } from './stuck.ts';
import { readWorkload } from './workload.ts';

/** How long the rollout back may take before the undo stops waiting for it. */
const ROLLOUT_LIMIT_MS = 60_000;

/**
 * Puts image and command back if they still hold what the swap wrote. A workload that is gone, was created anew, or
 * holds a third value is somebody else's business: it is left alone and reported.
 */
export async function undo(plan: PlanOf<SwapData>, context: FaultContext): Promise<UndoOutcome> {
  await rewrite(context.cluster, workloadRef(plan.data), (object) => restoreOps(object, plan));
  return readBack(plan, context);
}

function restoreOps(object: KubeObject | undefined, { data, runId }: PlanOf<SwapData>): JsonPatchOp[] {
  if (object === undefined || conflictOf(object, data, runId) !== undefined) return [];
  const workload = readWorkload(object);
  const back = sameFields(containerFields(workload, data.container), data.before);
  return [...(back ? [] : fieldOps(workload, data.container, data.during, data.before)), ...unmarkOps(object, runId)];
}

function conflictOf(object: KubeObject | undefined, data: SwapData, runId: string): string | undefined {
  if (object === undefined) return 'it is gone';
  if (object.metadata.uid !== data.uid) return 'it was deleted and created anew';
  const now = containerFields(readWorkload(object), data.container);
  if (sameFields(now, data.before)) return undefined;
  const marked = markedBy(object);
  if (sameFields(now, data.during)) {
    return marked === runId ? undefined : `it holds the fault's image, but the mark on it is ${marked ?? 'gone'}`;
  }
  return `container ${data.container} holds ${JSON.stringify(now)}, which faultline did not write`;
}

async function readBack(plan: PlanOf<SwapData>, context: FaultContext): Promise<UndoOutcome> {
  const ref = workloadRef(plan.data);
  const object = await context.cluster.get(ref);
  const conflict = conflictOf(object, plan.data, plan.runId);
  if (object === undefined || conflict !== undefined) return conflicted(plan, conflict ?? 'it is gone', object);
  const after = containerFields(readWorkload(object), plan.data.container);
  if (!sameFields(after, plan.data.before))
    return conflicted(plan, 'the fields read back are not the ones from before', object);
  const rolledOut = await poll(context, ROLLOUT_LIMIT_MS, async () => {
    const now = await context.cluster.get(ref);
    if (now === undefined) return undefined;
    if (readWorkload(now).rolledOut) return true;
    if (now.metadata.uid === plan.data.uid) await releaseStuck(now, plan.data, context);
    return undefined;
  });
  const detail =
    rolledOut === true
      ? 'image and command are back, the rollout is complete'
      : 'image and command are back, the rollout still goes on';
  return { state: 'undone', detail, objects: touched(plan, after, 'put-back'), commands: [] };
}

function conflicted(plan: PlanOf<SwapData>, why: string, object: KubeObject | undefined): UndoOutcome {
  const { data } = plan;
  const ref = workloadRef(data);
  const now = object === undefined ? undefined : containerFields(readWorkload(object), data.container);
  const patch = JSON.stringify(restorePatch(data.container, data.before)).replaceAll("'", "'\\''");
  return {
    state: 'conflict',
    detail: `${workloadText(ref)}: ${why}; it was left alone`,
    objects: touched(plan, now, 'conflict'),
    commands:
      object === undefined
        ? []
        : [`kubectl -n ${data.namespace} patch ${ref.kind.toLowerCase()}/${ref.name} -p '${patch}'`],
  };
}

function touched(
  plan: PlanOf<SwapData>,
  after: SwapFields | undefined,
  state: TouchedObject['state'],
): TouchedObject[] {
  return plan.objects.map((object) => ({
    ...object,
    ...(after === undefined ? {} : { after: JSON.stringify(after) }),
    state,
  }));
}
