import type { FaultContext } from '../../model/fault.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import type { BlackholeData } from './container.ts';
import { cutOff, lookAtZone } from './pods.ts';

/** Puts the container that cuts it off into each pod of the zone; the kubelets start them. */
export async function inject(plan: PlanOf<BlackholeData>, context: FaultContext): Promise<void> {
  const { pods } = await lookAtZone(plan.data, context);
  await endAll(pods.map((pod) => cutOff(pod, plan, context)));
}
