import { FaultlineError } from '../model/errors.ts';
import { isBusy, isUnauthenticated } from '../model/http-status.ts';
import { hasRunOut } from '../model/own-trouble.ts';
import type { Clock } from '../model/ports.ts';
import { pauseAfter } from '../model/retry.ts';
import type { Millis } from '../model/units.ts';

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

/** As long as a run that is told to stop waits for its undo. */
const PATIENCE_MS: Millis = 90_000;

/**
 * As `again`, and on and on, for 90 s at the most, while nothing is done for a reason that says nothing of what is asked for and may pass: an
 * API server that starts anew or has too much to do, credentials that are not taken (others are asked for before each try, and whoever
 * checks them may come back), or this machine has run out of something, which the load may have. A clock that has ended ends it sooner.
 */
export async function patiently<T>(
  clock: Clock,
  act: () => Promise<T>,
  onFailed?: (error: unknown) => void,
): Promise<T> {
  const began = clock.now();
  for (;;) {
    try {
      return await again(clock, act, onFailed);
    } catch (error) {
      if (!mayPass(error) || (clock.now() - began) / 1000 >= PATIENCE_MS) throw error;
      onFailed?.(error);
      await clock.sleep(PAUSES_MS[0]);
    }
  }
}

function mayPass(error: unknown): boolean {
  const isSilent = error instanceof FaultlineError && error.code === 'TARGET_UNREACHABLE';
  return isSilent || isBusy(error) || isUnauthenticated(error) || hasRunOut(error);
}
