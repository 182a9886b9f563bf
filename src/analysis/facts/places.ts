import type { RequestRecord } from '../../model/record.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { PathStream, Route } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import { type Example, exampleOf } from './example.ts';

/** Served requests of every route in every segment, however late, each with its first example. */
export class PlaceBook {
  readonly routes: Route[] = [];
  readonly #byPath = new Map<PathStream, Route[]>();
  readonly #segments: number;
  readonly #served: Float64Array[] = [];
  readonly #first: (Example | undefined)[][] = [];

  constructor(segments: number) {
    this.#segments = segments;
  }

  /** Keeps the first request of a route in a segment, which is counted by `served`. */
  keepFirst(route: Route, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    this.#row(route);
    const first = this.#first[route.id] as (Example | undefined)[];
    first[segment.index] ??= exampleOf(route.path.index, record, chain.chain);
  }

  served(route: Route, segment: Segment, n: number): void {
    const row = this.#row(route);
    row[segment.index] = (row[segment.index] as number) + n;
  }

  #row(route: Route): Float64Array {
    let row = this.#served[route.id];
    if (row === undefined) {
      row = new Float64Array(this.#segments);
      this.#served[route.id] = row;
      this.#first[route.id] = [];
      this.routes.push(route);
      const others = this.#byPath.get(route.path);
      if (others === undefined) this.#byPath.set(route.path, [route]);
      else others.push(route);
    }
    return row;
  }

  routesOf(path: PathStream): readonly Route[] {
    return this.#byPath.get(path) ?? [];
  }

  count(route: Route, segments: readonly Segment[]): number {
    const row = this.#served[route.id];
    return row === undefined ? 0 : segments.reduce((sum, { index }) => sum + (row[index] as number), 0);
  }

  /** The first served request of a route in some segments. */
  first(route: Route, segments: readonly Segment[]): Example | undefined {
    return segments.flatMap(({ index }) => this.#first[route.id]?.[index] ?? [])[0];
  }
}
