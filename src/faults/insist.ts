import type { FaultContext } from '../model/fault.ts';
import { pauseAfter } from '../model/retry.ts';
import type { Millis } from '../model/units.ts';

/** Pause before the first repetition; each further one is twice as long, up to a second. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Repeats what keeps a fault up until it succeeds. Rejects with the last error when `limit` has passed since the first
 * try, or the context's signal has come: an API server that is away for a moment must not end a fault unseen.
 */
export async function insist<T>(context: FaultContext, limit: Millis, act: () => Promise<T>): Promise<T> {
  const end = context.now() + limit * 1000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await act();
    } catch (error) {
      if (context.signal.aborted || context.now() >= end) throw error;
      await context.clock.sleep(pauseAfter(error, pause), context.signal);
      if (context.signal.aborted) throw error;
    }
  }
}
