import type { RecordVisitor } from '../../model/record.ts';
import { decodeLine, emptyRecord } from '../../model/record-codec.ts';
import { Cursor } from './cursor.ts';
import { readRequestLine } from './request-line.ts';

/** A line longer than this is no record; it is skipped so that memory stays bounded. */
const MAX_LINE = 1 << 20;
const NEWLINE = 10;

/**
 * Reads a record file from chunks of bytes, in constant memory. Request lines as `encodeRequest` writes them are read
 * straight from the bytes; every other line goes to `decodeLine`, so that both always agree.
 */
export class RecordDecoder {
  readonly #visitor: RecordVisitor;
  readonly #record = emptyRecord();
  readonly #text = new TextDecoder();
  readonly #cursor = new Cursor();
  #line = 0;
  #rest: Uint8Array = new Uint8Array(0);
  #skipping = false;

  constructor(visitor: RecordVisitor) {
    this.#visitor = visitor;
  }

  /** Takes the next bytes of the file; lines may be cut anywhere. */
  push(chunk: Uint8Array): void {
    let from = 0;
    if (this.#rest.length > 0 || this.#skipping) {
      const newline = chunk.indexOf(NEWLINE);
      if (newline < 0) {
        this.#keep(chunk);
        return;
      }
      from = newline + 1;
      this.#keep(chunk.subarray(0, from));
      if (!this.#skipping) this.#lines(this.#rest);
      this.#rest = chunk.subarray(0, 0);
      this.#skipping = false;
    }
    const last = chunk.lastIndexOf(NEWLINE) + 1;
    if (last > from) this.#lines(chunk.subarray(from, last));
    if (last < chunk.length) this.#keep(chunk.subarray(Math.max(last, from)));
  }

  /** The file has ended: a last line without its newline was torn, unless it is whole. */
  end(): void {
    if (this.#rest.length > 0) this.#slow(this.#rest);
    this.#rest = this.#rest.subarray(0, 0);
  }

  #keep(part: Uint8Array): void {
    if (this.#skipping) return;
    if (this.#rest.length + part.length > MAX_LINE) {
      this.#skipping = true;
      this.#rest = this.#rest.subarray(0, 0);
      this.#line++;
      this.#visitor.corrupt(this.#line, '(line too long)');
      return;
    }
    const joined = new Uint8Array(this.#rest.length + part.length);
    joined.set(this.#rest);
    joined.set(part, this.#rest.length);
    this.#rest = joined;
  }

  /** Whole lines only: the last byte is a newline. */
  #lines(lines: Uint8Array): void {
    const cursor = this.#cursor;
    cursor.open(lines);
    while (cursor.at < lines.length) {
      const from = cursor.at;
      if (readRequestLine(cursor, this.#record)) {
        this.#line++;
        this.#visitor.request(this.#record);
      } else {
        const newline = lines.indexOf(NEWLINE, from);
        this.#slow(lines.subarray(from, newline));
        cursor.at = newline + 1;
      }
    }
  }

  #slow(line: Uint8Array): void {
    this.#line++;
    decodeLine(this.#text.decode(line), this.#line, this.#record, this.#visitor);
  }
}
