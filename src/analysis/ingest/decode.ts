import type { RecordVisitor, RequestRecord, TransportError } from '../../model/record.ts';
import { decodeLine, emptyRecord } from '../../model/record-codec.ts';

/** A line longer than this is no record; it is skipped so that memory stays bounded. */
const MAX_LINE = 1 << 20;
const NEWLINE = 10;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const HEAD = bytes('{"p":');
const SEQ = bytes(',"n":');
const DUE = bytes(',"due":');
const DROPPED = bytes(',"d":1}');
const START = bytes(',"t0":');
const END = bytes(',"t1":');
const STATUS = bytes(',"s":');
const CHAIN = bytes(',"c":');
const FRESH = bytes(',"f":');
const ERROR = bytes(',"e":"');
const WORDS = bytes(',"x":');
const ERRORS: readonly (readonly [Uint8Array, TransportError])[] = (
  ['timeout', 'refused', 'reset', 'unreachable', 'closed', 'tls', 'dns', 'protocol', 'script', 'other'] as const
).map((error) => [bytes(`${error}"`), error]);

/**
 * Reads a record file from chunks of bytes, in constant memory. Request lines as `encodeRequest` writes them are read
 * straight from the bytes; every other line goes to `decodeLine`, so that both always agree.
 */
export class RecordDecoder {
  readonly #visitor: RecordVisitor;
  readonly #record = emptyRecord();
  readonly #text = new TextDecoder();
  #line = 0;
  #rest: Uint8Array = new Uint8Array(0);
  #skipping = false;
  #bytes: Uint8Array = this.#rest;
  #at = 0;

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
      if (!this.#skipping) this.#lines(this.#rest, 0, this.#rest.length);
      this.#rest = chunk.subarray(0, 0);
      this.#skipping = false;
    }
    const last = chunk.lastIndexOf(NEWLINE) + 1;
    if (last > from) this.#lines(chunk, from, last);
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

  /** Whole lines only: the byte before `to` is a newline, so a number always ends inside. */
  #lines(chunk: Uint8Array, from: number, to: number): void {
    this.#bytes = chunk;
    let at = from;
    while (at < to) {
      this.#at = at;
      if (this.#fast() && this.#bytes[this.#at] === NEWLINE) {
        this.#line++;
        at = this.#at + 1;
        this.#visitor.request(this.#record);
      } else {
        const newline = chunk.indexOf(NEWLINE, at);
        this.#slow(chunk.subarray(at, newline));
        at = newline + 1;
      }
    }
  }

  #slow(line: Uint8Array): void {
    this.#line++;
    decodeLine(this.#text.decode(line), this.#line, this.#record, this.#visitor);
  }

  #fast(): boolean {
    const record = this.#record;
    if (!this.#literal(HEAD)) return false;
    record.path = this.#number();
    if (!this.#literal(SEQ)) return false;
    record.seq = this.#number();
    if (!this.#literal(DUE)) return false;
    record.due = this.#number();
    if (record.path < 0 || record.seq < 0 || record.due < 0) return false;
    return this.#literal(START) ? this.#answered(record) : this.#dropped(record);
  }

  #dropped(record: RequestRecord): boolean {
    record.start = record.due;
    record.end = record.due;
    record.outcome = 'dropped';
    record.status = 0;
    record.error = undefined;
    record.chain = -1;
    record.text = -1;
    record.fresh = false;
    return this.#literal(DROPPED);
  }

  #answered(record: RequestRecord): boolean {
    record.start = this.#number();
    if (!this.#literal(END)) return false;
    record.end = this.#number();
    record.text = -1;
    if (this.#literal(STATUS)) {
      record.outcome = 'response';
      record.status = this.#number();
      record.error = undefined;
      if (!this.#literal(CHAIN)) return false;
      record.chain = this.#number();
      if (record.chain < 0) return false;
    } else {
      record.outcome = 'error';
      record.status = 0;
      record.chain = -1;
      record.error = this.#error();
      if (record.error === undefined) return false;
      if (this.#literal(WORDS)) {
        record.text = this.#number();
        if (record.text < 0) return false;
      }
    }
    return record.start >= 0 && record.end >= 0 && record.status >= 0 && this.#fresh(record);
  }

  #error(): TransportError | undefined {
    if (!this.#literal(ERROR)) return undefined;
    return ERRORS.find(([text]) => this.#literal(text))?.[1];
  }

  #fresh(record: RequestRecord): boolean {
    if (!this.#literal(FRESH)) return false;
    const digit = this.#bytes[this.#at];
    record.fresh = digit === 49;
    if ((digit !== 48 && digit !== 49) || this.#bytes[this.#at + 1] !== 125) return false;
    this.#at += 2;
    return true;
  }

  /** Moves past `text` when it stands here. */
  #literal(text: Uint8Array): boolean {
    const buffer = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < text.length; i++) if (buffer[at + i] !== text[i]) return false;
    this.#at = at + text.length;
    return true;
  }

  /** A whole number as JSON writes it, or -1 when there is none that fits (the slow path decides then). */
  #number(): number {
    const buffer = this.#bytes;
    const from = this.#at;
    let at = from;
    let value = 0;
    for (;;) {
      const digit = (buffer[at] as number) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      at++;
    }
    this.#at = at;
    const digits = at - from;
    if (digits === 0 || digits > 15 || (digits > 1 && buffer[from] === 48)) return -1;
    return value;
  }
}
