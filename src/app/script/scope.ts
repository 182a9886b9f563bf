import type { AnonymousFunctionDeclaration, AnyNode, Identifier, Node, Program, VariableDeclaration } from 'acorn';
import { ancestor } from 'acorn-walk';

/** Where a script has given one of k6's global names a meaning of its own: the nodes within which that holds. */
export type OwnNames = ReadonlyMap<string, ReadonlySet<Node>>;

const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);
/** Nodes that a `const`, a `let` or a class is known within. */
const BLOCKS: ReadonlySet<string> = new Set([
  'Program',
  'BlockStatement',
  'StaticBlock',
  'SwitchStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'CatchClause',
  'ClassExpression',
]);

/** Finds where a script declares these names, in whatever way it does. */
export function ownNames(program: Program, names: ReadonlySet<string>): OwnNames {
  const found = new Map<string, Set<Node>>();
  const declare = (name: string, scope: Node): void => {
    if (!names.has(name)) return;
    const scopes = found.get(name) ?? new Set<Node>();
    found.set(name, scopes.add(scope));
  };
  ancestor(program, {
    ImportDeclaration(node) {
      for (const { local } of node.specifiers) declare(local.name, program);
    },
    // Every name that is declared by a pattern, as acorn-walk calls it.
    VariablePattern(node: Identifier, _state: unknown, ancestors: Node[]) {
      declare(node.name, scopeOf(node, ancestors as AnyNode[], program));
    },
  } as Parameters<typeof ancestor>[1]);
  return found;
}

/** Whether a name at the end of these ancestors is the script's own. */
export function isOwn(names: OwnNames, name: string, ancestors: readonly Node[]): boolean {
  const scopes = names.get(name);
  return scopes !== undefined && ancestors.some((node) => scopes.has(node));
}

/** The node within which a declared name is known. The last ancestor is the name itself. */
function scopeOf(name: Identifier, ancestors: readonly AnyNode[], program: Program): Node {
  const around = ancestors.filter((node) => (node as Node) !== name);
  const declaring = around.findLastIndex((node) => names(node, name));
  // A function or class that is declared is known around it, and one that is an expression within it.
  const outer = declaring === -1 ? around : around.slice(0, declaring);
  const variable = around.findLast((node): node is VariableDeclaration => node.type === 'VariableDeclaration');
  const isVar = variable?.kind === 'var' && declaring === -1 && declares(variable, name);
  return outer.findLast((node) => FUNCTIONS.has(node.type) || (!isVar && BLOCKS.has(node.type))) ?? program;
}

/** Whether a declaration has this very name, and not only a function in it. */
function declares(variable: VariableDeclaration, name: Identifier): boolean {
  return variable.declarations.some(({ id }) => id.start <= name.start && name.end <= id.end);
}

function names(node: AnyNode | AnonymousFunctionDeclaration, name: Identifier): boolean {
  return (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id === name;
}
