import type { TransportError } from '../../model/record.ts';
import type { Path } from '../../model/target.ts';
import type { Words } from '../words.ts';

const BY_CODE: Readonly<Record<string, TransportError>> = {
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  UND_ERR_SOCKET: 'closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'closed',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  EPROTO: 'tls',
  ERR_HTTP2_STREAM_ERROR: 'reset',
  ERR_HTTP2_STREAM_CANCEL: 'closed',
  ERR_HTTP2_SESSION_ERROR: 'closed',
  ERR_HTTP2_GOAWAY_SESSION: 'closed',
  ERR_HTTP2_INVALID_SESSION: 'closed',
  ERR_HTTP2_ERROR: 'protocol',
  NO_HTTP2: 'protocol',
  ENOTFOUND: 'dns',
};

const BY_PREFIX: readonly (readonly [string, TransportError])[] = [
  ['ERR_TLS_', 'tls'],
  ['ERR_SSL_', 'tls'],
  ['CERT_', 'tls'],
  ['CRL_', 'tls'],
  ['SELF_SIGNED_', 'tls'],
  ['DEPTH_ZERO_', 'tls'],
  ['UNABLE_TO_', 'tls'],
  ['HOSTNAME_MISMATCH', 'tls'],
  ['INVALID_CA', 'tls'],
  ['EAI_', 'dns'],
];

/** The machine of the generator ran out of something: nothing was said about the target. */
const LOCAL: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

/** The harness has lost its patience: the times of the record say all there is. */
export class OwnTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/** A stream of HTTP/2 ended without a whole answer: its connection is gone, or the server has broken it off alone. */
export class ConnectionClosed extends Error {
  readonly code: string;
  constructor(rstCode: number, isGone: boolean) {
    super(isGone ? 'the connection was closed' : `the stream was reset with code ${rstCode}`);
    this.code = isGone ? 'ERR_HTTP2_STREAM_CANCEL' : 'ERR_HTTP2_STREAM_ERROR';
  }
}

/** A gateway has not chosen HTTP/2 by ALPN, and nothing else is offered. */
export class NoHttp2 extends Error {
  readonly code = 'NO_HTTP2';
}

/** Causes are followed this deep; an error can be its own cause. */
const DEPTH = 8;

/** Sorts what undici and node report into the words of a request record. */
export function classify(error: unknown): TransportError {
  for (const link of chainOf(error)) {
    const found = ofOne(link);
    if (found !== 'other') return found;
  }
  return 'other';
}

/** The code of a shortage on this machine (no file descriptors, no local ports), or undefined. */
export function localShortage(error: unknown): string | undefined {
  return chainOf(error)
    .map(codeOf)
    .find((code) => LOCAL.has(code));
}

/**
 * What the innermost of the errors says that are of the kind in the record; undefined for the harness's own timeout. The
 * address of the path is left out.
 */
export function wordsOf(error: unknown, { host, port }: Pick<Path, 'host' | 'port'>): Words | undefined {
  const kind = classify(error);
  const telling = chainOf(error).filter((link) => ofOne(link) === kind && String(link.message) + codeOf(link) !== '');
  const innermost = telling.at(-1);
  if (innermost === undefined || innermost instanceof OwnTimeout) return undefined;
  return { message: String(innermost.message).replace(` ${host}:${port}`, ''), code: codeOf(innermost) };
}

function ofOne(error: Error): TransportError {
  const code = codeOf(error);
  const { name, message } = error as Error;
  // undici's parser errors have no code; the end of the connection inside a body is told by one of them.
  if (name === 'HTTPParserError') return message.includes('EOF') ? 'closed' : 'protocol';
  // UND_ERR_SOCKET is both a closed connection and an answer that is none.
  if (code === 'UND_ERR_SOCKET' && message.startsWith('bad ')) return 'protocol';
  return BY_CODE[code] ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'other';
}

/** The error itself, then what it was caused by or made of, outermost first. */
function chainOf(error: unknown, depth = DEPTH): Error[] {
  if (depth === 0 || !(error instanceof Error)) return [];
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error, ...[error.cause, ...parts].flatMap((inner) => chainOf(inner, depth - 1))];
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
