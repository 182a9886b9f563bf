/** Cuts bytes that come in pieces into lines of UTF-8 text; a character or a line may be spread over any number of pieces. */
export class Lines {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #rest = '';

  /** The lines that this piece completes, without their ends. Only `\n` ends a line: JSON may hold U+2028. */
  push(piece: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(piece, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  /** What is left when there are no more pieces: one line without an end, or none. */
  end(): string[] {
    const last = this.#rest + this.#decoder.decode();
    this.#rest = '';
    return last === '' ? [] : [last];
  }
}
