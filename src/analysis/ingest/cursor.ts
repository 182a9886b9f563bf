/** The text before a number, as its first and its last four bytes. */
type Key = { readonly first: number; readonly last: number; readonly length: number };

/** Bytes that the two numbers of a key cover. */
const WORD = 4;

/** For a text of four to eight bytes: with fewer there is no number, with more it would not be all of the text. */
export function keyOf(text: string): Key {
  const { buffer, byteLength: length } = new TextEncoder().encode(text);
  if (length < WORD || length > 2 * WORD) throw new Error(`key '${text}' has ${length} bytes; give it 4 to 8`);
  const view = new DataView(buffer);
  return { first: view.getInt32(0), last: view.getInt32(length - WORD), length };
}

/** More digits may not fit a number. */
const MAX_DIGITS = 15;
const ZERO = 48;
const NOTHING = new Uint8Array(0);

/**
 * Reads keys, numbers and texts from bytes. The last byte must be no digit, so that a number ends inside: code that has
 * read behind an array once is slow from then on.
 */
export class Cursor {
  /** What `numbers` has read, by the index of the key. */
  readonly values = new Float64Array(8);
  at = 0;
  #bytes: Uint8Array = NOTHING;
  #length = 0;
  #view: DataView = new DataView(NOTHING.buffer);

  open(bytes: Uint8Array): void {
    // Of one class whatever the caller's is: code that has met two is slower.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.#length = bytes.length;
  }

  /** Moves past `text` when it stands here. */
  skip(text: Uint8Array): boolean {
    const { at } = this;
    if (at + text.length > this.#bytes.length) return false;
    for (let i = 0; i < text.length; i++) if (this.#bytes[at + i] !== text[i]) return false;
    this.at = at + text.length;
    return true;
  }

  /**
   * Moves past the keys that stand here one after another, from the one at `from` on, each with a whole number as JSON
   * writes it. Returns the index of the first that does not, or whose number may not fit; `keys.length` where all do.
   */
  numbers(keys: readonly Key[], from: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const length = this.#length;
    const values = this.values;
    let at = this.at;
    let index = from;
    for (; index < keys.length; index++) {
      const key = keys[index] as Key;
      const start = at + key.length;
      if (start >= length || view.getInt32(at) !== key.first || view.getInt32(start - WORD) !== key.last) break;
      let end = start;
      let value = 0;
      let digit = (bytes[end] as number) - ZERO;
      while (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        digit = (bytes[++end] as number) - ZERO;
      }
      const digits = end - start;
      if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[start] === ZERO)) break;
      values[index] = value;
      at = end;
    }
    this.at = at;
    return index;
  }
}
