import { MESSAGE_LIMIT, type Words, wording } from './words.ts';

/** Distinct texts of one run; what comes after that has none. */
const LIMIT = 1000;

/**
 * Gives the words of errors an index. The common case, words seen before, is one lookup; words that differ only in what
 * differs from request to request share an index. `onNew` is called once for each index, in order, before it is returned.
 */
export class TextTable {
  readonly #onNew: (index: number, text: string) => void;
  readonly #byMessage = new Map<string, number>();
  readonly #byText = new Map<string, number>();

  constructor(onNew: (index: number, text: string) => void) {
    this.#onNew = onNew;
  }

  /** The index of an error's words; -1 where it has none, or where there are too many different ones. */
  index(words: Words | undefined): number {
    if (words === undefined) return -1;
    const message = `${words.code}\n${words.message.slice(0, MESSAGE_LIMIT)}`;
    return this.#byMessage.get(message) ?? this.#learn(message, wording(words));
  }

  /**
   * The index of words that are told as they stand; of `plain` ones, which are few, where there are too many different
   * ones. Never -1.
   */
  told({ text, plain }: { readonly text: string; readonly plain: string }): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    if (this.#byText.size < LIMIT) return this.#open(text);
    return this.#byText.get(plain) ?? this.#open(plain);
  }

  #learn(message: string, text: string): number {
    const index = text === '' ? -1 : (this.#byText.get(text) ?? this.#add(text));
    if (this.#byMessage.size < LIMIT) this.#byMessage.set(message, index);
    return index;
  }

  #add(text: string): number {
    return this.#byText.size >= LIMIT ? -1 : this.#open(text);
  }

  #open(text: string): number {
    const index = this.#byText.size;
    this.#byText.set(text, index);
    this.#onNew(index, text);
    return index;
  }
}
