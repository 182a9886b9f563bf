import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { Millis } from '../../model/units.ts';
import { affectedBy } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { insist } from '../insist.ts';
import { candidates, choose, type KillData, killOne } from './victims.ts';

/** A round may be as late while the API server does not answer. */
const LATE_MS = 5_000;
/** A round that was due so shortly before the end need not have happened. */
const GRACE_MS = 1_000;

/** Kills on, round by round. Rejects when a round cannot be made good, or when at the end fewer were made than were due. */
export async function sustain({ data }: PlanOf<KillData>, context: FaultContext): Promise<void> {
  const { everyMs } = data;
  if (everyMs === null) return;
  const start = context.now();
  const elapsedMs = () => (context.now() - start) / 1000;
  for (let made = 0; ; made++) {
    await context.clock.sleep(Math.max(0, (made + 1) * everyMs - elapsedMs()), context.signal);
    const due = Math.floor((elapsedMs() - GRACE_MS) / everyMs);
    const late = elapsedMs() - (made + 1) * everyMs;
    if (late > LATE_MS || (context.signal.aborted && made < due)) {
      throw new FaultlineError('KUBE_API', `only ${made} of ${due} further rounds were made in time`);
    }
    if (context.signal.aborted) return;
    try {
      await killAgain(data, context, LATE_MS - late);
    } catch (error) {
      const what = `round ${made + 2} could not be made: ${messageOf(error)}`;
      throw new FaultlineError('KUBE_API', what, { cause: error });
    }
  }
}

/** One more round. What is repeated is each deletion by itself: the whole round again would hit others, too. */
async function killAgain(data: KillData, context: FaultContext, limit: Millis): Promise<void> {
  const victims = choose(await insist(context, limit, () => candidates(data, context)), data);
  await endAll(
    victims.map((victim) => insist(context, limit, () => killOne(victim, data, context).catch(unlessReplaced))),
  );
  if (victims.length > 0) context.onAffected(affectedBy(context.cluster, victims));
}

/** A pod of the same name with another UID: the victim is gone without us. */
function unlessReplaced(error: unknown): void {
  if (!(error instanceof FaultlineError && error.code === 'FAULT_CONFLICT')) throw error;
}
