import type { Micros } from '../../model/units.ts';

/**
 * Of the time between two looks no more counts: the process itself may have stood still, and could not have heard anything.
 */
const MOST_GAP: Micros = 2_000_000;

/** How long something has said nothing, as far as somebody was there to hear it. */
export class Quiet {
  #heard: Micros;
  #looked: Micros;
  #lasts: Micros = 0;

  constructor(now: Micros) {
    this.#heard = now;
    this.#looked = now;
  }

  /** When it was last heard. */
  get since(): Micros {
    return this.#heard;
  }

  /** `heard`: when it last said something. How long it has been quiet by now. */
  look(now: Micros, heard: Micros): Micros {
    const gap = Math.min(MOST_GAP, Math.max(0, now - this.#looked));
    this.#looked = Math.max(this.#looked, now);
    if (heard > this.#heard) {
      this.#heard = Math.min(heard, now);
      this.#lasts = Math.min(gap, now - this.#heard);
    } else {
      this.#lasts += gap;
    }
    return this.#lasts;
  }
}
