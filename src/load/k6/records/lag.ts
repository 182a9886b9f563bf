import type { LoadHandle, SentLoad } from '../../../model/ports.ts';
import type { SessionInput } from './session.ts';

/** What is later than that is said. */
const SAID_MS = 1_000;

/** A request waits for its place; an iteration of a script may take long before it sends what it is judged by. */
export function lagOf(
  { settling, scripted }: Pick<SessionInput, 'settling' | 'scripted'>,
  { timeoutMs }: Pick<SentLoad, 'timeoutMs'>,
): Pick<LoadHandle, 'lagMs'> {
  const lagMs = settling / 1000 + (scripted ? timeoutMs : 0);
  return lagMs > SAID_MS ? { lagMs } : {};
}
