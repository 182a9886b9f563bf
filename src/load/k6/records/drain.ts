import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '../../../model/units.ts';
import type { Session } from './session.ts';

const LOOK_MS: Millis = 100;
/** Beyond the timeout, for what has ended to be told and settled. */
const ENDING_MS: Millis = 2_000;

/** k6 breaks off what is on its way when it is stopped, so what counts must have ended before; waits for that, not forever. */
export async function drain(session: Pick<Session, 'end' | 'complete'>, timeoutMs: Millis): Promise<void> {
  session.end();
  const patience = timeoutMs + ENDING_MS;
  for (let waited = 0; waited < patience && !session.complete; waited += LOOK_MS) await sleep(LOOK_MS);
}
