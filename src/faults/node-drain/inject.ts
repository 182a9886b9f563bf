import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { requireWritten } from '../admission.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { markedBy, markOps, setOps, unmarkOps } from '../marks.ts';
import { rewrite } from '../rewrite.ts';
import { cordonOf, type DrainData, type DrainedNode, type Evicted, nodeRef } from './nodes.ts';
import { cordonText } from './plan.ts';

/** What the API answers where a PodDisruptionBudget forbids an eviction (Kubernetes: API-initiated eviction). */
const TOO_MANY = 429;
const PAUSE_MS = 1_000;

/** Cordons the nodes that are not, and then evicts: an evicted pod must not come back to where it was. */
export async function inject(plan: PlanOf<DrainData>, context: FaultContext): Promise<void> {
  const { nodes, pods, waitMs } = plan.data;
  await endAll(nodes.filter(({ before }) => before !== true).map((node) => cordon(node, plan.runId, context)));
  const end = context.now() + waitMs * 1000;
  await endAll(pods.map((pod) => evict(pod, end, context)));
}

async function cordon(node: DrainedNode, runId: string, { cluster }: FaultContext): Promise<void> {
  const ref = nodeRef(node.name);
  const answer = await rewrite(cluster, ref, (object) => {
    const changed = object === undefined ? 'it is gone' : changedSincePlan(object, node);
    if (object === undefined || changed !== undefined) {
      throw new FaultlineError('FAULT_CONFLICT', `node ${node.name} has changed since the plan: ${changed}`);
    }
    const before = node.before ?? undefined;
    return [
      ...markOps(object, runId, { spec: { unschedulable: node.before } }),
      ...setOps('/spec/unschedulable', before, true),
    ];
  });
  const back = (object: KubeObject) => [
    ...setOps('/spec/unschedulable', cordonOf(object), node.before ?? undefined),
    ...unmarkOps(object, runId),
  ];
  const read = (object: KubeObject) => ({ unschedulable: cordonOf(object) === true });
  await requireWritten(cluster, { ref, answer, wanted: { unschedulable: true }, read, back });
}

function changedSincePlan(object: KubeObject, { uid, before }: DrainedNode): string | undefined {
  if (object.metadata.uid !== uid) return 'it was registered anew';
  const marked = markedBy(object);
  if (marked !== undefined) return `run ${marked} has changed it`;
  const now = cordonOf(object);
  return now === (before ?? undefined) ? undefined : `its unschedulable is ${cordonText(now)}`;
}

/** Evicts one pod by name and UID, again and again while a PodDisruptionBudget forbids it. */
async function evict({ namespace, name, uid }: Evicted, end: number, context: FaultContext): Promise<void> {
  for (;;) {
    try {
      return await context.cluster.delete({ ...KINDS.pod, namespace, name }, { uid, evict: true });
    } catch (error) {
      const { status } = error as { readonly status?: number };
      if (status !== TOO_MANY || context.signal.aborted || context.now() >= end) throw inTime(error, status);
      await context.clock.sleep(PAUSE_MS, context.signal);
    }
  }
}

function inTime(error: unknown, status: number | undefined): unknown {
  if (status !== TOO_MANY || !(error instanceof FaultlineError)) return error;
  const hint =
    'A PodDisruptionBudget holds it: kubectl get pdb -A; more pods of the workload elsewhere, or a longer `wait`.';
  return new FaultlineError('KUBE_API', `${error.message}, until the wait was over`, { hint, cause: error });
}
