import type { Series } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import type { Window } from '../timeline/windows.ts';
import { Histogram } from './histogram.ts';

const MAX_COLUMNS = 900;
const NICE = [1, 2, 2.5, 5];

/** The smallest pleasant bucket of at least 100 ms that covers `duration` with 900 columns. */
export function bucketFor(duration: Micros): Micros {
  for (let scale = 100_000; ; scale *= 10) {
    const bucket = NICE.map((step) => step * scale).find((size) => Math.ceil(duration / size) <= MAX_COLUMNS);
    if (bucket !== undefined) return bucket;
  }
}

/** Counts in equal buckets from time 0; grows by doubling the bucket when requests lie beyond the known duration. */
export class SeriesBuilder {
  #bucket: Micros;
  #columns: number;
  readonly #rows: Float64Array[] = [];
  readonly #latency: (Histogram | undefined)[] = [];
  readonly good: number;
  readonly bad: number;
  readonly dropped: number;

  constructor(duration: Micros) {
    this.#bucket = bucketFor(duration);
    this.#columns = Math.max(1, Math.ceil(duration / this.#bucket));
    this.good = this.row();
    this.bad = this.row();
    this.dropped = this.row();
  }

  /** Opens a row of counts; the number names it. */
  row(): number {
    return this.#rows.push(new Float64Array(MAX_COLUMNS)) - 1;
  }

  /** The column of a time. */
  column(due: Micros): number {
    let column = Math.floor(due / this.#bucket);
    while (column >= MAX_COLUMNS) {
      this.#halve();
      column = Math.floor(due / this.#bucket);
    }
    if (column >= this.#columns) this.#columns = column + 1;
    return column;
  }

  /** The bucket of a time, as it is now: buckets grow. */
  bucketOf(due: Micros): Window {
    const start = Math.floor(due / this.#bucket) * this.#bucket;
    return { start, end: start + this.#bucket };
  }

  add(row: number, column: number, n = 1): void {
    const counts = this.#rows[row] as Float64Array;
    counts[column] = (counts[column] as number) + n;
  }

  /** The latencies of the bucket of a time; others once `bucket` has grown. */
  latencyAt(due: Micros): Histogram {
    const column = this.column(due);
    const known = this.#latency[column];
    if (known !== undefined) return known;
    const histogram = new Histogram();
    this.#latency[column] = histogram;
    return histogram;
  }

  get bucket(): Micros {
    return this.#bucket;
  }

  /** Makes the buckets longer until there are at most so many of them. */
  coarsen(most: number): void {
    while (this.#columns > most) this.#halve();
  }

  get columns(): number {
    return this.#columns;
  }

  counts(row: number): number[] {
    return Array.from((this.#rows[row] as Float64Array).subarray(0, this.#columns));
  }

  /** Everything but the rows that only the caller can name. */
  build(): Omit<Series, 'serving' | 'paths'> {
    const quantile = (q: number) =>
      Array.from({ length: this.#columns }, (_, column) => this.#latency[column]?.percentile(q) ?? null);
    return {
      start: 0,
      bucket: this.#bucket,
      columns: this.#columns,
      good: this.counts(this.good),
      bad: this.counts(this.bad),
      dropped: this.counts(this.dropped),
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99),
    };
  }

  #halve(): void {
    this.#bucket *= 2;
    this.#columns = Math.ceil(this.#columns / 2);
    for (const row of this.#rows) {
      for (let i = 0; i < MAX_COLUMNS; i++) {
        row[i] = i < MAX_COLUMNS / 2 ? (row[2 * i] as number) + (row[2 * i + 1] as number) : 0;
      }
    }
    const before = this.#latency.splice(0);
    before.forEach((histogram, column) => {
      const half = Math.floor(column / 2);
      const merged = this.#latency[half];
      if (merged === undefined) this.#latency[half] = histogram;
      else if (histogram !== undefined) merged.merge(histogram);
    });
  }
}
