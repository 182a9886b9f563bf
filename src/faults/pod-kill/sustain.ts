import { unlessConflict } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { Millis } from '../../model/units.ts';
import { affectedBy } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { insist } from '../insist.ts';
import { goOn } from '../rounds.ts';
import { candidates, choose, type KillData, killOne } from './victims.ts';

/** Kills on, round by round. Rejects when a round cannot be made good, or when at the end fewer were made than were due. */
export async function sustain({ data }: PlanOf<KillData>, context: FaultContext): Promise<void> {
  if (data.everyMs !== null) await goOn(data.everyMs, context, (limit) => killAgain(data, context, limit));
}

/** One more round. What is repeated is each deletion by itself: the whole round again would hit others, too. */
async function killAgain(data: KillData, context: FaultContext, limit: Millis): Promise<void> {
  const victims = choose(await insist(context, limit, () => candidates(data, context)), data);
  // Where a pod of the same name has another UID, the victim is gone without us.
  await endAll(
    victims.map((victim) => insist(context, limit, () => killOne(victim, data, context).catch(unlessConflict))),
  );
  if (victims.length > 0) context.onAffected(affectedBy(context.cluster, victims));
}
