import type { Micros } from '../../model/units.ts';

/**
 * Gives the requests of one path the numbers and due times of the open model. k6 numbers only what it starts and tells
 * apart what it dropped, with a time: a request that started after d drops is d places later in the plan.
 */
export class Ledger {
  readonly #interval: Micros;
  readonly #drops: Micros[] = [];
  #start: Micros | undefined;
  #started = 0;
  #used = new Uint8Array(1024);

  /** `interval` lies between two due times, in microseconds; fractions count. */
  constructor(interval: Micros) {
    this.#interval = interval;
  }

  /** When the first request was due. */
  plan(at: Micros): void {
    this.#start ??= at;
  }

  /** A request was due about now and not sent. Drops come in the order of time. */
  drop(at: Micros): void {
    this.#drops.push(at);
  }

  /** The place in the plan of the `number`-th request that was started, at the time `start`. */
  place(number: number, start: Micros): { seq: number; due: Micros } {
    this.#started = Math.max(this.#started, number + 1);
    const seq = number + this.#dropsBefore(start);
    if (seq >= this.#used.length) {
      const grown = new Uint8Array(Math.max(seq + 1, this.#used.length * 2));
      grown.set(this.#used);
      this.#used = grown;
    }
    this.#used[seq] = 1;
    return { seq, due: this.#due(seq) };
  }

  /** Every place of the plan that no request has taken: what was dropped, and what was lost on the way. */
  *holes(): Generator<{ seq: number; due: Micros }> {
    const total = this.#started + this.#drops.length;
    for (let seq = 0; seq < total; seq += 1) if (this.#used[seq] !== 1) yield { seq, due: this.#due(seq) };
  }

  get drops(): number {
    return this.#drops.length;
  }

  #due(seq: number): Micros {
    return Math.trunc((this.#start ?? 0) + seq * this.#interval);
  }

  #dropsBefore(time: Micros): number {
    let low = 0;
    let high = this.#drops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#drops[middle] as Micros) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
