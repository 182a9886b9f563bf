import { asError, isCount } from '../../../model/record-codec.ts';
import type { Micros } from '../../../model/units.ts';
import type { AnswerText } from '../../content.ts';
import type { ChainSource, Wire, WireMessage, WireRequest } from './wire.ts';

type Fields = Readonly<Record<string, unknown>>;
const SHORTAGE = 'local:';

/** The wire of our own k6 extension (../../xk6): JSON lines over a socket. */
export const EXTENSION_WIRE: Wire = { read, dedicated: true };

function read(text: string): WireMessage | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? messageOf(line as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function messageOf(line: Fields): WireMessage | undefined {
  if (isCount(line.p)) return asRequest(line);
  if (isCount(line.chain)) {
    const hops = (line.hops as string[][]).map(([service = '', zone = '', ip = '']) => ({ service, zone, ip }));
    return { type: 'chain', index: line.chain, chain: { hops, rest: String(line.rest ?? '') } };
  }
  if (isCount(line.plan) && isTime(line.at)) return { type: 'first', path: line.plan, at: line.at };
  if (isCount(line.drop) && isTime(line.at)) return { type: 'drop', path: line.drop, at: line.at };
  if (isTime(line.clock)) {
    return { type: 'clock', at: line.clock, exact: line.exact === true, lost: isCount(line.lost) ? line.lost : 0 };
  }
  if (isCount(line.peer)) return { type: 'peer' };
  return line.bye === 1 ? { type: 'end' } : undefined;
}

function asRequest(line: Fields): WireRequest | undefined {
  if (!isCount(line.p) || !isCount(line.n) || !isTime(line.t0) || !isTime(line.t1)) return undefined;
  const said = typeof line.e === 'string' ? line.e : undefined;
  const shortage = said?.startsWith(SHORTAGE) ? said.slice(SHORTAGE.length) : undefined;
  return {
    type: 'request',
    path: line.p,
    number: line.n,
    began: line.t0,
    judged: 0,
    start: line.t0,
    end: line.t1,
    status: isCount(line.s) ? line.s : 0,
    chain: chainOf(line),
    error: said === undefined || shortage !== undefined ? undefined : asError(said),
    words: typeof line.m === 'string' ? { message: line.m, code: '' } : undefined,
    shortage,
    ...(typeof line.x === 'string' ? { answer: answerOf(line, line.x) } : {}),
    fresh: line.f === 1,
  };
}

/** Where the extension reads no chain it tells the text, in base64. */
function chainOf(line: Fields): ChainSource {
  if (isCount(line.c)) return line.c;
  return typeof line.t === 'string'
    ? { text: Buffer.from(line.t, 'base64').toString('utf8'), truncated: line.tc === 1 }
    : -1;
}

/** The body stands in base64, so that its bytes are those that came; headers by their names in lower case. */
function answerOf(line: Fields, body: string): AnswerText {
  const headers = (line.h ?? {}) as Record<string, string>;
  return { body: Buffer.from(body, 'base64'), truncated: line.cut === 1, headers };
}

function isTime(value: unknown): value is Micros {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
