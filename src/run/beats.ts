import type { Clock } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';

/** A moment by the clock that nobody sets, and by the one that goes on while the machine sleeps. */
export type Moment = { readonly at: Micros; readonly wall: number };

export const momentOf = (clock: Clock): Moment => ({ at: clock.now(), wall: clock.wall().getTime() });

/** How often somebody notes that this process goes on. */
export const BEAT_MS: Millis = 5_000;

/** A beat that is so late was not just late: until then a busy process is. */
const GAP_MS: Millis = 2 * BEAT_MS;

/**
 * Whether this process goes on, and its clocks with each other. What was not done in the time of a gap, nobody else is to blame for, as an API
 * server that had not been asked.
 */
export class Beats {
  readonly #clock: Clock;
  #last: Moment | undefined;
  #count = 0;
  #gap: { readonly why: string; readonly count: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns which beat it is. */
  beat(): number {
    const why = this.#silence();
    this.#last = momentOf(this.#clock);
    this.#count += 1;
    if (why !== undefined) this.#gap = { why, count: this.#count };
    return this.#count;
  }

  /** The last gap that has ended after this beat, in words; undefined where there was none. */
  gapAfter(beat: number): string | undefined {
    this.beat();
    return this.#gap !== undefined && this.#gap.count > beat ? this.#gap.why : undefined;
  }

  /** Why nothing was done since the last beat, where that is long ago by one of the clocks. */
  #silence(): string | undefined {
    if (this.#last === undefined) return undefined;
    const { at, wall } = momentOf(this.#clock);
    const seenMs = (at - this.#last.at) / 1000;
    const aheadMs = wall - this.#last.wall - seenMs;
    if (aheadMs >= GAP_MS) {
      return `the wall clock went ${seconds(aheadMs)} further than the time that this process has seen: the machine slept, or somebody has set its clock`;
    }
    if (seenMs < GAP_MS) return undefined;
    return `this process stood still for up to ${seconds(seenMs)}: it was stopped, or had no CPU`;
  }
}

const seconds = (ms: Millis): string => `${Math.round(ms / 1000)} s`;
