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
    let row = this.#routeRows[route.id];
    if (row === undefined) {
      row = builder.row();
      this.#routeRows[route.id] = row;
      this.routes.push(route);
    }
    builder.add(row, column, n);
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
