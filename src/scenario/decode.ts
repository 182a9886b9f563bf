import type { Draft } from '../schema/draft.ts';
import type { Decoded, JsonSchema, Schema } from '../schema/schema.ts';
import { type Cursor, ownerSpan, pathText, valueSpan } from './cursor.ts';
import { decodeMap } from './decode-map.ts';
import { decodeScalar, wanted, wrongType } from './decode-scalar.ts';
import { jsonOf } from './json-value.ts';
import { error, type Problems } from './problems.ts';
import type { TreeNode } from './yaml-tree.ts';

/**
 * Checks a tree against a schema and reads it: quantities become numbers in base units, defaults are filled in. What
 * has a problem is left out, so the result is complete exactly when no error was reported.
 */
export function decode<S extends Schema<unknown>>(
  schema: S,
  root: TreeNode,
  problems: Problems,
): Draft<Decoded<S>> | undefined {
  return decodeAt(schema, { node: root, path: [] }, problems) as Draft<Decoded<S>> | undefined;
}

/** Reads the value at a cursor. */
function decodeAt(schema: JsonSchema, cursor: Cursor, problems: Problems): unknown {
  const { node } = cursor;
  if (node.kind === 'broken') return undefined;
  if (schema['x-json']) return jsonOf(node, problems);
  const branches = schema.anyOf ?? schema.oneOf ?? [];
  if (schema.type === undefined && branches.length > 0) return decodeBranch(schema, branches, cursor, problems);
  if (node.kind === 'scalar') return decodeScalar(schema, node, cursor, problems);
  if (node.kind === 'map' && schema.type === 'object') return decodeMap(schema, node, cursor, problems, decodeAt);
  if (node.kind === 'list' && schema.type === 'array') return decodeList(schema, node.items, cursor, problems);
  const found = node.kind === 'map' ? 'a mapping' : 'a list';
  const message = `${pathText(cursor.path)} must be ${wanted(schema)}, not ${found}`;
  error(problems, schema['x-code'] ?? 'FIELD_TYPE', ownerSpan(cursor), message);
  return undefined;
}

function decodeList(schema: JsonSchema, items: readonly TreeNode[], cursor: Cursor, problems: Problems): unknown[] {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
  const name = pathText(cursor.path);
  if (items.length < minItems) {
    error(problems, 'FIELD_VALUE', ownerSpan(cursor), `${name} needs at least ${counted(minItems)}`);
  }
  const extra = items[maxItems];
  if (extra !== undefined) {
    const at = valueSpan({ node: extra, path: cursor.path });
    error(problems, 'FIELD_VALUE', at, `${name} must not have more than ${counted(maxItems)}`);
  }
  const item = schema.items ?? {};
  const around = cursor.above && { above: cursor.above };
  return items.map((node, index) => decodeAt(item, { node, path: [...cursor.path, index], ...around }, problems));
}

function counted(items: number): string {
  return items === 1 ? '1 entry' : `${items} entries`;
}

/** Takes the branch that is meant: the only one of the right type, else the one with the fewest problems. */
function decodeBranch(
  schema: JsonSchema,
  branches: readonly JsonSchema[],
  cursor: Cursor,
  problems: Problems,
): unknown {
  const { node } = cursor;
  const exact = branches.filter((branch) => fits(branch, node, true));
  const fitting = exact.length > 0 ? exact : branches.filter((branch) => fits(branch, node, false));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return decodeAt(only, cursor, problems);
  if (only === undefined) {
    if (node.kind === 'scalar') return wrongType(schema, node, cursor, problems);
    error(problems, 'FIELD_TYPE', ownerSpan(cursor), `${pathText(cursor.path)} must be ${wanted(schema)}`);
    return undefined;
  }
  const trials = fitting.map((branch) => {
    const found: Problems = [];
    return { value: decodeAt(branch, cursor, found), found };
  });
  const best = trials.reduce((least, next) => (next.found.length < least.found.length ? next : least));
  problems.push(...best.found);
  return best.value;
}

/** Whether a branch can be meant. Not exactly, any scalar can: a number where text is needed has lost its quotes or unit. */
function fits({ type }: JsonSchema, node: TreeNode, exactly: boolean): boolean {
  if (type === undefined) return true;
  if (node.kind === 'map') return type === 'object';
  if (node.kind === 'list') return type === 'array';
  if (node.kind === 'broken' || node.value === null || type === 'object' || type === 'array') return false;
  return !exactly || typeof node.value === (type === 'integer' ? 'number' : type);
}
