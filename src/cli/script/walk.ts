import type { Token } from './tokens.ts';

/** A script's tokens as the functions that look around in them take them. */
export type Tokens = readonly Token[];

export function is(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'mark' && token.value === mark;
}

export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.value === word;
}

/** What stands before the name of a property. */
export function isDot(token: Token | undefined): boolean {
  return is(token, '.') || is(token, '?.');
}

/** Where the bracket at `index` is closed; the end of the script where it is not. */
export function closeOf(tokens: Tokens, index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at += 1) {
    depth += nesting(tokens[at]);
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** The bracket that what stands at `index` is in; -1 for none. */
export function openerOf(tokens: Tokens, index: number): number {
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    depth += nesting(tokens[at]);
    if (depth > 0) return at;
  }
  return -1;
}

function nesting(token: Token | undefined): number {
  if (token?.kind !== 'mark') return 0;
  if ('({['.includes(token.value)) return 1;
  return ')}]'.includes(token.value) ? -1 : 0;
}
