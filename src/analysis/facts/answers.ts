import type { RequestRecord } from '../../model/record.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import type { CallerBook } from './callers.ts';
import type { ContradictionBook } from './contradictions.ts';
import type { WitnessBook } from './witnesses.ts';

/** Everyone who listens for who answered: whatever its worth, an answer names who gave it. */
export class Answers {
  readonly #witnesses: WitnessBook;
  readonly #callers: CallerBook;
  readonly #contradictions: ContradictionBook;

  constructor(witnesses: WitnessBook, callers: CallerBook, contradictions: ContradictionBook) {
    this.#witnesses = witnesses;
    this.#callers = callers;
    this.#contradictions = contradictions;
  }

  see(path: PathStream, segment: Segment, record: RequestRecord, chain: ChainRef): void {
    this.#witnesses.see(path, record, chain);
    this.#callers.see(path, chain, segment);
    this.#contradictions.see(chain, segment);
  }

  /** Whether answers of a chain only count: it tells nothing of a fault's pods, and nothing that the cluster contradicts. */
  onlyCount(chain: ChainRef): boolean {
    return !this.#witnesses.knows(chain) && !this.#contradictions.knows(chain);
  }

  /** So many answers of a chain that only count. */
  count(path: PathStream, segment: Segment, chain: ChainRef, n: number): void {
    this.#callers.see(path, chain, segment, n);
  }
}
