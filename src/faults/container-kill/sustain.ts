import { unlessConflict } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { Millis } from '../../model/units.ts';
import { affectedBy } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { insist } from '../insist.ts';
import { goOn } from '../rounds.ts';
import { whySpared } from './container.ts';
import { killIn } from './kill.ts';
import { type ContainerKillData, choose, matching } from './victims.ts';

/** Kills on, round by round. A container that waits for its restart is left alone: there is nothing to kill. */
export async function sustain(plan: PlanOf<ContainerKillData>, context: FaultContext): Promise<void> {
  const { everyMs } = plan.data;
  if (everyMs !== null) await goOn(everyMs, context, (limit) => killAgain(plan, context, limit));
}

async function killAgain(plan: PlanOf<ContainerKillData>, context: FaultContext, limit: Millis): Promise<void> {
  const { data } = plan;
  const found = await insist(context, limit, () => matching(data, context));
  const chosen = choose(
    found.filter(({ object }) => whySpared(object, data.container) === undefined),
    data,
  );
  // Where the container has begun anew, or another pod has its name, the victim is gone without us.
  await endAll(
    chosen.map(({ victim }) => insist(context, limit, () => killIn(victim, plan, context).catch(unlessConflict))),
  );
  if (chosen.length > 0)
    context.onAffected(
      affectedBy(
        context.cluster,
        chosen.map(({ pod }) => pod),
      ),
    );
}
