import type { Micros } from '../../../model/units.ts';

/**
 * Request numbering: which places of the open model the iterations of one k6 scenario in one k6 have. Places lie evenly,
 * k6 starts an iteration at its place or drops it, and numbers only those that it has started. When the first place was is
 * said by k6, or learned from the iterations: none begins before its place, and most begin within a millisecond of it.
 */
export class Numbering {
  readonly #interval: Micros;
  /** By place, and by number: what is taken, and what was told of. */
  #used = new Uint8Array(1024);
  #told = new Uint8Array(1024);
  #first = Number.POSITIVE_INFINITY;
  /** k6 has said when the first place was. */
  #firstSaid = false;
  #started = 0;
  #drops = 0;
  /** When they were due, where k6 has said it. */
  readonly #dropTimes: Micros[] = [];

  /** `interval` lies between two places, in microseconds; fractions count. */
  constructor(interval: Micros) {
    this.#interval = interval;
  }

  /** When the first iteration was due; infinite as long as that is not known. */
  get first(): Micros {
    return this.#first;
  }

  /** Iterations that k6 has dropped, as far as is known. */
  get drops(): number {
    return this.#drops;
  }

  /** k6 says when the first iteration was due; what it says first holds. */
  begin(at: Micros): void {
    if (this.#firstSaid) return;
    this.#first = at;
    this.#firstSaid = true;
  }

  /** Whether this iteration can have begun by then, give or take a place: none begins before its place. */
  possible(number: number, began: Micros): boolean {
    return this.#firstSaid || (number - 1) * this.#interval <= began;
  }

  /** Learns when the first place was from the iteration with this number that began at `began`. */
  learn(number: number, began: Micros): void {
    // Nothing is due before k6 runs.
    if (!this.#firstSaid) this.#first = Math.min(this.#first, Math.max(0, began - number * this.#interval));
  }

  /** One more iteration was dropped, due at this time where k6 says it. Those with a time come in the order of time. */
  drop(at?: Micros): void {
    this.#drops += 1;
    if (at === undefined) return;
    this.#dropTimes.push(at);
    // Nothing has been sent before k6 says when the first was due.
    if (!this.#firstSaid) this.#first = Math.min(this.#first, at);
  }

  /**
   * Gives an iteration its place: its number, and as many places later as drops lie before it. Undefined for an iteration
   * that has its place already.
   */
  take(number: number, began: Micros): number | undefined {
    if (this.#told[number] === 1) return undefined;
    this.#told = marked(this.#told, number);
    this.#started = Math.max(this.#started, number + 1);
    let place = number + this.#dropsBefore(number, began);
    while (this.taken(place)) place += 1;
    this.#used = marked(this.#used, place);
    return place;
  }

  taken(place: number): boolean {
    return this.#used[place] === 1;
  }

  /** In whole microseconds, cut. */
  due(place: number): Micros {
    return Math.trunc(this.#first + place * this.#interval);
  }

  /** How many places are due before `time`. */
  before(time: Micros): number {
    return Math.max(0, Math.ceil((time - this.#first) / this.#interval));
  }

  /** How many places k6 has told of, as started or as dropped. */
  get told(): number {
    return this.#started + this.#drops;
  }

  /** Where the times of drops are not known, that of the iteration tells, because what k6 starts is on time. */
  #dropsBefore(number: number, began: Micros): number {
    if (this.#dropTimes.length > 0) return countBefore(this.#dropTimes, began);
    const byTime = Math.floor((began - this.#first) / this.#interval) - number;
    return Math.max(0, Math.min(byTime, this.#drops));
  }
}

/** How many of some times in their order lie before this one. */
function countBefore(times: readonly Micros[], time: Micros): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as Micros) < time) low = middle + 1;
    else high = middle;
  }
  return low;
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
