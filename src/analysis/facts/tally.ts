import type { RequestRecord } from '../../model/record.ts';
import type { Tally } from '../../model/result.ts';
import { BAD, GOOD, type Standing, UNKNOWN } from '../ingest/classify.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import { type Example, exampleOf } from './example.ts';

/** Where requests without a record are counted, beside good, bad and unknown. */
const MISSING = 3;
const WIDTH = 4;

/** Good, bad and unknown requests of every path in every segment: the one tally that everything else is made from. */
export class TallyBook {
  readonly #segments: number;
  readonly #rows: Float64Array[] = [];
  readonly #firstBad: (Example | undefined)[][] = [];

  constructor(segments: number) {
    this.#segments = segments;
  }

  count(path: PathStream, segment: Segment, standing: Standing, n = 1): void {
    const row = this.#row(path.row);
    const slot = segment.index * WIDTH + standing;
    row[slot] = (row[slot] as number) + n;
  }

  missing(path: PathStream, segment: Segment, n: number): void {
    const row = this.#row(path.row);
    const slot = segment.index * WIDTH + MISSING;
    row[slot] = (row[slot] as number) + n;
  }

  /** Keeps the first bad request of each path and segment. */
  keepBad(path: PathStream, segment: Segment, record: RequestRecord, chain: Example['chain']): void {
    const examples = this.#firstBad[path.row] ?? [];
    this.#firstBad[path.row] = examples;
    examples[segment.index] ??= exampleOf(path.index, record, chain);
  }

  firstBad(path: PathStream, segments: readonly Segment[]): Example[] {
    return segments.flatMap(({ index }) => this.#firstBad[path.row]?.[index] ?? []);
  }

  of(paths: readonly PathStream[], segments: readonly Segment[]): Tally {
    const tally = { good: 0, bad: 0, unknown: 0 };
    for (const path of paths) {
      const row = this.#row(path.row);
      for (const { index } of segments) {
        tally.good += row[index * WIDTH + GOOD] as number;
        tally.bad += row[index * WIDTH + BAD] as number;
        tally.unknown += (row[index * WIDTH + UNKNOWN] as number) + (row[index * WIDTH + MISSING] as number);
      }
    }
    return tally;
  }

  #row(path: number): Float64Array {
    let row = this.#rows[path];
    if (row === undefined) {
      row = new Float64Array(this.#segments * WIDTH);
      this.#rows[path] = row;
    }
    return row;
  }
}
