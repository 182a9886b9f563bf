import type { Micros } from '../../../model/units.ts';

/** Quartz clocks differ by some ten millionths; a hundred is on the safe side. */
const DRIFT = 100e-6;
/** A clock that is off by more than this was set, or its machine stood still. */
const STEP_LIMIT: Micros = 5_000;

/**
 * Where the zero of another clock lies on ours. Each reading of the other clock that was asked for and answered between
 * two of our times bounds it from both sides; the bounds of all readings together are narrower than the best of them.
 */
export class RemoteClock {
  #lo = Number.NEGATIVE_INFINITY;
  #hi = Number.POSITIVE_INFINITY;
  #at: Micros = 0;
  /** The other clock jumped against ours, by this much in all. */
  stepped: Micros = 0;

  /** The other clock said `reading` at some time between `asked` and `answered`. Answers come in the order of time. */
  learn(reading: Micros, asked: Micros, answered: Micros): void {
    const slack = (answered - this.#at) * DRIFT;
    const lo = Math.max(this.#lo - slack, asked - reading);
    const hi = Math.min(this.#hi + slack, answered - reading);
    // The clock was looked at some time after this.
    this.#at = asked;
    if (lo <= hi) {
      this.#lo = lo;
      this.#hi = hi;
      return;
    }
    if (lo - hi > STEP_LIMIT) this.stepped += lo - hi;
    this.#lo = asked - reading;
    this.#hi = answered - reading;
  }

  /** The other clock is ours, with its zero at this time of ours. */
  same(zero: Micros): void {
    this.#lo = zero;
    this.#hi = zero;
  }

  /**
   * Word came at `at` that the other clock had said `reading` before. How long it was on its way nobody knows: the word
   * that was quickest shows the distance of the clocks best.
   */
  heard(reading: Micros, at: Micros): void {
    this.#hi = Math.min(this.#hi, at - reading);
  }

  get known(): boolean {
    return this.#hi !== Number.POSITIVE_INFINITY;
  }

  /** Our time when the other clock was at its zero; its error is at most `doubt`. NaN before the first reading. */
  get zero(): Micros {
    return this.known && !this.#bounded ? this.#hi : (this.#lo + this.#hi) / 2;
  }

  /** Undefined as long as the clock was never asked. */
  get doubt(): Micros | undefined {
    return this.#bounded ? (this.#hi - this.#lo) / 2 : undefined;
  }

  get #bounded(): boolean {
    return this.#lo !== Number.NEGATIVE_INFINITY;
  }
}
