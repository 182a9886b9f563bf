import { type Clause, clauseAt, clausesOf } from './clauses.ts';
import { ownRanges, type Range } from './own-names.ts';
import { type Token, tokensOf } from './tokens.ts';
import { useOf } from './uses.ts';
import { is, isDot, isWord, type Tokens } from './walk.ts';

/**
 * What a script asks for: a `module` that it imports, a `file` that it opens, a `dynamic` import; or that it asks in a way
 * that does not say for what: by a `computed` name, by `code` that it makes of text, or by the `global` object. `name` is as
 * it is written between the quotes, or what is asked by; `at` counts code units.
 */
export type Reference = {
  readonly kind: 'module' | 'file' | 'dynamic' | 'computed' | 'code' | 'global';
  readonly name: string;
  readonly at: number;
};

/**
 * Everything a script in JavaScript or TypeScript asks for, in its order. Imports of types only are left out, as k6 leaves
 * them out. It finds what people write, and no script is safe to run for it: a script may hide what it does. Never throws.
 */
export function referencesOf(text: string): readonly Reference[] {
  const tokens = tokensOf(text);
  const clauses = clausesOf(tokens);
  const script = { tokens, clauses, ownOpen: ownRanges(tokens, clauses, 'open') };
  return tokens.flatMap((token, index) => {
    const find = token.kind === 'word' ? FINDERS.get(token.value) : undefined;
    if (find === undefined || isDot(tokens[index - 1])) return [];
    return find(script, index) ?? [];
  });
}

type Script = { readonly tokens: Tokens; readonly clauses: readonly Clause[]; readonly ownOpen: readonly Range[] };
type Find = (script: Script, index: number) => Reference | undefined;

const FINDERS: ReadonlyMap<string, Find> = new Map([
  ['import', findImport],
  ['export', findFrom],
  ['require', findRequire],
  ['open', findOpen],
  ['eval', findEval],
  ['Function', findFunction],
  ['globalThis', findGlobal],
  ['global', findGlobal],
]);
/** What no script may reach by way of the global object. */
const HIDDEN: ReadonlySet<string> = new Set(['open', 'require', 'eval', 'Function']);
const RESOLVE = ['import', '.', 'meta', '.', 'resolve'];

function findImport(script: Script, index: number): Reference | undefined {
  const { tokens } = script;
  const next = tokens[index + 1];
  if (next?.kind === 'text') return { kind: 'module', name: next.value, at: next.at };
  if (is(next, '(')) return { kind: 'dynamic', name: 'import()', at: tokens[index]?.at ?? 0 };
  return isResolve(tokens, index) ? argument(tokens, index + RESOLVE.length, 'file') : findFrom(script, index);
}

function isResolve(tokens: Tokens, index: number): boolean {
  return RESOLVE.every((value, offset) => tokens[index + offset]?.value === value);
}

/** The module after `from`, where a clause of names stands before it. */
function findFrom({ tokens }: Script, index: number): Reference | undefined {
  const clause = clauseAt(tokens, index);
  const name = clause === undefined || clause.isType ? undefined : tokens[clause.end];
  return name === undefined ? undefined : { kind: 'module', name: name.value, at: name.at };
}

function findRequire(script: Script, index: number): Reference | undefined {
  const { tokens } = script;
  const use = useOf(tokens, script.clauses, index);
  if (use === 'none') return undefined;
  const isAlone = is(tokens[index + 3], ')') || is(tokens[index + 4], ')');
  const module = use === 'call' && isAlone ? argument(tokens, index + 1, 'module') : undefined;
  return module ?? told(tokens, index, 'computed');
}

/** `open` takes a second argument, which says how to read. */
function findOpen({ tokens, clauses, ownOpen }: Script, index: number): Reference | undefined {
  const use = useOf(tokens, clauses, index);
  if (use === 'none' || ownOpen.some(({ from, to }) => from <= index && index <= to)) return undefined;
  if (use === 'value') return told(tokens, index, 'computed');
  const resolved = index + 2 + RESOLVE.length;
  if (isResolve(tokens, index + 2) && ends(tokens[resolved + 3])) return undefined;
  return argument(tokens, index + 1, 'file') ?? told(tokens, index, 'computed');
}

/** The first argument after the parenthesis at `index`, where it is one literal text. */
function argument(tokens: Tokens, index: number, kind: 'module' | 'file'): Reference | undefined {
  const [open, name, end] = tokens.slice(index, index + 3);
  return is(open, '(') && name?.kind === 'text' && ends(end) ? { kind, name: name.value, at: name.at } : undefined;
}

function ends(token: Token | undefined): boolean {
  return is(token, ')') || is(token, ',');
}

function findEval({ tokens, clauses }: Script, index: number): Reference | undefined {
  return useOf(tokens, clauses, index) === 'none' ? undefined : told(tokens, index, 'code');
}

/** `Function('return this')()` is how older libraries ask for the global object. */
function findFunction({ tokens }: Script, index: number): Reference | undefined {
  if (!is(tokens[index + 1], '(')) return undefined;
  const isGlobal = tokens[index + 2]?.value === 'return this' && isCall(tokens, index + 3);
  if (!isGlobal) return told(tokens, index, 'code');
  return reachesHidden(tokens, index + 6, true) ? told(tokens, index, 'global') : undefined;
}

/** What ends one call and is another. */
function isCall(tokens: Tokens, index: number): boolean {
  return is(tokens[index], ')') && is(tokens[index + 1], '(') && is(tokens[index + 2], ')');
}

/** `(globalThis as any).open`, too. `global` is k6's other name of it, and often a script's own, with computed keys. */
function findGlobal({ tokens }: Script, index: number): Reference | undefined {
  const isSure = isWord(tokens[index], 'globalThis');
  const after = isWord(tokens[index + 1], 'as') ? index + 3 : index + 1;
  return reachesHidden(tokens, after, isSure) ? told(tokens, index, 'global') : undefined;
}

/** Whether the global object that ends before `after` is asked for what no script may have from there. */
function reachesHidden(tokens: Tokens, after: number, isSure: boolean): boolean {
  let at = after;
  while (is(tokens[at], ')') || is(tokens[at], '!')) at += 1;
  const isMember = isDot(tokens[at]);
  if (isMember) at += 1;
  if (!is(tokens[at], '[')) return isMember && HIDDEN.has(tokens[at]?.value ?? '');
  const key = tokens[at + 1];
  const isPlain = key?.kind === 'text' && !key.value.includes('\\') && is(tokens[at + 2], ']');
  return isPlain ? HIDDEN.has(key.value) : isSure;
}

function told(tokens: Tokens, index: number, kind: Reference['kind']): Reference {
  const { value, at } = tokens[index] ?? { value: '', at: 0 };
  return { kind, name: value, at };
}
