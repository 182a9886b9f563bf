import type { RequestRecord } from '../../model/record.ts';
import type { Micros } from '../../model/units.ts';
import type { PathStream, Route } from '../ingest/path.ts';
import { SeriesBuilder } from './series.ts';

/** Requests over time: all together, of every path, and by who served them. */
export class SeriesBook {
  readonly builder: SeriesBuilder;
  readonly routes: Route[] = [];
  readonly #routeRows: number[] = [];
  readonly #pathRows: (number | undefined)[] = [];

  constructor(duration: Micros) {
    this.builder = new SeriesBuilder(duration);
  }

  /** `n` good requests of a route in the bucket of `due`. */
  good(route: Route, due: Micros, n: number): void {
    const { builder } = this;
    const column = builder.column(due);
    builder.add(builder.good, column, n);
    builder.add(this.#rowOf(route), column, n);
  }

  /** `n` calls that a proxy counted between two times: they are no requests, and are told evenly over all of it. */
  counted(route: Route, { start, end }: Pick<RequestRecord, 'start' | 'end'>, n: number): void {
    const { builder } = this;
    // A later time makes the buckets longer, so the last column is asked for first.
    const last = builder.column(end);
    const from = builder.column(start);
    const row = this.#rowOf(route);
    const width = last - from + 1;
    for (let i = 0; i < width; i++) {
      const share = Math.floor(((i + 1) * n) / width) - Math.floor((i * n) / width);
      if (share > 0) builder.add(row, from + i, share);
    }
  }

  bad(path: PathStream, due: Micros): void {
    const { builder } = this;
    const column = builder.column(due);
    builder.add(builder.bad, column);
    let row = this.#pathRows[path.row];
    if (row === undefined) {
      row = builder.row();
      this.#pathRows[path.row] = row;
    }
    builder.add(row, column);
  }

  unknown(due: Micros): void {
    this.builder.add(this.builder.dropped, this.builder.column(due));
  }

  #rowOf(route: Route): number {
    let row = this.#routeRows[route.id];
    if (row === undefined) {
      row = this.builder.row();
      this.#routeRows[route.id] = row;
      this.routes.push(route);
    }
    return row;
  }

  /** Good requests of a route over time. */
  ofRoute(route: Route): readonly number[] {
    return this.builder.counts(this.#routeRows[route.id] as number);
  }

  /** Bad requests of a path over time. */
  badOf(path: PathStream): readonly number[] {
    const row = this.#pathRows[path.row];
    return row === undefined ? new Array<number>(this.builder.columns).fill(0) : this.builder.counts(row);
  }
}
