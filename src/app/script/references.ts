import type { AnyNode, CallExpression, Expression, Identifier, Node, Program } from 'acorn';
import { ancestor } from 'acorn-walk';
import { isOwn, type OwnNames, ownNames } from './scope.ts';

/**
 * What a script asks for by a literal name: a `module` that it imports, or a `file` that it opens. `certain`: whoever loads
 * the script asks for it, whatever happens; else only where it is reached, which nobody knows before.
 */
export type NamedReference = {
  readonly kind: 'module' | 'file';
  readonly name: string;
  readonly certain: boolean;
  /** In code units of the JavaScript. */
  readonly at: number;
};

/** What a script asks for in a way that does not say for what: by a computed name, by another name, or by `import()`. */
type OpenReference = { readonly kind: 'computed'; readonly by: AskedBy; readonly at: number };

export type AskedBy = 'open' | 'require' | 'import';

export type Reference = NamedReference | OpenReference;

const GLOBALS: ReadonlySet<string> = new Set(['open', 'require']);

/** Within these a script does not run to its end, or not for certain. */
const CONDITIONAL =
  /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|IfStatement|ConditionalExpression|LogicalExpression|SwitchStatement|TryStatement|ForStatement|ForInStatement|ForOfStatement|WhileStatement|DoWhileStatement|ClassBody|ChainExpression)$/;

/**
 * Everything a script asks for by what is written in it: imports, and calls of k6's `open` and `require`. It finds what
 * people write; a script that hides what it does is only found out by k6.
 */
export function referencesOf(program: Program): readonly Reference[] {
  const found: Reference[] = [];
  const own = ownNames(program, GLOBALS);
  const module = (source: { value?: unknown; start: number } | null | undefined): void => {
    if (typeof source?.value !== 'string') return;
    found.push({ kind: 'module', name: source.value, certain: true, at: source.start });
  };
  ancestor(program, {
    ImportDeclaration: (node) => module(node.source),
    ExportNamedDeclaration: (node) => module(node.source),
    ExportAllDeclaration: (node) => module(node.source),
    ImportExpression: (node) => found.push({ kind: 'computed', by: 'import', at: node.start }),
    CallExpression(node, _state, ancestors) {
      const reference = calledBy(node, own, ancestors);
      if (reference !== undefined) found.push(reference);
    },
    Identifier(node, _state, ancestors) {
      const reference = handedOn(node, own, ancestors as AnyNode[]);
      if (reference !== undefined) found.push(reference);
    },
  });
  return found.toSorted((a, b) => a.at - b.at);
}

function calledBy(node: CallExpression, own: OwnNames, ancestors: readonly Node[]): Reference | undefined {
  const certain = !ancestors.some(({ type }) => CONDITIONAL.test(type));
  const [first] = node.arguments;
  if (isResolve(node.callee)) {
    const name = literalOf(first);
    return name === undefined ? undefined : { kind: 'file', name, certain, at: first?.start ?? node.start };
  }
  const by = globalName(node.callee, own, ancestors);
  if (by === undefined) return undefined;
  // What `import.meta.resolve` names is a reference of its own.
  if (
    by === 'open' &&
    first?.type === 'CallExpression' &&
    isResolve(first.callee) &&
    literalOf(first.arguments[0]) !== undefined
  )
    return undefined;
  const name = literalOf(first);
  if (name === undefined) return { kind: 'computed', by, at: node.start };
  return { kind: by === 'open' ? 'file' : 'module', name, certain, at: first?.start ?? node.start };
}

/** `open` and `require` as values: they may be called by another name then. Asking for their type is no such thing. */
function handedOn(node: Identifier, own: OwnNames, ancestors: readonly AnyNode[]): Reference | undefined {
  const by = globalName(node, own, ancestors);
  const parent = ancestors.at(-2);
  if (by === undefined || (parent?.type === 'UnaryExpression' && parent.operator === 'typeof')) return undefined;
  if (parent?.type === 'CallExpression' && parent.callee === node) return undefined;
  return { kind: 'computed', by, at: node.start };
}

function globalName(node: AnyNode, own: OwnNames, ancestors: readonly Node[]): 'open' | 'require' | undefined {
  if (node.type !== 'Identifier' || isOwn(own, node.name, ancestors)) return undefined;
  return node.name === 'open' || node.name === 'require' ? node.name : undefined;
}

/** `import.meta.resolve` */
function isResolve(callee: CallExpression['callee']): boolean {
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'MetaProperty') return false;
  return callee.property.type === 'Identifier' && callee.property.name === 'resolve';
}

function literalOf(node: Expression | AnyNode | undefined): string | undefined {
  if (node?.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node?.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}
