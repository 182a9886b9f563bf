import type { Millis } from '../../../model/units.ts';
import { lookUntil, type WaitClock } from '../../look-until.ts';
import type { Session } from './session.ts';

const LOOK_MS: Millis = 100;
/** Beyond the timeout, for what has ended to be told and settled. */
const ENDING_MS: Millis = 2_000;

/** k6 breaks off what is on its way when it is stopped, so what counts must have ended before; waits for that, not forever. */
export async function drain(
  session: Pick<Session, 'end' | 'complete'>,
  timeoutMs: Millis,
  clock?: WaitClock,
): Promise<void> {
  session.end();
  await lookUntil(() => session.complete || undefined, { everyMs: LOOK_MS, patienceMs: timeoutMs + ENDING_MS }, clock);
}
