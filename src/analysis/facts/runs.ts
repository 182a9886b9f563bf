import type { Micros } from '../../model/units.ts';
import type { PathStream, Route } from '../ingest/path.ts';
import type { Segment, Window } from '../timeline/windows.ts';

/** Good requests of one path in a row that count alike: of one route, in one segment, in one block of every count. */
type Run = {
  readonly route: Route;
  readonly segment: Segment;
  /** The first was due then. */
  readonly due: Micros;
  readonly block: Window;
  n: number;
};

/** The current run of each path. Counting by the run is what makes long recordings cheap. */
export class Runs {
  readonly #byPath: (Run | undefined)[] = [];

  /** Whether a request was added to the current run of its path. */
  add(route: Route, segment: Segment, due: Micros): boolean {
    const run = this.#byPath[route.path.row];
    if (run === undefined || run.route !== route || run.segment !== segment) return false;
    if (due < run.block.start || due >= run.block.end) return false;
    run.n++;
    return true;
  }

  /** Begins the next run of a path with one request. */
  begin(route: Route, segment: Segment, due: Micros, block: Window): void {
    this.#byPath[route.path.row] = { route, segment, due, block, n: 1 };
  }

  /** Takes the current run of a path away; undefined when there is none. */
  take(path: PathStream): Run | undefined {
    const run = this.#byPath[path.row];
    if (run !== undefined) this.#byPath[path.row] = undefined;
    return run;
  }
}

/** What two blocks have in common. */
export function common(one: Window, other: Window): Window {
  return { start: Math.max(one.start, other.start), end: Math.min(one.end, other.end) };
}
