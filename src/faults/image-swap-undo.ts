import { FaultlineError } from '../model/errors.ts';
import type { FaultContext, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { TouchedObject } from '../model/history.ts';
import { KINDS, type KubeObject, type ObjectRef } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import {
  containerFields,
  fieldOps,
  readDeployment,
  restorePatch,
  type SwapData,
  type SwapFields,
  swapData,
} from './image-swap-fields.ts';
import { markedBy, sameJson, unchangedOps, unmarkOps } from './marks.ts';
import { poll } from './wait.ts';

/** How often a write that met somebody else's write is decided anew. */
const TRIES = 5;
/** How long the rollout back may take before the undo stops waiting for it. */
const ROLLOUT_LIMIT_MS = 60_000;

/**
 * Puts image and command back if they still hold what the swap wrote. A Deployment that is gone, was created anew, or
 * holds a third value is somebody else's business: it is left alone and reported.
 */
export async function undoImageSwap(plan: FaultPlan, context: FaultContext): Promise<UndoOutcome> {
  const data = swapData(plan);
  const ref: ObjectRef = { ...KINDS.deployment, namespace: data.namespace, name: data.name };
  for (let attempt = 1; ; attempt++) {
    const object = await context.cluster.get(ref);
    const conflict = conflictOf(object, data, plan.runId);
    if (object === undefined || conflict !== undefined) return conflicted(plan, data, conflict ?? 'it is gone', object);
    try {
      await restore(object, ref, plan, data, context);
      break;
    } catch (error) {
      const again = error instanceof FaultlineError && error.code === 'FAULT_CONFLICT' && attempt < TRIES;
      if (!again) throw error;
    }
  }
  return readBack(plan, data, ref, context);
}

function conflictOf(object: KubeObject | undefined, data: SwapData, runId: string): string | undefined {
  if (object === undefined) return 'it is gone';
  if (object.metadata.uid !== data.uid) return 'it was deleted and created anew';
  const now = containerFields(readDeployment(object), data.container);
  if (same(now, data.before)) return undefined;
  const marked = markedBy(object);
  if (same(now, data.during)) {
    return marked === runId ? undefined : `it holds the fault's image, but the mark on it is ${marked ?? 'gone'}`;
  }
  return `container ${data.container} holds ${JSON.stringify(now)}, which faultline did not write`;
}

async function restore(
  object: KubeObject,
  ref: ObjectRef,
  plan: FaultPlan,
  data: SwapData,
  context: FaultContext,
): Promise<void> {
  const deployment = readDeployment(object);
  const fields = same(containerFields(deployment, data.container), data.before)
    ? []
    : fieldOps(deployment, data.container, data.during, data.before);
  const ops = [...fields, ...unmarkOps(object, plan.runId)];
  if (ops.length === 0) return;
  await context.cluster.patch(ref, [...unchangedOps(object), ...ops]);
}

async function readBack(plan: FaultPlan, data: SwapData, ref: ObjectRef, context: FaultContext): Promise<UndoOutcome> {
  const object = await context.cluster.get(ref);
  const conflict = conflictOf(object, data, plan.runId);
  if (object === undefined || conflict !== undefined) return conflicted(plan, data, conflict ?? 'it is gone', object);
  const after = containerFields(readDeployment(object), data.container);
  if (!same(after, data.before))
    return conflicted(plan, data, 'the fields read back are not the ones from before', object);
  const rolledOut = await poll(context, ROLLOUT_LIMIT_MS, async () => {
    const now = await context.cluster.get(ref);
    return now !== undefined && readDeployment(now).rolledOut ? true : undefined;
  });
  const detail =
    rolledOut === true
      ? 'image and command are back, the rollout is complete'
      : 'image and command are back, the rollout still goes on';
  return { state: 'undone', detail, objects: touched(plan, after, 'put-back'), commands: [] };
}

function conflicted(plan: FaultPlan, data: SwapData, why: string, object: KubeObject | undefined): UndoOutcome {
  const now = object === undefined ? undefined : containerFields(readDeployment(object), data.container);
  const patch = JSON.stringify(restorePatch(data.container, data.before)).replaceAll("'", "'\\''");
  return {
    state: 'conflict',
    detail: `Deployment ${data.namespace}/${data.name}: ${why}; it was left alone`,
    objects: touched(plan, now, 'conflict'),
    commands: object === undefined ? [] : [`kubectl -n ${data.namespace} patch deployment/${data.name} -p '${patch}'`],
  };
}

function touched(plan: FaultPlan, after: SwapFields | undefined, state: TouchedObject['state']): TouchedObject[] {
  return plan.objects.map((object) => ({
    ...object,
    ...(after === undefined ? {} : { after: JSON.stringify(after) }),
    state,
  }));
}

function same(a: SwapFields, b: SwapFields): boolean {
  return a.image === b.image && sameJson(a.command as Json | undefined, b.command as Json | undefined);
}
