import type { Span } from './spellings.ts';

/**
 * What an encoding makes of a text, whatever stands around that: `before` and `after` say that the digit there is made of the text and of
 * what stands beside it.
 */
export type Encoded = { readonly digits: string; readonly before: boolean; readonly after: boolean };

/** Bits of a digit of base64, and of a byte. */
const DIGIT = 6;
const BYTE = 8;

/**
 * A text in hexadecimal digits, and in base64 and base64url (RFC 4648) as part of something longer: what three bytes become depends on how
 * many of them come before the text.
 */
export function encodingsOf(text: string): Encoded[] {
  const bytes = new TextEncoder().encode(text);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const whole = [hex, hex.toUpperCase()].map((digits) => ({ digits, before: false, after: false }));
  const parts = [0, 1, 2].flatMap((offset) => {
    const { digits, ...edges } = inBase64(bytes, offset);
    const ofUrls = digits.replaceAll('+', '-').replaceAll('/', '_');
    return [digits, ofUrls].map((one) => ({ digits: one, ...edges }));
  });
  return [...new Map([...whole, ...parts].map((one) => [one.digits, one])).values()];
}

/** The digits that are made of these bytes alone, with so many others before them. */
function inBase64(bytes: Uint8Array, offset: number): Encoded {
  const all = btoa(`${'\0'.repeat(offset)}${Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')}`);
  const [from, to] = [offset * BYTE, (offset + bytes.length) * BYTE];
  return {
    digits: all.slice(Math.ceil(from / DIGIT), Math.floor(to / DIGIT)),
    before: from % DIGIT !== 0,
    after: to % DIGIT !== 0,
  };
}

const isDigit = (char: string): boolean => /^[\w+/-]$/.test(char);

/**
 * Where an encoded text stands in another one, or its first `least` digits and as many more as are there, with the digits that are partly
 * made of it.
 */
export function encodedIn(text: string, { digits, before, after }: Encoded, least: number): Span[] {
  const spans: Span[] = [];
  const head = digits.slice(0, least);
  for (let at = text.indexOf(head), to = at; at !== -1; at = text.indexOf(head, to)) {
    to = at + head.length;
    while (to - at < digits.length && text.charAt(to) === digits.charAt(to - at)) to += 1;
    const isCut = to - at < digits.length;
    const [isBefore, isAfter] = [before && isDigit(text.charAt(at - 1)), (after || isCut) && isDigit(text.charAt(to))];
    spans.push({ from: isBefore ? at - 1 : at, to: isAfter ? to + 1 : to });
  }
  return spans;
}

/** Where the beginning of one begins that ends with the text, so many digits or more; undefined where none does. */
export function encodedAtEnd(text: string, { digits }: Encoded, shortest: number): number | undefined {
  const first = digits.charAt(0);
  let from = text.indexOf(first, Math.max(0, text.length - digits.length + 1));
  for (; from !== -1 && text.length - from >= shortest; from = text.indexOf(first, from + 1)) {
    if (digits.startsWith(text.slice(from))) return from;
  }
  return undefined;
}
