import { isSystemNamespace } from '../model/system-namespaces.ts';
import { quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { TextSpan } from './source.ts';
import { entriesOf, nodeAt, type TreeNode } from './yaml-tree.ts';

/** Reports a namespace that no fault may touch. */
export function reportSystemNamespace(name: string, at: TextSpan, problems: Problems): void {
  if (!isSystemNamespace(name)) return;
  error(problems, 'FIELD_VALUE', at, `faults never touch ${quoted(name)}`, 'name the namespaces of your workloads');
}

/** Reports the same of the `namespace` or `namespaces` of every fault, whatever its kind. */
export function checkFaultNamespaces(root: TreeNode, problems: Problems): void {
  const blocks = itemsOf(nodeAt(root, ['spec', 'faults'])).flatMap((fault) => entriesOf(fault));
  const named = blocks.flatMap(({ value }) => entriesOf(value)).filter(({ key }) => /^namespaces?$/.test(key));
  for (const node of named.flatMap(({ value }) => (value.kind === 'list' ? value.items : [value]))) {
    if (node.kind === 'scalar') reportSystemNamespace(String(node.value), node, problems);
  }
}

const itemsOf = (node: TreeNode | undefined): readonly TreeNode[] => (node?.kind === 'list' ? node.items : []);
