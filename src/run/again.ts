import type { Clock } from '../model/ports.ts';
import { pauseAfter } from '../model/retry.ts';

/** Pauses between the tries, in milliseconds: an API server that restarts is back within them. */
const PAUSES_MS = [250, 500, 1_000, 2_000] as const;

/**
 * Tries what must be done in the end up to five times. The pauses are not cut short by any signal: a try that follows
 * at once would meet the same trouble; a server that asks for a longer one (Retry-After) gets up to five seconds. Rejects with
 * the last error; `onFailed` hears of those before it.
 */
export async function again<T>(clock: Clock, act: () => Promise<T>, onFailed?: (error: unknown) => void): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await act();
    } catch (error) {
      onFailed?.(error);
      await clock.sleep(pauseAfter(error, pause));
    }
  }
  return act();
}
