import type { BadRequests } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { type Example, requestExample } from './example.ts';

/** A bad request with what is known of it. */
type Bad = {
  readonly cause: string;
  /** Index of the error's own words; -1 where there are none. */
  readonly text: number;
  readonly path: string;
  readonly caller: string;
  readonly example: Example;
};

/** So many are kept whole. */
const MOST_WHOLE = 200;
/** Causes told apart among the others. */
const MOST_CAUSES = 100;
const OTHER = 'other failures';

/** The order in which they are told: by due time, and by path where that is the same. */
const order = (a: Bad, b: Bad): number => a.example.due - b.example.due || a.example.pathIndex - b.example.pathIndex;

/**
 * Every bad request of a run: the first ones as they were, the others by what went wrong. Paths are heard of in no order
 * among each other, and the first are the same ones all the same.
 */
export class BadRequestBook {
  /** In their order, at most `MOST_WHOLE`. */
  readonly #first: Bad[] = [];
  readonly #rest = new Map<string, { readonly cause: string; readonly text: number; count: number }>();

  /** One more, of this due time; what it was is asked for only if it is among the first so far. */
  add(due: Micros, whole: () => Bad, what: Pick<Bad, 'cause' | 'text'>): void {
    const last = this.#first.at(-1);
    if (last !== undefined && this.#first.length >= MOST_WHOLE && due > last.example.due) {
      this.#count(what);
      return;
    }
    const bad = whole();
    const at = this.#first.findLastIndex((one) => order(one, bad) <= 0);
    this.#first.splice(at + 1, 0, bad);
    if (this.#first.length > MOST_WHOLE) this.#count(this.#first.pop() as Bad);
  }

  #count({ cause, text }: Pick<Bad, 'cause' | 'text'>): void {
    const key = `${text} ${cause}`;
    const isNew = !this.#rest.has(key) && this.#rest.size >= MOST_CAUSES;
    const row = this.#rest.get(isNew ? OTHER : key) ?? {
      ...(isNew ? { cause: OTHER, text: -1 } : { cause, text }),
      count: 0,
    };
    row.count++;
    this.#rest.set(isNew ? OTHER : key, row);
  }

  /** As results show it, by due time and by count. `texts` are the words of errors by their index. */
  told(texts: readonly string[]): BadRequests {
    const rest = [...this.#rest.values()].toSorted((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1));
    return {
      first: this.#first.map(({ cause, caller, path, example }) => ({
        cause,
        caller,
        ...requestExample(path, example, texts),
      })),
      rest: rest.map(({ cause, text, count }) => {
        const words = texts[text];
        return { cause, ...(words !== undefined && { text: words }), count };
      }),
    };
  }
}
