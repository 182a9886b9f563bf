import type { Clause } from './clauses.ts';
import { BEFORE_VALUE, type Token } from './tokens.ts';
import { closeOf, is, isDot, isWord, type Tokens } from './walk.ts';

/** `value`: it is handed on, and may be called by another name; `none`: it is another thing of that name, or only written. */
export type Use = 'call' | 'value' | 'none';

/** What a script does with the global of this name at `index`. In doubt it is `value`. */
export function useOf(tokens: Tokens, clauses: readonly Clause[], index: number): Use {
  const before = tokens[index - 1];
  const [next, after] = tokens.slice(index + 1, index + 3);
  if (isDot(before) || isWord(before, 'function') || isGenerator(tokens, index)) return 'none';
  if (clauses.some(({ start, end }) => start < index && index < end)) return 'none';
  if (is(next, '(')) return isMethod(tokens, index) ? 'none' : 'call';
  if (is(next, '=')) return 'none';
  if (is(next, ':')) return isKeyAfter(before) ? 'none' : 'value';
  if (is(next, '?') && !is(after, '?')) return 'none';
  return isWord(before, 'typeof') && !goesOn(next) ? 'none' : 'value';
}

function isGenerator(tokens: Tokens, index: number): boolean {
  return is(tokens[index - 1], '*') && isWord(tokens[index - 2], 'function');
}

/** A name before a colon is a key, a parameter or a label, unless what stands before it waits for a value, as `a ?` does. */
function isKeyAfter(before: Token | undefined): boolean {
  if (before?.kind === 'mark') return '{,(;}])'.includes(before.value);
  return before?.kind !== 'word' || !BEFORE_VALUE.has(before.value);
}

/** What `typeof` looks at is then not the name alone. */
function goesOn(next: Token | undefined): boolean {
  return isDot(next) || is(next, '[') || next?.kind === 'text' || next?.kind === 'other';
}

/** The head of a method, or a call that asks for nothing. */
function isMethod(tokens: Tokens, index: number): boolean {
  const before = tokens[index - 1];
  const first = index + 2;
  if (tokens[first] === undefined || is(tokens[first], ')')) return true;
  if (before?.kind === 'word' && BEFORE_VALUE.has(before.value)) return false;
  if (tokens[first]?.kind === 'text') return false;
  if (isTyped(tokens, is(tokens[first], '...') ? first + 1 : first)) return true;
  const body = tokens[closeOf(tokens, index + 1) + 1];
  return is(body, '{') && body?.first === false;
}

/** `a:` or `a?:`, which no argument of a call begins with. */
function isTyped(tokens: Tokens, at: number): boolean {
  const [name, mark, colon] = tokens.slice(at, at + 3);
  return name?.kind === 'word' && (is(mark, ':') || (is(mark, '?') && is(colon, ':')));
}
