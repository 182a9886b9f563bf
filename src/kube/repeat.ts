import pRetry from 'p-retry';
import type { Clock } from '../model/ports.ts';
import { pauseAfter } from '../model/retry.ts';
import { isTransient } from './api-error.ts';

/**
 * Repeats what only reads, up to four times and within about two seconds, on errors that pass by themselves; where the server
 * asks for a longer pause (Retry-After) it has one, up to five seconds.
 */
export function repeatRead<T>(read: () => Promise<T>, clock: Clock, signal?: AbortSignal): Promise<T> {
  return pRetry(read, {
    retries: 4,
    minTimeout: 100,
    maxTimeout: 1_000,
    randomize: true,
    shouldRetry: async ({ error, retryDelay }) => {
      if (!isTransient(error)) return false;
      await clock.sleep(pauseAfter(error, retryDelay) - retryDelay, signal);
      return true;
    },
    ...(signal === undefined ? {} : { signal }),
  });
}
