import { binds, type Clause } from './clauses.ts';
import { BEFORE_VALUE } from './tokens.ts';
import { closeOf, is, isWord, openerOf, type Tokens } from './walk.ts';

/** The tokens from one to another, both included. */
export type Range = { readonly from: number; readonly to: number };

const KEYWORDS: ReadonlySet<string> = new Set(['const', 'let', 'var']);

/**
 * Where a name is the script's own: an import of it, a `const`, `let` or `var` that begins with it, and a function, each in
 * the block that it stands in. Every other way to declare a name (a parameter, a pattern) is not told here.
 */
export function ownRanges(tokens: Tokens, clauses: readonly Clause[], name: string): readonly Range[] {
  return tokens.flatMap((token, index): Range[] => {
    if (!isWord(token, name)) return [];
    const clause = clauses.find(({ start, end }) => start < index && index < end);
    if (clause !== undefined) return binds(tokens, clause, index) ? [{ from: 0, to: tokens.length }] : [];
    const isDeclared = isVariable(tokens, index) || isFunction(tokens, index);
    const range = isDeclared ? blockOf(tokens, index) : undefined;
    return range === undefined ? [] : [range];
  });
}

function blockOf(tokens: Tokens, index: number): Range | undefined {
  const from = openerOf(tokens, index);
  if (from === -1) return { from: 0, to: tokens.length };
  return is(tokens[from], '{') ? { from, to: closeOf(tokens, from) } : undefined;
}

/** On one line: a class may have a property named `var`, and another on the next line. */
function isVariable(tokens: Tokens, index: number): boolean {
  const keyword = tokens[index - 1];
  const before = tokens[index - 2];
  if (keyword?.kind !== 'word' || !KEYWORDS.has(keyword.value) || tokens[index]?.first !== false) return false;
  return !isWord(before, 'declare');
}

/** A statement with a body: TypeScript's functions without one are gone when the script runs. */
function isFunction(tokens: Tokens, index: number): boolean {
  const at = is(tokens[index - 1], '*') ? index - 2 : index - 1;
  if (!isWord(tokens[at], 'function') || tokens[index]?.first !== false) return false;
  const start = isWord(tokens[at - 1], 'async') ? at - 1 : at;
  return beginsStatement(tokens, start) && hasBody(tokens, index + 1);
}

function beginsStatement(tokens: Tokens, index: number): boolean {
  const before = tokens[index - 1];
  if (before === undefined || [';', '{', '}'].some((mark) => is(before, mark))) return true;
  if (isWord(before, 'export') || isWord(before, 'default')) return true;
  if (tokens[index]?.first !== true || isWord(before, 'declare')) return false;
  if (before.kind === 'mark') return is(before, ')') || is(before, ']');
  return before.kind !== 'word' || !BEFORE_VALUE.has(before.value);
}

/** Whether a brace follows the parameters, on the same line, with no more than the name of a type between. */
function hasBody(tokens: Tokens, parameters: number): boolean {
  if (!is(tokens[parameters], '(')) return false;
  let at = closeOf(tokens, parameters) + 1;
  if (is(tokens[at], ':')) at += 1;
  while (tokens[at]?.first === false && isPartOfType(tokens, at)) at += 1;
  return tokens[at]?.first === false && is(tokens[at], '{');
}

function isPartOfType(tokens: Tokens, at: number): boolean {
  return tokens[at]?.kind === 'word' || ['.', '<', '>', '[', ']', '|'].some((mark) => is(tokens[at], mark));
}
