import type { Chain } from './record.ts';
import { beginningAtEnd, quotedIn } from './shell-quotes.ts';
import { placeIn, type Reading, readingsOf, type Span } from './spellings.ts';

/** What stands where a secret was. */
export const REDACTED = '[redacted]';

/** A text without the secrets that it held. */
export type Redact = (text: string) => string;

/** Rather too often than too seldom: a harmless header that is hidden costs a reader nothing. */
const SECRET_NAME =
  /auth|cookie|token|secret|passw|pwd|credential|session|signature|private|bearer|jwt|csrf|xsrf|key$|(^|[-_.])(sid|otp)$/i;

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
  const traces = [
    whole,
    credential,
    ...passwordsOf(whole),
    ...pieces.filter((piece) => piece.length >= SHORTEST_PIECE),
  ];
  return [...new Set(traces)].filter((trace) => trace.length >= SHORTEST && !REDACTED.includes(trace));
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
 * them would change the verdict. Such a value is no secret: the run says it anyway.
 */
export function hideable(traces: readonly string[], names: readonly string[]): string[] {
  return traces.filter((trace) => !names.some((name) => name.includes(trace)));
}

/**
 * Replaces every one of the traces in a text, however JSON, JavaScript, URLs, HTML and shells spell it or its single characters,
 * or base64 the whole of it, and the beginning of one (eight characters or more) at the end of the text, where records are cut.
 */
export function redactor(traces: readonly string[] = []): Redact {
  if (traces.length === 0) return (text) => text;
  const read = traces.flatMap(readingsOf).map(({ text }) => text);
  const encoded = traces.filter(({ length }) => length >= SHORTEST_PIECE).flatMap(inBase64);
  const known = [...new Set([...traces, ...read.filter((text) => text.length >= SHORTEST), ...encoded])];
  return (text) => without(text, readingsOf(text).flatMap(partsIn(known)));
}

/** The parts of a reading that hold one of these texts, or the beginning of one at the end. */
function partsIn(known: readonly string[]): (reading: Reading) => Span[] {
  return (reading) => {
    const { text } = reading;
    const whole = known.flatMap((one) => quotedIn(text, one).map((span) => placeIn(reading, span)));
    // An escape that is cut may be one of an escape.
    const cut = [text, text.replace(CUT_ESCAPE, '')].flatMap((some) => {
      const begins = known.map((one) => beginningAtEnd(some, one, SHORTEST_PIECE));
      const from = Math.min(...begins.map((at) => at ?? some.length));
      return from === some.length ? [] : [placeIn(reading, { from, to: some.length }).from];
    });
    return [...whole, ...cut.map((from) => ({ from, to: Number.POSITIVE_INFINITY }))];
  };
}

/** As some tools show what they were sent; without the padding, which not all have. */
function inBase64(text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  const plain = btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
  return [plain, plain.replaceAll('+', '-').replaceAll('/', '_')];
}

/** The beginning of an escape at the end of a text. */
const CUT_ESCAPE = /(?:\\(?:u\{?[0-9a-f]{0,5}|x[0-9a-f]?)?|%[0-9a-f]?|&#?[0-9a-z]{0,8})$/i;

/** A text with REDACTED in place of these parts, which may overlap. */
function without(text: string, parts: readonly Span[]): string {
  let shown = '';
  let end = 0;
  for (const { from, to } of parts.toSorted((a, b) => a.from - b.from)) {
    if (to <= end) continue;
    if (from >= end) shown += text.slice(end, from) + REDACTED;
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
  return { hops: shown, rest: redact(rest) };
}
