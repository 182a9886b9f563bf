import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { markedBy, markOps } from '../marks.ts';
import { rewrite } from '../rewrite.ts';
import {
  containerFields,
  deploymentRef,
  fieldOps,
  readDeployment,
  restorePatch,
  type SwapData,
  sameFields,
} from './fields.ts';

/** Swaps the fields. A mark or a field that has changed since the plan ends the run. */
export async function inject({ data, runId }: PlanOf<SwapData>, { cluster }: FaultContext): Promise<void> {
  await rewrite(cluster, deploymentRef(data), (object) => {
    const changed = object === undefined ? 'it is gone' : changedSincePlan(object, data);
    if (object === undefined || changed !== undefined) {
      const what = `Deployment ${data.namespace}/${data.name} has changed since the plan: ${changed}`;
      throw new FaultlineError('FAULT_CONFLICT', what);
    }
    return [
      ...markOps(object, runId, restorePatch(data.container, data.before)),
      ...fieldOps(readDeployment(object), data.container, data.before, data.during),
    ];
  });
}

function changedSincePlan(object: KubeObject, data: SwapData): string | undefined {
  if (object.metadata.uid !== data.uid) return 'it was created anew';
  const marked = markedBy(object);
  if (marked !== undefined) return `run ${marked} has changed it`;
  const now = containerFields(readDeployment(object), data.container);
  return sameFields(now, data.before) ? undefined : `container ${data.container} holds ${JSON.stringify(now)}`;
}
