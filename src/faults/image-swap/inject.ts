import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { requireWritten } from '../admission.ts';
import type { PlanOf } from '../define.ts';
import { textOf } from '../marked-plans.ts';
import { markedBy, markOps, unmarkOps } from '../marks.ts';
import { rewrite } from '../rewrite.ts';
import {
  containerFields,
  fieldOps,
  restorePatch,
  type SwapData,
  sameFields,
  workloadRef,
  workloadText,
} from './fields.ts';
import { markTemplateOps, unmarkTemplateOps } from './template.ts';
import { readWorkload } from './workload.ts';

/** Swaps the fields. A mark or a field that has changed since the plan ends the run, and so does what admission makes of them. */
export async function inject(plan: PlanOf<SwapData>, { cluster }: FaultContext): Promise<void> {
  const { data, runId } = plan;
  const ref = workloadRef(data);
  const answer = await rewrite(cluster, ref, (object) => {
    const changed = object === undefined ? 'it is gone' : changedSincePlan(object, data);
    if (object === undefined || changed !== undefined) {
      const what = `${workloadText(ref)} has changed since the plan: ${changed}`;
      throw new FaultlineError('FAULT_CONFLICT', what);
    }
    return [
      ...markOps(
        object,
        runId,
        restorePatch(object, data.container, data.before, { now: data.during, isMarked: true }),
      ),
      ...fieldOps(readWorkload(object), data.container, data.before, data.during),
      ...markTemplateOps(object, textOf(plan, object)),
    ];
  });
  const read = (object: KubeObject) => containerFields(readWorkload(object), data.container);
  const back = (object: KubeObject) => [
    ...fieldOps(readWorkload(object), data.container, read(object), data.before),
    ...unmarkTemplateOps(object, runId),
    ...unmarkOps(object, runId),
  ];
  await requireWritten(cluster, { ref, answer, wanted: data.during, read, back });
}

function changedSincePlan(object: KubeObject, data: SwapData): string | undefined {
  if (object.metadata.uid !== data.uid) return 'it was created anew';
  const marked = markedBy(object);
  if (marked !== undefined) return `run ${marked} has changed it`;
  const now = containerFields(readWorkload(object), data.container);
  return sameFields(now, data.before) ? undefined : `container ${data.container} holds ${JSON.stringify(now)}`;
}
