import { type Encoded, encodedAtEnd, encodedIn, encodingsOf } from './encodings.ts';
import { type Chain, REST_LIMIT, TRUNCATED } from './record.ts';
import { beginningAtEnd, quotedIn } from './shell-quotes.ts';
import { placeIn, type Reading, readingsOf, type Span } from './spellings.ts';

/** What stands where a secret was. */
export const REDACTED = '[redacted]';

/** A text without the secrets that it held. */
export type Redact = (text: string) => string;

/** What is in the name of a secret. Rather too often than too seldom: a harmless header that is hidden costs a reader nothing. */
export const SECRET_WORDS =
  'auth|cookie|token|secret|passw|passphrase|pwd|credential|session|signature|private|bearer|jwt|csrf|xsrf|device_?code|assertion$';
const SECRET_NAME = new RegExp(`${SECRET_WORDS}|key$|(^|[-_.])(sid|otp)$`, 'i');

/**
 * Whether the value of a header is a secret by the header's name, in any case: authorization, cookies, API keys, and what
 * calls itself a token, secret, password, credential, session, signature or private.
 */
export function isSecretHeader(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** A shorter text is part of ordinary words and numbers, and is hidden only in the place where it is written. */
const SHORTEST = 4;
/** Part of a value, such as one cookie of several: shorter ones are words (`theme=dark`). */
const SHORTEST_PIECE = 8;

/**
 * The texts by which a secret value would be known: itself, the credential after its scheme (`Bearer …`; of `Basic` also what it
 * says), and the values of its pairs (cookies, digests). Values of fewer than four characters have none, because replacing them
 * would destroy text without hiding anything.
 */
export function tracesOf(value: string): string[] {
  const whole = value.trim();
  const credential = /^[A-Za-z][-\w]*\s+(.+)$/.exec(whole)?.[1] ?? '';
  const pieces = [...whole.matchAll(/[^\s;,&=]+=("?)([^";,&\s]+)\1/g)].map((match) => match[2] ?? '');
  const all = [whole, credential, ...passwordsOf(whole), ...pieces.filter((piece) => piece.length >= SHORTEST_PIECE)];
  const traces = all.flatMap((one) => [one, ...beginningOf(one)]);
  return [...new Set(traces)].filter((trace) => trace.length >= SHORTEST && !REDACTED.includes(trace));
}

/** So many characters of the beginning of a secret are known as part of it. */
const BEGINNING = 12;
/** What many texts begin with: the scheme of a URL with its user, or its host where no password follows. */
const ADDRESS = /^[a-z][a-z0-9+.-]{0,30}:\/\/(?:[^/@:]{0,256}:(?=[^/@]*@)|[^/]*\/?)/i;
/** The scheme or the name before a credential, which stand in prose as well. */
const SCHEME =
  /^(?:(?:bearer|basic|bot|digest|dpop|genie-?key|negotiate|oauth|splunk|ssws|token|(?:api)?-?key)\s+|[^\s;,&=]{1,64}=)/i;
/** JSON and lists of pairs, such as cookies: their texts are known one by one. */
const STRUCTURE = /^[[{]|;\s/;

/** What others may have cut a secret to at the least; none of one that is not longer. */
function beginningOf(trace: string): string[] {
  if (STRUCTURE.test(trace)) return [];
  const before = (ADDRESS.exec(trace) ?? SCHEME.exec(trace))?.[0].length ?? 0;
  const length = before + BEGINNING;
  return trace.length > length ? [trace.slice(0, length)] : [];
}

/** Those of some traces that are of whole values, and not only of their beginnings. */
export function wholeTraces(traces: readonly string[]): string[] {
  const beginnings = new Set(traces.flatMap(beginningOf));
  return traces.filter((trace) => !beginnings.has(trace));
}

/** User and password of `Basic`, and the password alone (RFC 7617). */
function passwordsOf(value: string): string[] {
  const encoded = /^basic\s+([A-Za-z0-9+/]+=*)$/i.exec(value)?.[1];
  if (encoded === undefined) return [];
  try {
    const pair = new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)));
    return [pair, pair.slice(pair.indexOf(':') + 1)];
  } catch {
    return [];
  }
}

/**
 * The traces that can be hidden in a run: not those that are part of a name it is judged by, such as a zone, or hiding
 * them would change the verdict. Such a value is no secret: the run says it anyway. One that only begins as a name does is hidden as a whole.
 */
export function hideable(traces: readonly string[], names: readonly string[]): string[] {
  return traces.filter((trace) => !names.some((name) => name.includes(trace)));
}

/**
 * Replaces every one of the traces in a text, however JSON, JavaScript, URLs, HTML and shells spell it or its single characters,
 * and encoded as part of something longer in base64 or hexadecimal digits; of one whose beginning is a trace as well, however much
 * more than that is there. The beginning of one at the end of a text is hidden from eight characters on, since others may
 * have cut it there, and where the text ends with `…`, as those do that are cut here, from the first: such a text just ends earlier.
 */
