import type { EffectProof, FaultContext } from '../model/fault.ts';
import type { Millis } from '../model/units.ts';

/** Pause between two looks at the cluster. */
const POLL_MS = 150;
/** How long an undo goes on looking after the signal: within the 90 s after which a run gives it up, without its reasons. */
const HURRIED_MS: Millis = 75_000;

/**
 * Looks until `look` returns something, at most `limit`, or until the context's signal. Returns what it saw last:
 * undefined means that the limit or the signal came first.
 */
export async function poll<T>(
  context: FaultContext,
  limit: Millis,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = context.now() + limit * 1000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || context.signal.aborted || context.now() >= end) return seen;
    await context.clock.sleep(POLL_MS, context.signal);
  }
}

/**
 * Looks as an undo does, until `look` returns something, at most `limit`: a signal does not end it, since what nobody has seen is
 * not undone, but leaves it no more than HURRIED_MS. Undefined means that the time was over first.
 */
export async function pollUndone<T>(
  context: FaultContext,
  limit: Millis,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let end = context.now() + limit * 1000;
  let isHurried = false;
  for (;;) {
    const seen = await look();
    if (context.signal.aborted && !isHurried) {
      isHurried = true;
      end = Math.min(end, context.now() + HURRIED_MS * 1000);
    }
    if (seen !== undefined || context.now() >= end) return seen;
    await context.clock.sleep(POLL_MS);
  }
}

/** A look that did not find the fault on, and why. */
export function unproven(detail: string): EffectProof {
  return { proven: false, observed: false, detail };
}
