import type { FaultContext } from '../../model/fault.ts';
import { affectedBy } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { insist } from '../insist.ts';
import { type BlackholeData, containerName, cutState } from './container.ts';
import { cutOff, lookAtZone } from './pods.ts';

/** How often pods that came later are looked for. */
const LOOK_MS = 250;
/** Pods that came may be open for as long while the API server does not answer; after that the zone is not cut off. */
const OPEN_MS = 5_000;

/** Cuts off pods that come later, too. */
export async function sustain(plan: PlanOf<BlackholeData>, context: FaultContext): Promise<void> {
  const { cluster, clock, signal } = context;
  const name = containerName(plan);
  const look = async () => {
    const { pods } = await lookAtZone(plan.data, context);
    const fresh = pods.filter(({ object }) => cutState(object, name).kind === 'absent');
    await endAll(fresh.map((pod) => cutOff(pod, plan, context)));
    const hit = fresh.map(({ pod }) => pod);
    if (hit.length > 0) context.onAffected(affectedBy(cluster, hit));
  };
  while (!signal.aborted) {
    await insist(context, OPEN_MS, look).catch((error) => {
      if (!signal.aborted) throw error;
    });
    await clock.sleep(LOOK_MS, signal);
  }
}
