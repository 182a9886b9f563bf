import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { requireWritten } from '../admission.ts';
import type { PlanOf } from '../define.ts';
import { markedBy, markOps, setOps, unmarkOps } from '../marks.ts';
import { rewrite } from '../rewrite.ts';
import { deletesVolumes, replicasOf, type ScaleData, saidReplicas, workloadRef, workloadText } from './workload.ts';

/** Scales the workload. A mark or a count that has changed since the plan ends the run, and so does one that admission makes of it. */
export async function inject({ data, runId }: PlanOf<ScaleData>, { cluster }: FaultContext): Promise<void> {
  const ref = workloadRef(data);
  const answer = await rewrite(cluster, ref, (object) => {
    const changed = object === undefined ? 'it is gone' : changedSincePlan(object, data);
    if (object === undefined || changed !== undefined) {
      throw new FaultlineError('FAULT_CONFLICT', `${workloadText(data)} has changed since the plan: ${changed}`);
    }
    const ops = setOps('/spec/replicas', saidReplicas(object), data.during);
    return [...markOps(object, runId, undoPatch(data)), ...ops];
  });
  const { before, during, unsaid } = data;
  const back = (object: KubeObject) => [
    ...setOps('/spec/replicas', saidReplicas(object), unsaid ? undefined : before),
    ...unmarkOps(object, runId),
  ];
  const read = (object: KubeObject) => ({ replicas: replicasOf(object) });
  await requireWritten(cluster, { ref, answer, wanted: { replicas: during }, read, back });
}

/** As `kubectl patch` takes it: a custom resource has no strategic merge patch, and a list is a JSON patch. */
function undoPatch({ workload, before, unsaid }: ScaleData): Json {
  if (workload !== 'Rollout') return { spec: { replicas: before } };
  const path = '/spec/replicas';
  return [unsaid ? { op: 'remove', path } : { op: 'replace', path, value: before }];
}

function changedSincePlan(object: KubeObject, { uid, before }: ScaleData): string | undefined {
  if (object.metadata.uid !== uid) return 'it was created anew';
  const marked = markedBy(object);
  if (marked !== undefined) return `run ${marked} has changed it`;
  if (deletesVolumes(object)) return 'its volumes would be deleted with its pods (whenScaled: Delete)';
  const now = replicasOf(object);
  return now === before ? undefined : `it has ${now} replicas`;
}
