import { quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { TextSpan } from './source.ts';
import { nodeAt, type TreeNode } from './yaml-tree.ts';

const START: TextSpan = { start: 0, end: 1 };

/** Where the value of a path stands; where its nearest parent does, when it was left out. */
export function spanAt(root: TreeNode, path: readonly (string | number)[]): TextSpan {
  for (let length = path.length; length > 0; length -= 1) {
    const key = path[length - 1];
    const parent = nodeAt(root, path.slice(0, length - 1));
    const entry = parent?.kind === 'map' ? parent.entries.find((candidate) => candidate.key === key) : undefined;
    const node = nodeAt(root, path.slice(0, length));
    if (node === undefined) continue;
    if (node.kind === 'scalar' && node.end > node.start) return node;
    return entry?.keySpan ?? { start: node.start, end: node.start + 1 };
  }
  return START;
}

/** Where the last field of a path is named. */
export function keyAt(root: TreeNode, path: readonly (string | number)[]): TextSpan {
  const parent = nodeAt(root, path.slice(0, -1));
  const entry = parent?.kind === 'map' ? parent.entries.find(({ key }) => key === path.at(-1)) : undefined;
  return entry?.keySpan ?? spanAt(root, path);
}

/** Reports every value whose `key` an earlier one has; entries without a key are left out. */
export function reportDuplicates(
  entries: readonly { readonly key: string | undefined; readonly at: TextSpan }[],
  what: string,
  problems: Problems,
): void {
  const seen = new Set<string>();
  for (const { key, at } of entries) {
    if (key === undefined) continue;
    if (seen.has(key)) error(problems, 'NAME_DUPLICATE', at, `${what} ${quoted(key)} is there twice`);
    seen.add(key);
  }
}
