import type { Micros } from '../../model/units.ts';

/** A request the open model wants sent: the `seq`-th of its path, at the time `due`. */
export type Due = { readonly path: number; readonly seq: number; readonly due: Micros };

/**
 * The open model. Every path has its own even rate; the paths are shifted against each other by an equal part of the
 * interval, so that they never fire together. Due times follow from the count alone: nothing that happens moves them.
 */
export class Schedule {
  readonly #start: Micros;
  readonly #paths: number;
  readonly #interval: Micros;
  #taken = 0;

  constructor(start: Micros, paths: number, ratePerSecond: number) {
    this.#start = start;
    this.#paths = paths;
    this.#interval = 1_000_000 / (paths * ratePerSecond);
  }

  /** When the next request is due. */
  get next(): Micros {
    return this.#start + Math.round(this.#taken * this.#interval);
  }

  /** The next request, which counts as taken from now on. */
  take(): Due {
    const due = this.next;
    const taken = this.#taken;
    this.#taken += 1;
    return { path: taken % this.#paths, seq: Math.floor(taken / this.#paths), due };
  }
}
