import type { Micros } from '../../model/units.ts';
import { type Block, designEffect } from '../../stats/index.ts';
import { isExcursion } from './excursion.ts';

/** Served at home for at least this part of the calls of a second (1/SOME), callers count as having been at home. */
const SOME = 4;

/** Second by second, how many calls of some callers were served at home, from `start` on. */
export class HomeSeconds {
  readonly #start: Micros;
  readonly #blocks: { all: number; hits: number }[] = [];

  constructor(start: Micros) {
    this.#start = start;
  }

  add(due: Micros, atHome: boolean): void {
    const second = Math.max(0, Math.floor((due - this.#start) / 1e6));
    while (this.#blocks.length <= second) this.#blocks.push({ all: 0, hits: 0 });
    const block = this.#blocks[second] as { all: number; hits: number };
    block.all++;
    if (atHome) block.hits++;
  }

  /** By how much calls away hang together (docs/verdict.md C2). */
  get effect(): number {
    return designEffect(this.#blocks);
  }

  /** Whether they were at home, and then most calls were elsewhere for some seconds in a row. */
  get left(): boolean {
    const isHome = ({ all, hits }: Block): boolean => hits * SOME > all;
    const first = this.#blocks.findIndex(isHome);
    return first >= 0 && isExcursion(this.#blocks.slice(first));
  }
}
