import { type Token, tokensOf } from './tokens.ts';

/**
 * What a script asks for: a `module` that it imports, a `file` that it opens, a `dynamic` import, or a `computed` name of
 * a module. `name` is as it is written between the quotes; `at` counts code units.
 */
export type Reference = {
  readonly kind: 'module' | 'file' | 'dynamic' | 'computed';
  readonly name: string;
  readonly at: number;
};

/**
 * Everything a script in JavaScript or TypeScript asks for, in its order. Imports of types only are left out, as k6 leaves
 * them out, and so are files whose names are computed. Never throws.
 */
export function referencesOf(script: string): readonly Reference[] {
  const tokens = tokensOf(script);
  return tokens.flatMap((token, index) => {
    const find = token.kind === 'word' ? FINDERS.get(token.value) : undefined;
    if (find === undefined || isMember(tokens[index - 1])) return [];
    return find(tokens, index) ?? [];
  });
}

type Find = (tokens: readonly Token[], index: number) => Reference | undefined;

const FINDERS: ReadonlyMap<string, Find> = new Map([
  ['import', findImport],
  ['export', findFrom],
  ['require', findRequire],
  ['open', findOpen],
]);

/** A property, or the name of a function that the script defines. */
function isMember(before: Token | undefined): boolean {
  return is(before, '.') || is(before, '?.') || before?.value === 'function';
}

function is(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'mark' && token.value === mark;
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.value === word;
}

function findImport(tokens: readonly Token[], index: number): Reference | undefined {
  const next = tokens[index + 1];
  if (next?.kind === 'text') return { kind: 'module', name: next.value, at: next.at };
  if (is(next, '(')) return { kind: 'dynamic', name: 'import()', at: tokens[index]?.at ?? 0 };
  if (!is(next, '.')) return findFrom(tokens, index);
  const isResolve = isWord(tokens[index + 2], 'meta') && isWord(tokens[index + 4], 'resolve');
  return isResolve ? argument(tokens, index + 5, 'file') : undefined;
}

/** The module after `from`, where a clause of names stands before it. */
function findFrom(tokens: readonly Token[], index: number): Reference | undefined {
  let at = index + 1;
  const isFrom = (): boolean => isWord(tokens[at], 'from') && tokens[at + 1]?.kind === 'text';
  if (isWord(tokens[at], 'type') && !is(tokens[at + 1], ',')) {
    at += 1;
    if (!isFrom()) return undefined;
  }
  if (tokens[at]?.kind === 'word' && !isFrom()) at += 1;
  if (is(tokens[at], ',')) at += 1;
  if (is(tokens[at], '*')) at += isWord(tokens[at + 1], 'as') ? 3 : 1;
  else if (is(tokens[at], '{')) at = afterBraces(tokens, at);
  const name = tokens[at + 1];
  return isFrom() && name !== undefined ? { kind: 'module', name: name.value, at: name.at } : undefined;
}

function afterBraces(tokens: readonly Token[], index: number): number {
  let at = index;
  while (at < tokens.length && !is(tokens[at], '}')) at += 1;
  return at + 1;
}

function findRequire(tokens: readonly Token[], index: number): Reference | undefined {
  if (!is(tokens[index + 1], '(')) return undefined;
  const at = tokens[index]?.at ?? 0;
  return argument(tokens, index + 1, 'module') ?? { kind: 'computed', name: 'require()', at };
}

function findOpen(tokens: readonly Token[], index: number): Reference | undefined {
  return argument(tokens, index + 1, 'file');
}

/** The first argument after the parenthesis at `index`, where it is one literal text. */
function argument(tokens: readonly Token[], index: number, kind: 'module' | 'file'): Reference | undefined {
  const [open, name, end] = tokens.slice(index, index + 3);
  const isWhole = is(open, '(') && (is(end, ')') || is(end, ','));
  return isWhole && name?.kind === 'text' ? { kind, name: name.value, at: name.at } : undefined;
}
