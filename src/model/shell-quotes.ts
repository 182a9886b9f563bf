import type { Span } from './spellings.ts';

/** What a shell's quoting puts between the characters of a word: of POSIX shells, PowerShell and cmd. */
const QUOTE = /["$'\\^`]/;
/** Longest quoting that is read between two characters, as of `'\''` within quotes within quotes. */
const MOST = 64;

/**
 * Where a word stands in a text, as it is or quoted for a shell in whatever way (`it'\''s`, `"it's"`, `it\'s`, `'it''s'`, `a^&b`),
 * parts of it in different ways as well: each character, and between them nothing but quotes and escapes. Of a word that is not there as
 * a whole, its first `least` characters or more.
 */
export function quotedIn(text: string, word: string, least: number = word.length): Span[] {
  const spans: Span[] = [];
  const first = word.charAt(0);
  for (let from = text.indexOf(first); from !== -1; ) {
    const { to, found } = follow(text, from, word);
    const isWhole = found === word.length;
    if (found >= least) spans.push({ from, to: isWhole ? to : withoutQuotes(text, to) });
    from = text.indexOf(first, isWhole ? to : from + 1);
  }
  return spans;
}

/** Quotes behind the last character that was found belong to the text. */
function withoutQuotes(text: string, end: number): number {
  let to = end;
  while (QUOTE.test(text.charAt(to - 1))) to -= 1;
  return to;
}

/** Where the beginning of a word begins that ends with the text, so many characters or more; undefined where none does. */
export function beginningAtEnd(text: string, word: string, shortest: number): number | undefined {
  const first = word.charAt(0);
  const furthest = Math.max(0, text.length - word.length * (MOST + 1));
  for (let from = text.indexOf(first, furthest); from !== -1; from = text.indexOf(first, from + 1)) {
    const { to, found } = follow(text, from, word);
    if (to === text.length && found >= shortest && found < word.length) return from;
  }
  return undefined;
}

/** Reads a word as far as it goes. To take a character as soon as it comes is never worse than to take it for a quote. */
function follow(text: string, from: number, word: string): { readonly to: number; readonly found: number } {
  let [to, found, skipped] = [from, 0, 0];
  while (found < word.length && to < text.length) {
    const char = text.charAt(to);
    if (char === word.charAt(found)) [found, skipped] = [found + 1, 0];
    else if (isQuoting(text, to) && skipped < MOST) skipped += 1;
    else break;
    to += 1;
  }
  return { to, found };
}

/** A line may be broken within a word, after a backslash. */
function isQuoting(text: string, at: number): boolean {
  return QUOTE.test(text.charAt(at)) || (/[\r\n]/.test(text.charAt(at)) && /\\\r?$/.test(text.slice(at - 2, at)));
}