export function redactor(traces: readonly string[] = []): Redact {
  if (traces.length === 0) return (text) => text;
  const read = traces.flatMap(readingsOf).map(({ text }) => text);
  const encodings = traces.filter(({ length }) => length >= SHORTEST_PIECE).flatMap(encodingsOf);
  const encoded = withLeast(new Map(encodings.map((one) => [one.digits, one])));
  const plain = withLeast(
    new Map([...traces, ...read.filter(({ length }) => length >= SHORTEST)].map((one) => [one, one])),
  );
  const known = { plain, encoded };
  return (text) => {
    const mark = CUT_MARK.exec(text)?.[0] ?? '';
    const told = text.slice(0, text.length - mark.length);
    const shortest = mark === '' ? SHORTEST_PIECE : 1;
    return without(told, readingsOf(told).flatMap(partsIn(known, shortest))) + mark;
  };
}

/** A part of a text that is hidden; `isBeginning`: it may be the beginning of a secret of which no more is there. */
type Part = Span & { readonly isBeginning: boolean };

/** What is looked for: itself, or the first `least` characters of it and as many more as are there. */
type Sought<One> = { readonly one: One; readonly least: number };
type Known = { readonly plain: readonly Sought<string>[]; readonly encoded: readonly Sought<Encoded>[] };

/** What is looked for by its text: where another text is its beginning, that much will do. */
function withLeast<One>(texts: ReadonlyMap<string, One>): Sought<One>[] {
  const lengths = [...new Set([...texts.keys()].map(({ length }) => length))].sort((a, b) => a - b);
  return [...texts].map(([text, one]) => {
    const least = lengths.find((length) => length < text.length && texts.has(text.slice(0, length)));
    return { one, least: least ?? text.length };
  });
}

/** The parts of a reading that hold one of these texts, or as many characters of its beginning at the end. */
function partsIn({ plain, encoded }: Known, shortest: number): (reading: Reading) => Part[] {
  return (reading) => {
    const { text } = reading;
    const found = [
      ...plain.flatMap(({ one, least }) => quotedIn(text, one, least)),
      ...encoded.flatMap(({ one, least }) => encodedIn(text, one, least)),
    ];
    const whole = found.map((span) => placeIn(reading, span));
    // An escape that is cut may be one of an escape.
    const cut = [...new Set([text, text.replace(CUT_ESCAPE, '')])].flatMap((some) => {
      const begins = [
        ...plain.map(({ one }) => beginningAtEnd(some, one, shortest)),
        ...encoded.map(({ one }) => encodedAtEnd(some, one, shortest)),
      ];
      const from = Math.min(...begins.map((at) => at ?? some.length));
      return from === some.length ? [] : [placeIn(reading, { from, to: some.length }).from];
    });
    return [
      ...whole.map((span) => ({ ...span, isBeginning: false })),
      ...cut.map((from) => ({ from, to: Number.POSITIVE_INFINITY, isBeginning: true })),
    ];
  };
}

/** The beginning of an escape at the end of a text. */
const CUT_ESCAPE = /(?:\\(?:u\{?[0-9a-f]{0,5}|x[0-9a-f]?|[0-3][0-7]?)?|%[0-9a-f]?|&#?[0-9a-z]{0,8})$/i;

/** The end of a text that was cut. */
const CUT = '…';

/** What stands at the end of a text that was cut here, such as `… (3000 characters)` or, before the code of an error, `… (EPROTO)`. */
const CUT_MARK = /…(?: \([^()]{1,80}\))?$/;

/** A text with REDACTED in place of these parts, which may overlap; a few characters that may begin one are left out. */
function without(text: string, parts: readonly Part[]): string {
  let shown = '';
  let end = 0;
  for (const { from, to, isBeginning } of parts.toSorted((a, b) => a.from - b.from)) {
    if (to <= end) continue;
    const isFew = isBeginning && text.length - from < SHORTEST_PIECE;
    if (from >= end) shown += text.slice(end, from) + (isFew ? '' : REDACTED);
    end = to;
  }
  return shown + text.slice(end);
}

/** A chain without secrets, in its hops as in what is left; an address is an address. */
export function redactChain({ hops, rest }: Chain, redact: Redact): Chain {
  const shown = hops.map(({ service, zone, ip, pod }) => ({
    service: redact(service),
    zone: redact(zone),
    ip: /^[\d.]+$|^[\da-f:]+$/i.test(ip) ? ip : redact(ip),
    ...(pod !== undefined && { pod: redact(pod) }),
  }));
  const isCut = rest.length >= REST_LIMIT || rest.startsWith(TRUNCATED);
  return { hops: shown, rest: isCut ? redact(`${rest}${CUT}`).slice(0, -CUT.length) : redact(rest) };
}
