import type { Micros } from '../../../model/units.ts';
import type { Lane, Source } from './source.ts';

/** k6 may start an iteration this late: places that are due less than this before the end may never have been started. */
const END_MARGIN: Micros = 300_000;

/**
 * Which requests of a run count, and their numbers: of several k6 that share each path nothing counts before all of them
 * send, and numbers follow the due times, whichever k6 sends. Times are run time.
 */
export class Window {
  readonly #sources: readonly Source[];
  #open = false;
  /** Nothing that is due after this counts; undefined while everything does. */
  #end: Micros | undefined;
  /** How many requests of each path count, once that is decided. */
  readonly #limits: number[] = [];

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
  }

  /** Requests count from now on. */
  get isOpen(): boolean {
    return this.#open;
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Everything is sending: with several sources, what comes from now on counts, and before it nothing. */
  open(now: Micros): void {
    const several = this.#sources.length > 1;
    const paths = this.#sources[0]?.lanes.keys() ?? [];
    for (const path of paths) {
      const lanes = this.#sources.map((source) => ({ source, lane: source.lanes[path] as Lane }));
      for (const { source, lane } of lanes) {
        lane.first = several ? lane.slots.before(now - source.clock.zero) : 0;
        lane.earlierDrops = several ? lane.slots.drops : 0;
      }
      const inOrder = lanes.toSorted((a, b) => a.source.opens(a.lane) - b.source.opens(b.lane));
      inOrder.forEach(({ lane }, rank) => {
        lane.rank = rank;
      });
    }
    this.#open = true;
  }

  /** Nothing that is due from about now on counts. */
  end(now: Micros): void {
    this.#end = now - END_MARGIN;
  }

  /** The number of a place among the requests of its path; undefined where it does not count. */
  number(path: number, lane: Lane, place: number): number | undefined {
    const number = this.#number(lane, place);
    return number < 0 || number >= this.#limit(path) ? undefined : number;
  }

  /** Places of a path that count and that no request has taken, with their numbers. */
  untold(source: Source, path: number, now: Micros): { place: number; number: number }[] {
    const lane = source.lanes[path] as Lane;
    const limit = Math.min(this.#limit(path), this.#dueBefore(path, now - END_MARGIN));
    const untold: { place: number; number: number }[] = [];
    for (let place = lane.first; this.#number(lane, place) < limit; place += 1) {
      if (!lane.slots.taken(place)) untold.push({ place, number: this.#number(lane, place) });
    }
    return untold;
  }

  #number({ first, rank }: Lane, place: number): number {
    return (place - first) * this.#sources.length + rank;
  }

  /** How many requests of a path count: numbers up to a limit, so that none is missing between those of several k6. */
  #limit(path: number): number {
    if (this.#end === undefined) return Number.POSITIVE_INFINITY;
    const decided = this.#limits[path];
    if (decided !== undefined) return decided;
    const limit = this.#dueBefore(path, this.#end);
    if (this.#sources.every(({ running }) => running)) this.#limits[path] = limit;
    return limit;
  }

  /** How many requests of a path are due before a time, from all k6 without a gap. */
  #dueBefore(path: number, time: Micros): number {
    const next = this.#sources.map((source) => {
      const lane = source.lanes[path] as Lane;
      return this.#number(lane, lane.slots.before(time - source.clock.zero));
    });
    return Math.min(...next);
  }
}
