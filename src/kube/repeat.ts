import pRetry from 'p-retry';
import { isTransient } from './api-error.ts';

/** Repeats what only reads, up to four times and within about two seconds, on errors that pass by themselves. */
export function repeatRead<T>(read: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return pRetry(read, {
    retries: 4,
    minTimeout: 100,
    maxTimeout: 1_000,
    randomize: true,
    shouldRetry: ({ error }) => isTransient(error),
    ...(signal === undefined ? {} : { signal }),
  });
}
