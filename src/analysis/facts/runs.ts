import type { Micros } from '../../model/units.ts';
import type { PathStream, Route } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import type { CalmRun } from './calm-run.ts';

/** Good requests of one path in a row that count alike: of one route, in one segment, in one block of every count. */
export type Run = {
  readonly route: Route;
  readonly segment: Segment;
  /** The first was due then. */
  due: Micros;
  /** None is due before the first, or then. */
  end: Micros;
  n: number;
  /** Where the further ones change nothing but counts. */
  calm: CalmRun | undefined;
};

/** The current run of each path. Counting by the run is what makes long recordings cheap. */
export class Runs {
  readonly #byPath: (Run | undefined)[] = [];

  /** The run of a path that a request may go on with; it may be due behind its end. */
  goingOn(route: Route, segment: Segment, due: Micros): Run | undefined {
    const run = this.#byPath[route.path.row];
    return run !== undefined && run.route === route && run.segment === segment && due >= run.due ? run : undefined;
  }

  /** Begins the next run of a path with one request. `end`: none of its requests is due then or later. */
  begin(route: Route, segment: Segment, due: Micros, end: Micros): Run {
    const run: Run = { route, segment, due, end, n: 1, calm: undefined };
    this.#byPath[route.path.row] = run;
    return run;
  }

  /** Takes the current run of a path away; undefined when there is none. */
  take(path: PathStream): Run | undefined {
    const run = this.#byPath[path.row];
    if (run !== undefined) this.#byPath[path.row] = undefined;
    return run;
  }
}
