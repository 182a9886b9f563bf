import { type RequestRecord, TRANSPORT_ERRORS, type TransportError } from '../../model/record.ts';
import { type Cursor, wordOf } from './cursor.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** More than the longest line that is read here. */
const LONGEST = 192;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPENED = 123;
const CLOSED = 125;
const NEWLINE = 10;

const PATH = wordOf('"p":');
const SEQ = wordOf('"n":');
const DUE = wordOf('due"');
const START = wordOf('t0":');
const END = wordOf('t1":');
const STATUS = wordOf('"s":');
const CHAIN = wordOf('"c":');
const WORDS = wordOf('"x":');
const FRESH = wordOf('"f":');

const DROPPED = bytes(',"d":1}\n');
const NO_CHAIN = bytes(',"c":-1');
const ERROR = bytes(',"e":"');
const ERRORS: readonly (readonly [Uint8Array, TransportError])[] = TRANSPORT_ERRORS.map((error) => [
  bytes(`${error}"`),
  error,
]);
const END_OF_LINE = bytes('}\n');

/**
 * Reads one line as `encodeRequest` writes it, newline included, into `record`. False for any other line, and near the end
 * of the bytes: the record says nothing then, and the cursor may stand anywhere.
 */
export function readRequestLine(cursor: Cursor, record: RequestRecord): boolean {
  if (!cursor.hasRoom(LONGEST) || !readNumber(cursor, record)) return false;
  record.text = -1;
  const { at } = cursor;
  if (!readTimes(cursor, record)) return isDropped(cursor, record, at);
  return isAnswer(cursor, record) || (isResult(cursor, record) && isEnd(cursor, record));
}

function readNumber(cursor: Cursor, record: RequestRecord): boolean {
  const { bytes } = cursor;
  let { at } = cursor;
  if (bytes[at] !== OPENED || cursor.word(at + 1) !== PATH) return false;
  const path = cursor.short(at + 5);
  at = cursor.at;
  if (path < 0 || bytes[at] !== COMMA || cursor.word(at + 1) !== SEQ) return false;
  const seq = cursor.short(at + 5);
  at = cursor.at;
  if (seq < 0 || bytes[at] !== COMMA || bytes[at + 1] !== QUOTE) return false;
  if (cursor.word(at + 2) !== DUE || bytes[at + 6] !== COLON) return false;
  const isWhole = cursor.long(at + 7);
  record.path = path;
  record.seq = seq;
  record.due = cursor.value;
  return isWhole;
}

function readTimes(cursor: Cursor, record: RequestRecord): boolean {
  const { bytes } = cursor;
  let { at } = cursor;
  if (bytes[at] !== COMMA || bytes[at + 1] !== QUOTE || cursor.word(at + 2) !== START) return false;
  if (!cursor.long(at + 6)) return false;
  record.start = cursor.value;
  at = cursor.at;
  if (bytes[at] !== COMMA || bytes[at + 1] !== QUOTE || cursor.word(at + 2) !== END) return false;
  const isWhole = cursor.long(at + 6);
  record.end = cursor.value;
  return isWhole;
}

/** A response with a chain and no words, as nearly all are; moves on only where it is one. */
function isAnswer(cursor: Cursor, record: RequestRecord): boolean {
  const { bytes, at: from } = cursor;
  let at = from;
  if (bytes[at] !== COMMA || cursor.word(at + 1) !== STATUS) return false;
  const status = cursor.short(at + 5);
  at = cursor.at;
  const chain = bytes[at] === COMMA && cursor.word(at + 1) === CHAIN ? cursor.short(at + 5) : -1;
  at = cursor.at;
  const fresh = bytes[at] === COMMA && cursor.word(at + 1) === FRESH ? cursor.short(at + 5) : -1;
  at = cursor.at;
  if (status < 0 || chain < 0 || fresh < 0 || bytes[at] !== CLOSED || bytes[at + 1] !== NEWLINE) {
    cursor.at = from;
    return false;
  }
  cursor.at = at + 2;
  record.ended = 'response';
  record.status = status;
  record.error = undefined;
  record.chain = chain;
  record.fresh = fresh === 1;
  return true;
}

/** The number of at most nine digits after a comma and a key; -1 where there is none. */
function shortAfter(cursor: Cursor, key: number): number {
  const { at } = cursor;
  if (cursor.bytes[at] !== COMMA || cursor.word(at + 1) !== key) return -1;
  const value = cursor.short(at + 5);
  if (value < 0) cursor.at = at;
  return value;
}

/** What comes after the times tells the outcomes apart. */
function isResult(cursor: Cursor, record: RequestRecord): boolean {
  const status = shortAfter(cursor, STATUS);
  if (status < 0) return isError(cursor, record);
  record.ended = 'response';
  record.status = status;
  record.error = undefined;
  record.chain = shortAfter(cursor, CHAIN);
  return record.chain >= 0 || cursor.skip(NO_CHAIN);
}

function isError(cursor: Cursor, record: RequestRecord): boolean {
  if (!cursor.skip(ERROR)) return false;
  record.ended = 'error';
  record.status = 0;
  record.chain = -1;
  record.error = ERRORS.find(([text]) => cursor.skip(text))?.[1];
  return record.error !== undefined;
}

function isEnd(cursor: Cursor, record: RequestRecord): boolean {
  let fresh = shortAfter(cursor, FRESH);
  if (fresh < 0) {
    record.text = shortAfter(cursor, WORDS);
    fresh = record.text < 0 ? -1 : shortAfter(cursor, FRESH);
  }
  record.fresh = fresh === 1;
  return fresh >= 0 && cursor.skip(END_OF_LINE);
}

function isDropped(cursor: Cursor, record: RequestRecord, from: number): boolean {
  cursor.at = from;
  record.start = record.due;
  record.end = record.due;
  record.ended = 'dropped';
  record.status = 0;
  record.error = undefined;
  record.chain = -1;
  record.fresh = false;
  return cursor.skip(DROPPED);
}
