import type { Micros } from '../../model/units.ts';
import { type Block, designEffect } from '../../stats/index.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Window } from '../timeline/windows.ts';

/** Strays come in bursts of about this length. */
const BLOCK: Micros = 1_000_000;
/** A longer window has longer blocks. */
const MOST_BLOCKS = 512;

/** Hits among all, and by how much the requests hang together. */
export type Sample = {
  readonly hits: number;
  readonly all: number;
  /** By how much `all` has to be divided to count independent ones; at least 1. */
  readonly effect: number;
};

/** Counts hits of every path in blocks of a second, over one window. A hit may be a part of one request. */
export class BlockCounts {
  readonly #window: Window;
  readonly #width: Micros;
  readonly #size: number;
  readonly #rows: Float64Array[] = [];

  constructor(window: Window) {
    this.#window = window;
    const length = Math.max(0, Math.min(window.end - window.start, Number.MAX_SAFE_INTEGER));
    this.#width = Math.max(BLOCK, length / MOST_BLOCKS);
    this.#size = Math.max(1, Math.min(MOST_BLOCKS, Math.ceil(length / this.#width)));
  }

  /** The end of the block of a time. */
  endOfBlock(due: Micros): Micros {
    return this.#window.start + (this.#index(due) + 1) * this.#width;
  }

  /** `all` requests of one block, the first of them due at `due`. */
  add(path: PathStream, due: Micros, all: number, hits: number): void {
    let row = this.#rows[path.row];
    if (row === undefined) {
      row = new Float64Array(this.#size * 2);
      this.#rows[path.row] = row;
    }
    const block = this.#index(due);
    row[block * 2] = (row[block * 2] as number) + all;
    row[block * 2 + 1] = (row[block * 2 + 1] as number) + hits;
  }

  /** All requests of some paths together. */
  sample(paths: readonly PathStream[]): Sample {
    const blocks = paths.flatMap((path) => this.#blocks(path));
    return {
      hits: blocks.reduce((sum, block) => sum + block.hits, 0),
      all: blocks.reduce((sum, block) => sum + block.all, 0),
      effect: designEffect(blocks),
    };
  }

  #index(due: Micros): number {
    return Math.max(0, Math.min(this.#size - 1, Math.floor((due - this.#window.start) / this.#width)));
  }

  #blocks(path: PathStream): Block[] {
    const row = this.#rows[path.row];
    if (row === undefined) return [];
    return Array.from({ length: this.#size }, (_, i) => ({
      all: row[i * 2] as number,
      hits: row[i * 2 + 1] as number,
    }));
  }
}
