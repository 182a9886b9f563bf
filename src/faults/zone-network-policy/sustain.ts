import type { FaultContext } from '../../model/fault.ts';
import { RUN_LABEL } from '../../model/kubernetes.ts';
import { affectedBy } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { insist } from '../insist.ts';
import type { PolicyData } from './objects.ts';
import { labelPod, zonePods } from './pods.ts';

/** How often pods that came later are looked for. */
const LOOK_MS = 250;
/** Pods that came may be open for as long while the API server does not answer; after that the zone is not cut off. */
const OPEN_MS = 5_000;

/** Puts pods that come later under the policy, too. One that somebody has freed since is not taken again. */
export async function sustain(plan: PlanOf<PolicyData>, context: FaultContext): Promise<void> {
  const { cluster, clock, signal } = context;
  const known = new Set<string>();
  const look = async () => {
    const pods = await zonePods(plan.data, context);
    const fresh = pods.filter((pod) => pod.labels[RUN_LABEL] === undefined && !known.has(pod.uid));
    await endAll(fresh.map((pod) => labelPod(cluster, pod, plan)));
    for (const { uid } of pods) known.add(uid);
    if (fresh.length > 0) context.onAffected(affectedBy(cluster, fresh));
  };
  while (!signal.aborted) {
    await insist(context, OPEN_MS, look).catch((error) => {
      if (!signal.aborted) throw error;
    });
    await clock.sleep(LOOK_MS, signal);
  }
}
