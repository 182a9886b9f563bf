import type { EffectProof, FaultContext } from '../../model/fault.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { poll, unproven } from '../poll.ts';
import { podsOf, replicasOf, type ScaleData, workloadRef, workloadText } from './workload.ts';

/** A pod may take its whole grace period to go; beyond this the fault counts as not proven. */
const LIMIT_MS = 90_000;

/** The workload holds the new count, and no more pods than that are left, those that still shut down included. */
export async function prove(plan: PlanOf<ScaleData>, context: FaultContext): Promise<EffectProof> {
  const { data, affected } = plan;
  const { cluster } = context;
  const look = async (): Promise<EffectProof | undefined> => {
    const before = context.now();
    const off = offText(await cluster.get(workloadRef(data)), data);
    if (off !== undefined) return unproven(`${workloadText(data)} ${off}`);
    const pods = await podsOf(cluster, data);
    if (pods.length > data.during) return undefined;
    const left = new Set(pods.map(({ name }) => name));
    const gone = affected.filter(({ pod }) => !left.has(pod));
    const detail = `the ${data.workload} holds ${data.during} replicas, ${left.size} of its pods are left, ${gone.length} are gone`;
    return { proven: true, observed: true, detail, effective: before, affected: gone };
  };
  return (await poll(context, LIMIT_MS, look)) ?? unproven('pods that should have gone are still there');
}

function offText(object: KubeObject | undefined, { uid, during }: ScaleData): string | undefined {
  if (object === undefined) return 'is gone';
  if (object.metadata.uid !== uid) return 'was created anew';
  const now = replicasOf(object);
  return now === during ? undefined : `was scaled to ${now} by somebody else`;
}
