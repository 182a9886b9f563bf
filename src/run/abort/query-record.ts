import type { ValueLimit } from '../../model/abort.ts';
import type { HistoryWriter, UnstampedEvent } from '../../model/ports.ts';
import type { Micros } from '../../model/units.ts';
import type { QueryWord } from './query-value.ts';

/** Of each query at most one value in this time is written. */
const LEAST_APART: Micros = 1_000_000;

type QueryPlace = Pick<Extract<UnstampedEvent, { readonly type: 'query-value' }>, 'of' | 'index'>;

/** Writes down what queries of the scenario were while the run goes on, for its readers; nothing is decided by it. */
export class QueryRecord {
  readonly #history: HistoryWriter;
  readonly #last = new Map<string, Micros>();

  constructor(history: HistoryWriter) {
    this.#history = history;
  }

  /** An answer to what was asked at `asked`. */
  note({ of, index }: QueryPlace, limit: ValueLimit, asked: Micros, word: QueryWord): void {
    const key = `${of} ${index}`;
    if (asked - (this.#last.get(key) ?? Number.NEGATIVE_INFINITY) < LEAST_APART) return;
    this.#last.set(key, asked);
    this.#history.append({ type: 'query-value', of, index, asked, limit, value: figureOf(word) });
  }
}

/** JSON has no infinity. */
function figureOf(word: QueryWord): number | null {
  return word.says !== 'nothing' && Number.isFinite(word.sample.value) ? word.sample.value : null;
}
