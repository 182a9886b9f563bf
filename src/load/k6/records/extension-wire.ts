import type { Chain } from '../../../model/record.ts';
import { TRANSPORT_ERRORS, type TransportError } from '../../../model/record.ts';
import type { Micros } from '../../../model/units.ts';
import type { Words } from '../../words.ts';

/** A request as the extension tells it: `number` counts the requests k6 has started, dropped ones not among them. */
export type WireRequest = {
  readonly type: 'request';
  readonly path: number;
  readonly number: number;
  readonly start: Micros;
  readonly end: Micros;
  readonly status: number;
  readonly chain: number;
  readonly error: TransportError | undefined;
  /** What the error says of itself; an older extension does not tell. */
  readonly words: Words | undefined;
  /** The code of a shortage on this machine; nothing was said about the target then. */
  readonly shortage: string | undefined;
  readonly fresh: boolean;
};

/** What the extension says, one line each. Times are on its own clock. */
export type WireMessage =
  | WireRequest
  | { readonly type: 'chain'; readonly index: number; readonly chain: Chain }
  | { readonly type: 'plan'; readonly path: number; readonly at: Micros }
  | { readonly type: 'drop'; readonly path: number; readonly at: Micros }
  | { readonly type: 'clock'; readonly at: Micros; readonly exact: boolean; readonly lost: number }
  | { readonly type: 'peer' }
  | { readonly type: 'bye' };

type Line = Readonly<Record<string, unknown>>;
const ERRORS: ReadonlySet<string> = new Set(TRANSPORT_ERRORS);
const SHORTAGE = 'local:';

/** Reads one line; undefined for what is none of ours. */
export function readWire(text: string): WireMessage | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? messageOf(line as Line) : undefined;
  } catch {
    return undefined;
  }
}

function messageOf(line: Line): WireMessage | undefined {
  if (isCount(line.p)) return asRequest(line);
  if (isCount(line.chain)) {
    const hops = (line.hops as string[][]).map(([service = '', zone = '', ip = '']) => ({ service, zone, ip }));
    return { type: 'chain', index: line.chain, chain: { hops, rest: String(line.rest ?? '') } };
  }
  if (isCount(line.plan) && isTime(line.at)) return { type: 'plan', path: line.plan, at: line.at };
  if (isCount(line.drop) && isTime(line.at)) return { type: 'drop', path: line.drop, at: line.at };
  if (isTime(line.clock)) {
    return { type: 'clock', at: line.clock, exact: line.exact === true, lost: isCount(line.lost) ? line.lost : 0 };
  }
  if (isCount(line.peer)) return { type: 'peer' };
  return line.bye === 1 ? { type: 'bye' } : undefined;
}

function asRequest(line: Line): WireRequest | undefined {
  if (!isCount(line.p) || !isCount(line.n) || !isTime(line.t0) || !isTime(line.t1)) return undefined;
  const said = typeof line.e === 'string' ? line.e : undefined;
  const shortage = said?.startsWith(SHORTAGE) ? said.slice(SHORTAGE.length) : undefined;
  return {
    type: 'request',
    path: line.p,
    number: line.n,
    start: line.t0,
    end: line.t1,
    status: isCount(line.s) ? line.s : 0,
    chain: isCount(line.c) ? line.c : -1,
    error:
      said === undefined || shortage !== undefined ? undefined : ERRORS.has(said) ? (said as TransportError) : 'other',
    words: typeof line.m === 'string' ? { message: line.m, code: '' } : undefined,
    shortage,
    fresh: line.f === 1,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isTime(value: unknown): value is Micros {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
