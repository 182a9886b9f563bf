import type { Stall } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';

/** How often a generator looks at the clock. */
export const BEAT_MS = 20;
/** A stall of a quarter of the time that an answer may take, within these limits, can make it late. */
const SHARE = 1 / 4;
const LEAST: Micros = 50_000;
const MOST: Micros = 250_000;

/** Finds the stretches in which the thread of a generator did not come round, so that answers lay there unread. */
export class StallMeter {
  readonly #least: Micros;
  #last: Micros;

  constructor(goodLatencyMs: Millis, now: Micros) {
    this.#least = Math.min(MOST, Math.max(LEAST, goodLatencyMs * 1000 * SHARE));
    this.#last = now;
  }

  /** To be called every BEAT_MS; the stretch since the last call, where the thread stood still in it. */
  beat(now: Micros): Stall | undefined {
    const from = this.#last;
    this.#last = now;
    return now - from - BEAT_MS * 1000 >= this.#least ? { from: Math.max(0, from), to: now } : undefined;
  }
}
