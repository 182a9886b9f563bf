import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import type { JsonPatchOp, KubeObject } from '../../model/kubernetes.ts';
import { shellCommand } from '../../model/shell.ts';
import { isAlive } from '../../workload/pods.ts';
import { admissionMade } from '../admission.ts';
import type { PlanOf } from '../define.ts';
import { isAnew, isMarkedBy, isUnclaimed, otherMark, setOps, UNCLAIMED, unmarkOps } from '../marks.ts';
import { isTakenSince } from '../ownership.ts';
import { pollUndone } from '../poll.ts';
import { restore } from '../rewrite.ts';
import { podsOf, replicasOf, type ScaleData, workloadRef, workloadText } from './workload.ts';

const REPLICAS = '/spec/replicas';

/** How long the pods may take to come back before the undo stops waiting for them: a service may need minutes. */
const COME_BACK_MS = 300_000;

/**
 * Puts the recorded count back if the workload still holds the fault's, and is over when the pods are there. A third value under our
 * mark is somebody else's business and is reported; without our mark it is what an autoscaler makes of a workload that
 * was put back long ago. One that was created anew is theirs: only the fault's own count on it is reported.
 */
export async function undo(plan: PlanOf<ScaleData>, context: FaultContext): Promise<UndoOutcome> {
  const { data } = plan;
  const { cluster } = context;
  let found: KubeObject | undefined;
  let made: number | undefined;
  const decide = (object: KubeObject | undefined) => {
    found = object;
    return restoreOps(object, plan, context);
  };
  await restore(cluster, workloadRef(data), decide, (answer) => {
    made = replicasOf(answer);
  });
  if (found === undefined) return conflicted(plan, 'it is gone', found);
  if (stands(found, plan, context)) {
    const why = `it has ${replicasOf(found)} replicas, ${UNCLAIMED}`;
    return { ...conflicted(plan, why, found), stands: true };
  }
  const isMade = made !== undefined && made !== data.before && made === replicasOf(found);
  if (isMade) return conflicted(plan, admissionMade({ replicas: made }, { replicas: data.before }), found);
  const conflict = conflictOf(found, plan);
  if (conflict !== undefined) return conflicted(plan, conflict, found);
  let count = 0;
  const begun = context.now();
  const ready = await pollUndone(context, COME_BACK_MS, async () => {
    const pods = (await podsOf(cluster, data)).filter((pod) => pod.ready && isAlive(pod));
    found = await cluster.get(workloadRef(data));
    if (found === undefined || conflictOf(found, plan) !== undefined) return 0;
    count = replicasOf(found);
    return pods.length >= count ? pods.length : undefined;
  });
  // Others may have changed it while its pods were waited for.
  const since = found === undefined ? 'it is gone' : conflictOf(found, plan);
  if (since !== undefined) return conflicted(plan, since, found);
  // It had the count from before when this was over; what others set from then on is theirs.
  const who = count === data.before ? 'the count from before' : 'a count that somebody has set since';
  const isGone = found !== undefined && isAnew(found, data);
  const end = { after: String(isGone ? count : data.before), state: isGone ? 'gone' : 'put-back' } as const;
  const objects = plan.objects.map((object) => ({ ...object, ...end }));
  const back = { state: 'undone', objects, commands: [] } as const;
  if (ready !== undefined) return { ...back, detail: `it has ${who}, ${count}; ${ready} of its pods are ready` };
  const waited = Math.round((context.now() - begun) / 1_000_000);
  return {
    state: 'failed',
    detail: `it has ${who}, ${count}, but not seen in the pods of ${workloadText(data)}: some are missing after ${waited} s`,
    objects: objects.map((object) => ({ ...object, state: 'left-behind' })),
    commands: [
      shellCommand(['kubectl', '-n', data.namespace, 'describe', `${data.workload.toLowerCase()}/${data.name}`]),
    ],
  };
}

function restoreOps(object: KubeObject | undefined, plan: PlanOf<ScaleData>, context: FaultContext): JsonPatchOp[] {
  if (object === undefined || conflictOf(object, plan) !== undefined || stands(object, plan, context)) return [];
  const { before, during, unsaid } = plan.data;
  const restored = unsaid ? undefined : before;
  const isOn = replicasOf(object) === during;
  return [...(isOn ? setOps(REPLICAS, during, restored) : []), ...unmarkOps(object, plan.runId)];
}

/** Whether it holds the fault's count, and nobody can tell if the fault or somebody else has set it. */
function stands(object: KubeObject, plan: PlanOf<ScaleData>, context: FaultContext): boolean {
  const { before, during } = plan.data;
  const now = replicasOf(object);
  const isOn = now === during && now !== before;
  return isOn && conflictOf(object, plan) === undefined && isUnclaimed(object, context);
}

function conflictOf(object: KubeObject, { data, runId }: PlanOf<ScaleData>): string | undefined {
  const [now, other] = [replicasOf(object), otherMark(object, runId)];
  if (isAnew(object, data)) {
    return now === data.during
      ? `it was deleted and created anew, and has ${now} replicas, as the fault had`
      : undefined;
  }
  if (now === data.before) return undefined;
  if (now === data.during && other !== undefined) return `it is scaled, but marked by run ${other}`;
  if (now === data.during)
    return isTakenSince(object, REPLICAS)
      ? `it has ${now} replicas, as the fault had, which somebody else has set since`
      : undefined;
  return isMarkedBy(object, runId) ? `it has ${now} replicas, which faultline did not write` : undefined;
}

function conflicted(plan: PlanOf<ScaleData>, why: string, object: KubeObject | undefined): UndoOutcome {
  const { workload, namespace, name, before } = plan.data;
  const after = object === undefined ? {} : { after: String(replicasOf(object)) };
  return {
    state: 'conflict',
    detail: `${workloadText(plan.data)}: ${why}; it was left alone`,
    objects: plan.objects.map((touched) => ({ ...touched, ...after, state: 'conflict' })),
    commands:
      object === undefined
        ? []
        : [
            shellCommand([
              'kubectl',
              '-n',
              namespace,
              'scale',
              `${workload.toLowerCase()}/${name}`,
              `--replicas=${before}`,
            ]),
          ],
  };
}
