import type { TransportError } from '../../../model/record.ts';
import { isCount } from '../../../model/record-codec.ts';
import type { AnswerText } from '../../content.ts';
import type { Wire, WireRequest } from './wire.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The wire of a k6 as its project releases it: what the script module `faultline.ts` prints on its console. */
export const CONSOLE_WIRE: Wire = { read, dedicated: false };

/** Reads one line; undefined for what is no request, such as a script's own words. */
function read(text: string): WireRequest | undefined {
  if (!text.startsWith('{"p":')) return undefined;
  try {
    const line = JSON.parse(text) as Fields;
    const numbers = [line.p, line.i, ...[line.b, line.w ?? 0, line.t0, line.t1].map(microsOf)];
    if (!numbers.every(isCount)) return undefined;
    const [path = 0, number = 0, began = 0, judged = 0, start = 0, end = 0] = numbers;
    // Times are cut to whole microseconds one by one.
    const possible = began + judged <= start + 1 && start <= end;
    if (!possible) return undefined;
    return { type: 'request', path, number, began, judged, start, end, fresh: true, ...outcomeOf(line) };
  } catch {
    return undefined;
  }
}

function microsOf(ms: unknown): unknown {
  return typeof ms === 'number' ? Math.trunc(ms * 1000) : undefined;
}

type RequestOutcome = Pick<WireRequest, 'status' | 'chain' | 'answer' | 'error' | 'words' | 'shortage'>;

function outcomeOf(line: Fields): RequestOutcome {
  if (isCount(line.s)) {
    const text = typeof line.x === 'string' ? line.x : '';
    const chain = { text, truncated: line.cut === 1 };
    const answer = typeof line.h === 'object' && line.h !== null ? { answer: answerOf(line, text) } : {};
    return { status: line.s, chain, ...answer, error: undefined, words: undefined, shortage: undefined };
  }
  const message = String(line.m ?? '');
  const shortage = SHORTAGES.find(([words]) => message.includes(words))?.[1];
  const code = Number(line.e);
  const error = shortage === undefined ? errorOf(code, message) : undefined;
  const words = error === undefined || code === OWN_TIMEOUT ? undefined : { message, code: codeOf(code) };
  return { status: 0, chain: -1, error, words, shortage };
}

/** What is looked at in an answer; its body stands apart where the chain is in a header. */
function answerOf(line: Fields, text: string): AnswerText {
  const body = Buffer.from(typeof line.y === 'string' ? line.y : text);
  return { body, truncated: line.cut === 1, headers: line.h as Record<string, string> };
}

/** As Go words what the machine has run out of. */
const SHORTAGES: readonly (readonly [string, string])[] = [
  ['too many open files', 'EMFILE'],
  ['cannot assign requested address', 'EADDRNOTAVAIL'],
  ['no buffer space available', 'ENOBUFS'],
  ['cannot allocate memory', 'ENOMEM'],
];

/** The timeout that the harness has set. */
const OWN_TIMEOUT = 1050;

/** Error codes of k6 v2 (lib/netext/httpext/error_codes.go). */
const CODES: Readonly<Record<number, TransportError>> = {
  [OWN_TIMEOUT]: 'timeout',
  1211: 'timeout',
  1212: 'refused',
  1201: 'reset',
  1220: 'reset',
};

/** Where k6 has one code for many things, Go's words tell them apart. */
const WORDS: readonly (readonly [RegExp, TransportError])[] = [
  [/no route to host|network is unreachable|host is down|network is down/, 'unreachable'],
  [/timeout|timed out|deadline exceeded/i, 'timeout'],
  [/connection refused/, 'refused'],
  [/connection reset|broken pipe/, 'reset'],
  [/\b(?:tls|x509): /, 'tls'],
  [/\bEOF\b|closed/, 'closed'],
  [/malformed|protocol error|invalid (header|status)/i, 'protocol'],
];

function errorOf(code: number, message: string): TransportError {
  const known = CODES[code];
  if (known !== undefined) return known;
  if (code >= 1100 && code < 1110) return 'dns';
  if (code >= 1300 && code < 1400) return 'tls';
  if (code >= 1600 && code < 1700) return 'protocol';
  return WORDS.find(([words]) => words.test(message))?.[1] ?? 'other';
}

function codeOf(code: number): string {
  return isCount(code) && code > 0 ? `k6 ${code}` : '';
}
