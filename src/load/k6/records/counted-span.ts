import type { Micros } from '../../../model/units.ts';
import type { Source, SourcePath } from './source.ts';

/** k6 may start an iteration this late: places that are due less than this before the end may never have been started. */
const END_MARGIN: Micros = 300_000;

/**
 * Which requests of a run count, and their numbers: of several k6 that share each path nothing counts before all of them
 * send, and numbers follow the due times, whichever k6 sends. Times are run time.
 */
export class CountedSpan {
  readonly #sources: readonly Source[];
  readonly #untilTold: boolean;
  #open = false;
  /** Nothing that is due after this counts; undefined while everything does. */
  #end: Micros | undefined;
  /** How many requests of each path count, once that is decided. */
  readonly #limits: number[] = [];

  /** `untilTold`: each k6 tells of all that was due before it ends, so that exactly what it has told of counts. */
  constructor(sources: readonly Source[], untilTold: boolean) {
    this.#sources = sources;
    this.#untilTold = untilTold;
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
    for (const path of this.#sources[0]?.paths.keys() ?? []) {
      const shares = this.#sources.map((source) => ({ source, own: source.paths[path] as SourcePath }));
      for (const { source, own } of shares) {
        own.first = several ? own.numbering.before(now - source.clock.zero) : 0;
        own.earlierDrops = several ? own.numbering.drops : 0;
      }
      const inOrder = shares.toSorted((a, b) => a.source.opens(a.own) - b.source.opens(b.own));
      inOrder.forEach(({ own }, rank) => {
        own.rank = rank;
      });
    }
    this.#open = true;
  }

  /** Nothing that is due from about now on counts. */
  end(now: Micros): void {
    this.#end = now - END_MARGIN;
  }

  /** The number of a place among the requests of its path; undefined where it does not count. */
  number(path: number, own: SourcePath, place: number): number | undefined {
    const number = this.#number(own, place);
    return number < 0 || number >= this.#limit(path) ? undefined : number;
  }

  /** Places of a path that count and that no request has taken, with their numbers. */
  untold(source: Source, path: number, now: Micros): { place: number; number: number }[] {
    const own = source.paths[path] as SourcePath;
    const limit = this.#untilTold
      ? this.#number(own, own.numbering.told)
      : Math.min(this.#limit(path), this.#dueBefore(path, now - END_MARGIN));
    const untold: { place: number; number: number }[] = [];
    for (let place = own.first; this.#number(own, place) < limit; place += 1) {
      if (!own.numbering.taken(place)) untold.push({ place, number: this.#number(own, place) });
    }
    return untold;
  }

  #number({ first, rank }: SourcePath, place: number): number {
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
      const own = source.paths[path] as SourcePath;
      return this.#number(own, own.numbering.before(time - source.clock.zero));
    });
    return Math.min(...next);
  }
}
