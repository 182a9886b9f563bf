import { type RequestRecord, TRANSPORT_ERRORS, type TransportError } from '../../model/record.ts';
import { type Cursor, keyOf } from './cursor.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The numbers of a response, in the order of its line. */
const KEYS = ['{"p":', ',"n":', ',"due":', ',"t0":', ',"t1":', ',"s":', ',"c":', ',"f":'].map(keyOf);
const START = 3;
const STATUS = 5;
const CHAIN = 6;
const FRESH = 7;
const WORDS = [keyOf(',"x":')];

const DROPPED = bytes(',"d":1');
const NO_CHAIN = bytes(',"c":-1');
const ERROR = bytes(',"e":"');
const ERRORS: readonly (readonly [Uint8Array, TransportError])[] = TRANSPORT_ERRORS.map((error) => [
  bytes(`${error}"`),
  error,
]);
const END = bytes('}\n');

/**
 * Reads one line as `encodeRequest` writes it, newline included, into `record`. False for any other line: the record says
 * nothing then, and the cursor may stand anywhere.
 */
export function readRequestLine(cursor: Cursor, record: RequestRecord): boolean {
  const { values } = cursor;
  const read = cursor.numbers(KEYS, 0);
  if (read < START) return false;
  record.path = values[0] as number;
  record.seq = values[1] as number;
  record.due = values[2] as number;
  record.start = values[START] as number;
  record.end = values[START + 1] as number;
  record.text = -1;
  return isRest(cursor, record, read) && cursor.skip(END);
}

/** What comes after the times tells the outcomes apart. */
function isRest(cursor: Cursor, record: RequestRecord, read: number): boolean {
  if (read > STATUS) return isResponse(cursor, record, read);
  if (read === STATUS) return isError(cursor, record);
  return read === START && isDropped(cursor, record);
}

function isResponse(cursor: Cursor, record: RequestRecord, read: number): boolean {
  record.outcome = 'response';
  record.status = cursor.values[STATUS] as number;
  record.error = undefined;
  if (read === KEYS.length) {
    record.chain = cursor.values[CHAIN] as number;
    record.fresh = cursor.values[FRESH] === 1;
    return true;
  }
  record.chain = read > CHAIN ? (cursor.values[CHAIN] as number) : -1;
  if (read === CHAIN && !cursor.skip(NO_CHAIN)) return false;
  readWords(cursor, record);
  return isFresh(cursor, record);
}

function readWords(cursor: Cursor, record: RequestRecord): void {
  if (cursor.numbers(WORDS, 0) > 0) record.text = cursor.values[0] as number;
}

function isError(cursor: Cursor, record: RequestRecord): boolean {
  if (!cursor.skip(ERROR)) return false;
  record.outcome = 'error';
  record.status = 0;
  record.chain = -1;
  record.error = ERRORS.find(([text]) => cursor.skip(text))?.[1];
  if (record.error === undefined) return false;
  readWords(cursor, record);
  return isFresh(cursor, record);
}

function isFresh(cursor: Cursor, record: RequestRecord): boolean {
  const isRead = cursor.numbers(KEYS, FRESH) === KEYS.length;
  record.fresh = cursor.values[FRESH] === 1;
  return isRead;
}

function isDropped(cursor: Cursor, record: RequestRecord): boolean {
  record.start = record.due;
  record.end = record.due;
  record.outcome = 'dropped';
  record.status = 0;
  record.error = undefined;
  record.chain = -1;
  record.fresh = false;
  return cursor.skip(DROPPED);
}
