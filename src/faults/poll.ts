import type { EffectProof, FaultContext } from '../model/fault.ts';
import type { Millis } from '../model/units.ts';

/** Pause between two looks at the cluster. */
const POLL_MS = 150;

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

/** A look that did not find the fault on, and why. */
export function unproven(detail: string): EffectProof {
  return { proven: false, observed: false, detail };
}
