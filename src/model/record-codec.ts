import type { Chain, RecordHeader, RecordVisitor, RequestRecord } from './record.ts';
import { TRANSPORT_ERRORS, type TransportError } from './record.ts';
import { jsonText } from './visible.ts';

/*
 * The record file is NDJSON. Strings that repeat are written once and named by index after that:
 *   {"format":"faultline/requests","v":1,"engine":"undici"}
 *   {"path":0,"id":"entry@tokyo/ap-northeast-1a"}
 *   {"chain":0,"hops":[["mocka","ap-northeast-1a","127.1.1.2"]],"rest":"upstream connect error"}
 *   (a hop has the name of its pod as well, where the answer told it)
 *   {"text":0,"value":"self-signed certificate"}
 *   {"p":0,"n":17,"due":340000,"t0":340102,"t1":343310,"s":200,"c":0,"f":0}
 * A transport error has `"e":"tls"` in place of `"c"`, and `"x":0` where it has words, as a response has that says what it
 * should not; a dropped request has `"d":1`.
 */

/** The first line of a record file, with its newline. */
export function encodeHeader(header: RecordHeader): string {
  return `${jsonText(header)}\n`;
}

/** The line that gives a path its index, with its newline. */
export function encodePath(index: number, id: string): string {
  return `${jsonText({ path: index, id })}\n`;
}

/** The line that gives a chain its index, with its newline. */
export function encodeChain(index: number, chain: Chain): string {
  const hops = chain.hops.map(({ service, zone, ip, pod }) => [service, zone, ip, ...(pod === undefined ? [] : [pod])]);
  return `${jsonText({ chain: index, hops, rest: chain.rest })}\n`;
}

/** Longest words of an error that are kept, in characters. */
export const TEXT_LIMIT = 256;

/** The line that gives the words of an error their index, with its newline; longer words are cut. */
export function encodeText(index: number, text: string): string {
  return `${jsonText({ text: index, value: text.slice(0, TEXT_LIMIT) })}\n`;
}

/** One request, with its newline. Times are cut to whole microseconds. */
export function encodeRequest(r: RequestRecord): string {
  const head = `{"p":${r.path},"n":${r.seq},"due":${Math.trunc(r.due)}`;
  if (r.ended === 'dropped') return `${head},"d":1}\n`;
  const times = `,"t0":${Math.trunc(r.start)},"t1":${Math.trunc(r.end)}`;
  const words = r.text >= 0 ? `,"x":${r.text}` : '';
  const result =
    r.ended === 'error' ? `,"e":"${r.error ?? 'other'}"${words}` : `,"s":${r.status},"c":${r.chain}${words}`;
  return `${head}${times}${result},"f":${r.fresh ? 1 : 0}}\n`;
}

const ERROR_SET: ReadonlySet<string> = new Set(TRANSPORT_ERRORS);

/** How a request failed, by the word for it; one that is not known is `other`. */
export function asError(value: unknown): TransportError {
  return typeof value === 'string' && ERROR_SET.has(value) ? (value as TransportError) : 'other';
}

/** An empty record, to be filled and reused. */
export function emptyRecord(): RequestRecord {
  return {
    path: 0,
    seq: 0,
    due: 0,
    start: 0,
    end: 0,
    ended: 'dropped',
    status: 0,
    error: undefined,
    chain: -1,
    text: -1,
    fresh: false,
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** A number of something, as records write it. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function fillRequest(line: Fields, record: RequestRecord): boolean {
  if (!isCount(line.p) || !isCount(line.n) || !isCount(line.due)) return false;
  record.path = line.p;
  record.seq = line.n;
  record.due = line.due;
  record.start = isCount(line.t0) ? line.t0 : line.due;
  record.end = isCount(line.t1) ? line.t1 : line.due;
  record.ended = line.d === 1 ? 'dropped' : 'e' in line ? 'error' : 'response';
  record.status = isCount(line.s) ? line.s : 0;
  record.error = record.ended === 'error' ? asError(line.e) : undefined;
  record.chain = isCount(line.c) ? line.c : -1;
  record.text = record.ended !== 'dropped' && isCount(line.x) ? line.x : -1;
  record.fresh = line.f === 1;
  return record.ended !== 'response' || (isCount(line.t1) && isCount(line.s));
}

function asChain(line: Fields): Chain | undefined {
  if (!Array.isArray(line.hops)) return undefined;
  const hops = [];
  for (const hop of line.hops as unknown[]) {
    if (!Array.isArray(hop) || hop.some((part) => typeof part !== 'string')) return undefined;
    const [service = '', zone = '', ip = '', pod] = hop as string[];
    hops.push({ service, zone, ip, ...(pod !== undefined && { pod }) });
  }
  return { hops, rest: typeof line.rest === 'string' ? line.rest : '' };
}

/** Reads one line of a record file and tells the visitor. `number` counts from 1. */
export function decodeLine(text: string, number: number, record: RequestRecord, visitor: RecordVisitor): void {
  const line = parseLine(text);
  const chain = isCount(line.chain) ? asChain(line) : undefined;
  if ('p' in line && fillRequest(line, record)) visitor.request(record);
  else if (isCount(line.path) && typeof line.id === 'string') visitor.path(line.path, line.id);
  else if (chain !== undefined) visitor.chain(line.chain as number, chain);
  else if (isCount(line.text) && typeof line.value === 'string') visitor.text(line.text, line.value);
  else if (line.format === 'faultline/requests' && line.v === 1) {
    visitor.header({ format: 'faultline/requests', v: 1, engine: String(line.engine) });
  } else visitor.corrupt(number, text);
}

function parseLine(text: string): Fields {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as Fields) : {};
  } catch {
    return {};
  }
}
