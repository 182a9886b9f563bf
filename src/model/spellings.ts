/** A text as it reads, and where each of its characters stands in the text that it was read from; absent where that is this text. */
export type Reading = { readonly text: string; readonly spans?: readonly Span[] };

/** Positions in a text; `to` is the one after the last. */
export type Span = { readonly from: number; readonly to: number };

/** Of JSON and JavaScript, of shells (`$'…'`, by bytes), of URLs (a character of UTF-8, or a byte), of HTML, and of quotes within quotes (YAML, SQL, CSV). */
const ESCAPE =
  /\\u\{[0-9a-f]{1,6}\}|\\u[0-9a-f]{4}|\\x[c-f][0-9a-f](?:\\x[89ab][0-9a-f]){1,3}|\\x[0-9a-f]{2}|\\3[0-7]{2}(?:\\2[0-7]{2}){1,3}|\\[0-3][0-7]{2}|\\[bfnrt"'`/\\]|%[c-f][0-9a-f](?:%[89ab][0-9a-f]){1,3}|%[0-9a-f]{2}|&#x[0-9a-f]{1,8};?|&#[0-9]{1,9};?|&[a-z]{2,6};|''|""/gi;

/** Of PowerShell as well, whose escapes are read by themselves: Markdown has its grave accents before ordinary words. */
const ESCAPE_OR_POWERSHELL = new RegExp(`\`(?:u\\{[0-9a-f]{1,6}\\}|[nrt])|${ESCAPE.source}`, 'gi');

/** As of MIME (RFC 2045: after 76 digits of base64), of PEM and of a folded header, with what the next line is indented by. */
const LINE_BREAK = /\r?\n[ \t]*/g;

/** As for a body of HTML in JSON in JSON. */
const MOST_ROUNDS = 4;

/**
 * How a text reads as it stands, and once its escapes are taken for what they mean; then so once more, as long as that changes it. Each of
 * several lines as one line, too.
 */
export function readingsOf(text: string): Reading[] {
  const ways = text.includes('`') ? [ESCAPE, ESCAPE_OR_POWERSHELL] : [ESCAPE];
  const all = [{ text } as Reading, ...ways.flatMap((way) => readIn(text, way))];
  const lined = all.filter((one) => one.text.includes('\n')).map((one) => unescaped(one, LINE_BREAK));
  return [...new Map([...all, ...lined].map((one) => [one.text, one])).values()];
}

function readIn(text: string, escapes: RegExp): Reading[] {
  const readings: Reading[] = [];
  let last: Reading = { text };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = unescaped(last, escapes);
    if (next.text === last.text) break;
    readings.push(next);
    last = next;
  }
  return readings;
}

/** Where a part of a reading stands in the text that it was read from. */
export function placeIn({ spans }: Reading, { from, to }: Span): Span {
  const [first, last] = [spans?.[from], spans?.[to - 1]];
  return { from: first?.from ?? from, to: last?.to ?? to };
}

function unescaped(reading: Reading, escapes: RegExp): Reading {
  const { text } = reading;
  let read = '';
  const places: Span[] = [];
  let end = 0;
  const keep = (to: number): void => {
    read += text.slice(end, to);
    for (; end < to; end++) places.push(placeIn(reading, { from: end, to: end + 1 }));
  };
  for (const { 0: spelt, index } of text.matchAll(escapes)) {
    const meant = meaningOf(spelt);
    if (meant === undefined) continue;
    keep(index);
    end = index + spelt.length;
    const span = placeIn(reading, { from: index, to: end });
    read += meant;
    for (let unit = 0; unit < meant.length; unit++) places.push(span);
  }
  keep(text.length);
  return { text: read, spans: places };
}

/** Undefined for what only looks like one. */
function meaningOf(spelt: string): string | undefined {
  if (spelt.includes('\n')) return '';
  if (spelt.startsWith('%')) return ofBytes(spelt);
  if (/^\\x.{3}/.test(spelt)) return ofBytes(spelt.replaceAll(/\\x/gi, '%'));
  if (/^\\[0-3]/.test(spelt)) return ofBytes(spelt.replaceAll(/\\(...)/g, (_, octal) => `%${hexOf(octal)}`));
  const digits = /^(?:[\\`][ux]\{?|&#x)([0-9a-f]+)/i.exec(spelt)?.[1];
  if (digits !== undefined) return character(Number.parseInt(digits, 16));
  if (spelt.startsWith('&#')) return character(Number.parseInt(spelt.slice(2), 10));
  if (spelt.startsWith('&')) return ENTITIES[spelt.slice(1, -1)];
  return /^[\\`]/.test(spelt) ? (LETTERS[spelt.charAt(1)] ?? spelt.charAt(1)) : spelt.charAt(1);
}

function hexOf(octal: string): string {
  return Number.parseInt(octal, 8).toString(16).padStart(2, '0');
}

function character(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** Bytes that are no UTF-8 are Latin-1, which headers are. */
function ofBytes(spelt: string): string {
  try {
    return decodeURIComponent(spelt);
  } catch {
    return spelt.replace(/%(..)/g, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)));
  }
}

const LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Named characters of HTML that a secret may have (html.spec.whatwg.org, named character references). */
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', AMP: '&', lt: '<', LT: '<', gt: '>', GT: '>', quot: '"', QUOT: '"', apos: "'", sol: '/', bsol: '\\' },
  ...{ equals: '=', plus: '+', num: '#', colon: ':', semi: ';', comma: ',', period: '.', excl: '!', quest: '?' },
  ...{ lpar: '(', rpar: ')', lsqb: '[', lbrack: '[', rsqb: ']', rbrack: ']', lcub: '{', lbrace: '{', rcub: '}' },
  ...{ rbrace: '}', lowbar: '_', grave: '`', ast: '*', midast: '*', percnt: '%', dollar: '$', commat: '@', Hat: '^' },
  ...{ verbar: '|', vert: '|', nbsp: ' ', Tab: '\t' },
};
