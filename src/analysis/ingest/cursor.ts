const WORD = 4;

/** Four bytes as the number that `Cursor.word` reads. */
export function wordOf(text: string): number {
  const { buffer, byteLength } = new TextEncoder().encode(text);
  if (byteLength !== WORD) throw new Error(`'${text}' has ${byteLength} bytes; a word has ${WORD}`);
  return new DataView(buffer).getInt32(0);
}

const ZERO = 48;
/** So many digits always fit 32 bits. */
const SHORT = 9;
/** More may not fit a number. */
const MOST = 15;
const NOTHING = new Uint8Array(0);

/**
 * Reads numbers and texts from bytes. Nothing may be read behind them, so ask for `hasRoom` first: code that has read behind
 * an array once is slow from then on.
 */
export class Cursor {
  /** Behind what was read last. */
  at = 0;
  /** What `long` has read. */
  value = 0;
  bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);

  open(bytes: Uint8Array): void {
    // Of one class whatever the caller's is: code that has met two is slower.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  /** Whether so many bytes are left. */
  hasRoom(length: number): boolean {
    return this.at + length <= this.bytes.length;
  }

  /** Four bytes as one number, to compare with `wordOf`. */
  word(at: number): number {
    return this.#view.getInt32(at);
  }

  /** Moves past `text` when it stands here. */
  skip(text: Uint8Array): boolean {
    const { at, bytes } = this;
    for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
    this.at = at + text.length;
    return true;
  }

  /** The whole number of at most nine digits at `from`, as JSON writes it; -1 for none. Moves behind its digits. */
  short(from: number): number {
    const { bytes } = this;
    let at = from;
    let value = 0;
    let digit = (bytes[at] as number) - ZERO;
    while (digit >>> 0 <= 9) {
      value = (value * 10 + digit) | 0;
      digit = (bytes[++at] as number) - ZERO;
    }
    this.at = at;
    const digits = at - from;
    return digits === 1 || (digits > 1 && digits <= SHORT && bytes[from] !== ZERO) ? value : -1;
  }

  /** The same of at most 15 digits: two of 32 bits are much cheaper than one that may not fit. */
  long(from: number): boolean {
    const { bytes } = this;
    const half = from + SHORT;
    let at = from;
    let high = 0;
    let digit = (bytes[at] as number) - ZERO;
    while (digit >>> 0 <= 9 && at < half) {
      high = (high * 10 + digit) | 0;
      digit = (bytes[++at] as number) - ZERO;
    }
    let low = 0;
    let scale = 1;
    while (digit >>> 0 <= 9) {
      low = (low * 10 + digit) | 0;
      scale = (scale * 10) | 0;
      digit = (bytes[++at] as number) - ZERO;
    }
    this.at = at;
    const digits = at - from;
    this.value = high * scale + low;
    return digits === 1 || (digits > 1 && digits <= MOST && bytes[from] !== ZERO);
  }
}
