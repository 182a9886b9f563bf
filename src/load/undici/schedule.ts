import type { Micros } from '../../model/units.ts';

/** A request the open model wants sent: the `seq`-th of its path, at the time `due`. */
export type Due = { readonly path: number; readonly seq: number; readonly due: Micros };

/** What is due, in order. */
export type Dues = {
  /** When the next request is due. */
  readonly next: Micros;
  /** The next request, which counts as taken from now on. */
  take(): Due;
};

/** The open model of paths with these rates per second, by their index. Paths of one rate never fire together. */
export function scheduleOf(start: Micros, rates: readonly number[]): Dues {
  const [first = 1] = rates;
  if (rates.every((rate) => rate === first)) return new Schedule(start, rates.length, first);
  return new MixedSchedule(start, rates);
}

/**
 * The open model of one rate. Every path has its own even rate; the paths are shifted against each other by an equal part of the
 * interval, so that they never fire together. Due times follow from the count alone: nothing that happens moves them.
 */
class Schedule implements Dues {
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

/** Paths of several rates: the schedule of each rate, of which the next one that is due goes first. */
class MixedSchedule implements Dues {
  readonly #groups: readonly { readonly schedule: Schedule; readonly paths: readonly number[] }[];

  constructor(start: Micros, rates: readonly number[]) {
    this.#groups = [...new Set(rates)].map((rate) => {
      const paths = [...rates.keys()].filter((path) => rates[path] === rate);
      return { schedule: new Schedule(start, paths.length, rate), paths };
    });
  }

  get next(): Micros {
    return this.#first().schedule.next;
  }

  take(): Due {
    const { schedule, paths } = this.#first();
    const due = schedule.take();
    return { ...due, path: paths[due.path] ?? 0 };
  }

  #first() {
    return this.#groups.reduce((first, group) => (group.schedule.next < first.schedule.next ? group : first));
  }
}
