import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { type JsonPatchOp, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { admissionMade } from '../admission.ts';
import type { PlanOf } from '../define.ts';
import { isAnew, isUnclaimed, otherMark, unmarkOps } from '../marks.ts';
import { restore } from '../rewrite.ts';
import {
  containerFields,
  fieldsPutBack,
  foreignFields,
  ownOps,
  putBackOps,
  type SwapData,
  type SwapFields,
  sameFields,
  workloadRef,
  workloadText,
} from './fields.ts';
import { awaitRollout } from './rollout.ts';
import { plansIn, restoreCommand, unmarkTemplateOps } from './template.ts';
import { readWorkload } from './workload.ts';

/**
 * Puts back each of image and command that still holds what the swap wrote, and looks until no pod runs the fault. A field
 * that holds a third value is somebody else's, and stays, as a workload does that is gone. One that was created anew is
 * theirs, too: what it still holds of the fault is told, and where it holds nothing of that, what is left of the marks comes off.
 */
export async function undo(plan: PlanOf<SwapData>, context: FaultContext): Promise<UndoOutcome> {
  const ref = workloadRef(plan.data);
  let isTaken = false;
  const read = (object: KubeObject) => containerFields(readWorkload(object), plan.data.container);
  let sent: SwapFields | undefined;
  let made: SwapFields | undefined;
  const decide = (found: KubeObject | undefined) => {
    isTaken ||= found !== undefined && isUntold(found, plan, context);
    // What is decided on once more is what has become of the write before.
    if (made === undefined && found !== undefined) sent = fieldsPutBack(read(found), plan.data);
    return restoreOps(found, plan);
  };
  const restored = await restore(context.cluster, ref, decide, (answer) => {
    made = read(answer);
  });
  const byAdmission = restored === undefined ? undefined : madeText(read(restored), sent, made);
  const before = byAdmission ?? conflictOf(restored, plan);
  if (before !== undefined) return conflicted(plan, before, restored);
  const { state, detail, commands, orphans, object } = await awaitRollout(plan, restored?.metadata.uid, context);
  // Others may have changed it while its pods were waited for.
  const conflict = conflictOf(object, plan);
  if (object === undefined || conflict !== undefined) return conflicted(plan, conflict ?? GONE, object);
  const workload = readWorkload(object);
  if (putBackOps(workload, plan.data).length > 0) {
    throw new FaultlineError('FAULT_CONFLICT', `${workloadText(ref)} holds the fault again, which was put back`);
  }
  const after = containerFields(workload, plan.data.container);
  const end = isAnew(object, plan.data) ? 'gone' : 'put-back';
  const done = touched(plan, after, state === 'failed' ? 'left-behind' : end);
  const objects = [...done, ...orphans.map((pod) => orphaned(pod, context))];
  return {
    state,
    detail: `${isAnew(object, plan.data) ? ANEW_CLEAN : 'image and command are back'}${isTaken ? UNTOLD : ''}, ${detail}`,
    objects,
    commands,
  };
}

function orphaned({ metadata: { namespace = '', name = '' } }: KubeObject, { cluster }: FaultContext): TouchedObject {
  return { cluster: cluster.name, kind: KINDS.pod.kind, namespace, name, change: 'runs the fault', state: 'conflict' };
}

const GONE = 'it is gone';
const ANEW_CLEAN = 'it was deleted and created anew, and holds nothing of the fault';
const UNTOLD =
  ' (what the fault had written stood there without its mark, and its plans are not in the cluster any more: where somebody had set it on purpose since, that has gone with it)';

/** Whether it holds what the fault wrote, and nothing in the cluster tells that the fault did. */
function isUntold(object: KubeObject, { data, runId }: PlanOf<SwapData>, context: FaultContext): boolean {
  if (!isUnclaimed(object, context) || isAnew(object, data)) return false;
  return putBackOps(readWorkload(object), data).length > 0 && !plansIn(object).some((plan) => plan.runId === runId);
}

function restoreOps(object: KubeObject | undefined, plan: PlanOf<SwapData>): JsonPatchOp[] {
  const { data, runId } = plan;
  if (object === undefined) return [];
  const workload = readWorkload(object);
  // Its template is that run's, too: of ours only the annotations come off, where nobody has to decide.
  if (otherMark(object, runId) !== undefined)
    return conflictOf(object, plan) === undefined ? unmarkOps(object, runId) : [];
  if (isAnew(object, data)) {
    const isOn = putBackOps(workload, data).length > 0;
    return isOn ? [] : [...unmarkTemplateOps(object, runId), ...unmarkOps(object, runId)];
  }
  const ops = [...ownOps(object, data), ...unmarkTemplateOps(object, runId)];
  // What somebody has to decide about must be found again.
  const isOpen = foreignFields(object, data).length > 0;
  return isOpen ? ops : [...ops, ...unmarkOps(object, runId)];
}

/** Where the fields still hold what admission has made of those that were sent. */
function madeText(now: SwapFields, sent?: SwapFields, made?: SwapFields): string | undefined {
  if (sent === undefined || made === undefined || sameFields(made, sent)) return undefined;
  return sameFields(now, made) ? admissionMade(made, sent) : undefined;
}

function conflictOf(object: KubeObject | undefined, { data, runId }: PlanOf<SwapData>): string | undefined {
  if (object === undefined) return GONE;
  const workload = readWorkload(object);
  if (isAnew(object, data)) {
    return putBackOps(workload, data).length > 0 ? 'it was deleted and created anew, and holds the fault' : undefined;
  }
  const other = otherMark(object, runId);
  if (other !== undefined && putBackOps(workload, data).length > 0)
    return `it holds the fault, but is marked by run ${other}`;
  const foreign = foreignFields(object, data);
  if (foreign.length === 0) return undefined;
  const values = foreign.map(({ field, now }) => `${field} ${now === undefined ? 'none' : JSON.stringify(now)}`);
  return `container ${data.container} has ${values.join(' and ')}, which faultline did not write`;
}

function conflicted(plan: PlanOf<SwapData>, why: string, object: KubeObject | undefined): UndoOutcome {
  const { data } = plan;
  const ref = workloadRef(data);
  const now = object === undefined ? undefined : containerFields(readWorkload(object), data.container);
  const at = `${ref.kind.toLowerCase()}/${ref.name}`;
  const putBack = object === undefined ? [] : [restoreCommand(object, at, data)];
  return {
    state: 'conflict',
    detail: `${workloadText(ref)}: ${why}; it was left alone`,
    objects: touched(plan, now, 'conflict'),
    commands: putBack,
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
