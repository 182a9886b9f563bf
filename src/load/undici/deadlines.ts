import type { Micros } from '../../model/units.ts';

/** Something that waits for an answer until a deadline. */
export type Waiting = { readonly deadline: Micros; readonly settled: boolean; expire(): void };

/** Settled ones are kept at most this long at the front before the list is cut. */
const COMPACT = 1024;

/**
 * What is on its way, in the order of deadlines. One timeout for all requests and sending in due order make that the
 * order of arrival, so a list with a moving front is enough.
 */
export class Deadlines {
  #list: Waiting[] = [];
  #front = 0;

  add(waiting: Waiting): void {
    this.#list.push(waiting);
  }

  /** The earliest deadline of what still waits; Infinity when nothing does. */
  get next(): Micros {
    let first = this.#list[this.#front];
    while (first?.settled) {
      this.#front += 1;
      first = this.#list[this.#front];
    }
    if (this.#front > COMPACT) {
      this.#list = this.#list.slice(this.#front);
      this.#front = 0;
    }
    return first?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Expires everything whose deadline has come. */
  expire(now: Micros): void {
    while (this.next <= now) this.#list[this.#front]?.expire();
  }
}
