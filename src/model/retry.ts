import { FaultlineError } from './errors.ts';
import type { Millis } from './units.ts';

/** However long a server asks to be left alone, it is asked again after this: an undo must not wait on its word. */
const LONGEST_MS: Millis = 5_000;

/** The pause before what has failed so is tried again: as long as its server has asked for, up to five seconds, and no shorter than this. */
export function pauseAfter(error: unknown, leastMs: Millis): Millis {
  const asked = error instanceof FaultlineError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(leastMs, Math.min(asked, LONGEST_MS));
}

/** What a Retry-After header says, where that is seconds: an API server writes no date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | undefined): Millis | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : undefined;
}
