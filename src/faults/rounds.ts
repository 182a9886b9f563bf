import { FaultlineError, messageOf } from '../model/errors.ts';
import type { FaultContext } from '../model/fault.ts';
import type { Toll } from '../model/toll.ts';
import type { Millis } from '../model/units.ts';
import type { Pod } from '../workload/pods.ts';

/** A round may be as late while the API server does not answer. */
const LATE_MS = 5_000;
/** A round that was due so shortly before the end need not have happened. */
const GRACE_MS = 1_000;

/** The toll of a fault that acts in rounds: whoever matches may be hit in one to come, before those of the last one are back. */
export function inAnyRound(matching: readonly Pod[]): readonly Toll[] {
  const pods = matching.map(({ namespace, name }) => `${namespace}/${name}`);
  return [{ to: { kind: 'pods', pods }, share: 1 }];
}

/**
 * Acts again and again until the context's signal; `round` gets what is left of its time. Rejects when a round cannot be
 * made good, or when at the end fewer were made than were due.
 */
export async function goOn(
  everyMs: Millis,
  context: FaultContext,
  round: (limit: Millis) => Promise<void>,
): Promise<void> {
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
      await round(LATE_MS - late);
    } catch (error) {
      const what = `round ${made + 2} could not be made: ${messageOf(error)}`;
      throw new FaultlineError('KUBE_API', what, { cause: error });
    }
  }
}
