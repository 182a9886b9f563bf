// Every single change that could be made to a source file: one expression or statement replaced by another.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { isTypeNode } from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';

const OPERATORS = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
};

const NAMES = {
  every: 'some',
  some: 'every',
  ceil: 'floor',
  floor: 'ceil',
  min: 'max',
  max: 'min',
  flatMap: 'map',
  allSettled: 'all',
};

/** Whether a node is only there for types, or names a module: such a change shows in the compiler, not in a spec. */
function isStatic(node) {
  const kinds = [
    SyntaxKind.ImportDeclaration,
    SyntaxKind.ExportDeclaration,
    SyntaxKind.TypeAliasDeclaration,
    SyntaxKind.InterfaceDeclaration,
  ];
  return kinds.includes(node.kind) || isTypeNode(node);
}

/** The changes of one node, as [what, start, end, replacement]. */
function changesOf(node, text) {
  const start = node.getStart();
  const { end } = node;
  const own = text.slice(start, end);
  const whole = (what, replacement) => [[what, start, end, replacement]];
  switch (node.kind) {
    case SyntaxKind.BinaryExpression: {
      const operator = node.operatorToken;
      const from = operator.getStart();
      const to = OPERATORS[text.slice(from, operator.end)];
      return to === undefined ? [] : [['swap operator', from, operator.end, to]];
    }
    case SyntaxKind.IfStatement:
    case SyntaxKind.WhileStatement: {
      const { expression } = node;
      const from = expression.getStart();
      return [['negate condition', from, expression.end, `!(${text.slice(from, expression.end)})`]];
    }
    case SyntaxKind.ConditionalExpression: {
      const { condition } = node;
      const from = condition.getStart();
      return [['negate condition', from, condition.end, `!(${text.slice(from, condition.end)})`]];
    }
    case SyntaxKind.PrefixUnaryExpression:
      return own.startsWith('!') ? whole('drop negation', own.slice(1)) : [];
    case SyntaxKind.NumericLiteral:
      return whole('change constant', String(Number(own.replaceAll('_', '')) + 1));
    case SyntaxKind.TrueKeyword:
      return whole('change constant', 'false');
    case SyntaxKind.FalseKeyword:
      return whole('change constant', 'true');
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
      return whole('change text', own.length === 2 ? "'mutated'" : "''");
    case SyntaxKind.TemplateExpression:
      return whole('change text', "''");
    case SyntaxKind.ArrayLiteralExpression:
      return node.elements.length > 0 ? whole('empty list', '[]') : [];
    case SyntaxKind.SpreadAssignment:
      return whole('drop spread', '...{}');
    case SyntaxKind.ExpressionStatement:
      return whole('drop statement', ';');
    case SyntaxKind.AwaitExpression:
      return whole('do not wait', own.slice('await '.length));
    case SyntaxKind.Block: {
      const isBody = [SyntaxKind.FunctionDeclaration, SyntaxKind.ArrowFunction, SyntaxKind.MethodDeclaration];
      if (!isBody.includes(node.parent?.kind) || node.statements.length === 0) return [];
      return [['return early', start, start + 1, '{ return;']];
    }
    case SyntaxKind.PropertyAccessExpression: {
      const { name } = node;
      const to = NAMES[text.slice(name.getStart(), name.end)];
      return to === undefined ? [] : [['swap method', name.getStart(), name.end, to]];
    }
    default:
      return [];
  }
}

function collect(node, text, found) {
  if (isStatic(node)) return;
  found.push(...changesOf(node, text));
  // The name of a property is no text of its own.
  const skipped = node.kind === SyntaxKind.PropertyAssignment ? node.name : undefined;
  node.forEachChild((child) => {
    if (child !== skipped) collect(child, text, found);
  });
}

/** All mutations of these files, in a fixed order. */
export function mutationsOf(files) {
  const api = new API({ cwd: process.cwd() });
  try {
    const snapshot = api.updateSnapshot({ openProject: resolve('tsconfig.json') });
    const [project] = snapshot.getProjects();
    return files.flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      const source = project.program.getSourceFile(resolve(file));
      if (source === undefined) throw new Error(`${file} is not part of tsconfig.json`);
      const found = [];
      collect(source, text, found);
      return found.map(([what, start, end, replacement]) => ({
        file,
        what,
        line: text.slice(0, start).split('\n').length,
        before: text,
        after: text.slice(0, start) + replacement + text.slice(end),
      }));
    });
  } finally {
    api.close();
  }
}
