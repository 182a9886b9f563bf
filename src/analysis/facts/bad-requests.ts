import type { BadRequests } from '../../model/result.ts';
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

/** Every bad request of a run: the first ones as they were, the others by what went wrong. */
export class BadRequestBook {
  readonly #first: Bad[] = [];
  readonly #rest = new Map<string, { readonly cause: string; readonly text: number; count: number }>();

  /** One more; what it was is kept only until the book is full. */
  add(cause: string, text: number, whole: () => Pick<Bad, 'path' | 'caller' | 'example'>): void {
    if (this.#first.length >= MOST_WHOLE) this.#count(cause, text);
    else this.#first.push({ cause, text, ...whole() });
  }

  #count(cause: string, text: number): void {
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
    const first = this.#first.toSorted((a, b) => a.example.due - b.example.due);
    const rest = [...this.#rest.values()].toSorted((a, b) => b.count - a.count);
    return {
      first: first.map(({ cause, caller, path, example }) => ({
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
