import type { Json } from '../model/scenario.ts';
import { error, type Problems } from './problems.ts';
import type { TreeNode } from './yaml-tree.ts';

/** A part of a file as JSON; undefined with what JSON cannot say exactly, which is reported. */
export function jsonOf(node: TreeNode, problems: Problems): Json | undefined {
  if (node.kind === 'broken') return undefined;
  if (node.kind === 'list') {
    const items = node.items.map((item) => jsonOf(item, problems));
    return items.includes(undefined) ? undefined : (items as Json[]);
  }
  if (node.kind === 'map') {
    const entries = node.entries.map(({ key, value }) => [key, jsonOf(value, problems)] as const);
    return entries.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(entries) as Json);
  }
  const { value } = node;
  if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const hint = 'write it as text, in quotes, or send the JSON from a file';
  error(problems, 'FIELD_VALUE', node, 'the number is too large to be sent exactly', hint);
  return undefined;
}
