import type { Clock } from '../../model/ports.ts';
import type { Micros, Millis } from '../../model/units.ts';

/** A time in which the event loop of a process did not come round as it should. On the clock's own scale. */
export type Gap = {
  readonly from: Micros;
  readonly to: Micros;
  /** Processor time that the process has used meanwhile, all its threads together. */
  readonly cpu: Micros;
};

/** A sign of life. All gaps up to `at` have been told with it, or before. */
export type Beat = { readonly at: Micros; readonly gaps: readonly Gap[] };

/** How often the event loop is asked to come round. */
export const TICK_MS: Millis = 10;
/** Coming round after twice the time it should take is a gap. */
const GAP: Micros = 2 * TICK_MS * 1000;
const BEAT: Micros = 250_000;

type PulseOptions = {
  readonly clock: Clock;
  /** Processor time that this process has used so far. */
  readonly cpu: () => Micros;
  readonly signal: AbortSignal;
};

/**
 * Measures this process's own event loop until the signal, and tells of it about four times a second. Everything in the
 * process shares that loop: while it stands still nothing is answered, whatever the mesh would have done.
 */
export async function pulse({ clock, cpu, signal }: PulseOptions, tell: (beat: Beat) => void): Promise<void> {
  let last = clock.now();
  let used = cpu();
  let told = last;
  let gaps: Gap[] = [];
  while (!signal.aborted) {
    await clock.sleep(TICK_MS, signal);
    const now = clock.now();
    const spent = cpu();
    if (now - last >= GAP) gaps.push({ from: last, to: now, cpu: spent - used });
    last = now;
    used = spent;
    if (now - told < BEAT) continue;
    tell({ at: now, gaps });
    told = now;
    gaps = [];
  }
}
