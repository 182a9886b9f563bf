import type { Micros } from '../../../model/units.ts';

/**
 * The places that the iterations of one k6 scenario in one k6 take in the open model: places lie evenly, k6 starts an
 * iteration at its place or not at all, and numbers only those it has started. When the first place was is learned from
 * the iterations: none begins before its place, and most begin within a millisecond of it.
 */
export class Slots {
  readonly #interval: Micros;
  /** By place, and by number: what is taken, and what was told of. */
  #used = new Uint8Array(1024);
  #told = new Uint8Array(1024);
  #plan = Number.POSITIVE_INFINITY;
  /** Iterations that k6 has dropped, as far as is known. */
  drops = 0;

  /** `interval` lies between two places, in microseconds; fractions count. */
  constructor(interval: Micros) {
    this.#interval = interval;
  }

  /** When the first iteration was due; infinite before any has begun. */
  get plan(): Micros {
    return this.#plan;
  }

  /** Whether this iteration can have begun by then, give or take a place: none begins before its place. */
  possible(iteration: number, began: Micros): boolean {
    return (iteration - 1) * this.#interval <= began;
  }

  /** Learns from the iteration with this number that began at `began`. */
  learn(iteration: number, began: Micros): void {
    // Nothing is due before k6 runs.
    this.#plan = Math.min(this.#plan, Math.max(0, began - iteration * this.#interval));
  }

  /**
   * Gives an iteration its place: its number where nothing was dropped. After drops the time tells how many of them lie
   * before it, because what k6 starts is on time. Undefined for an iteration that has its place already.
   */
  take(iteration: number, began: Micros): number | undefined {
    if (this.#told[iteration] === 1) return undefined;
    this.#told = marked(this.#told, iteration);
    const byTime = Math.floor((began - this.#plan) / this.#interval);
    let place = Math.max(iteration, Math.min(byTime, iteration + this.drops));
    while (this.taken(place)) place += 1;
    this.#used = marked(this.#used, place);
    return place;
  }

  taken(place: number): boolean {
    return this.#used[place] === 1;
  }

  due(place: number): Micros {
    return this.#plan + place * this.#interval;
  }

  /** How many places are due before `time`. */
  before(time: Micros): number {
    return Math.max(0, Math.ceil((time - this.#plan) / this.#interval));
  }
}

/** The marks with one more, in a larger array where that is needed. */
function marked(marks: Uint8Array<ArrayBuffer>, index: number): Uint8Array<ArrayBuffer> {
  let all = marks;
  if (index >= marks.length) {
    all = new Uint8Array(Math.max(index + 1, marks.length * 2));
    all.set(marks);
  }
  all[index] = 1;
  return all;
}
