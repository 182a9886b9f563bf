import { isSecretHeader } from '../model/redact.ts';
import { quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import { entriesOf, nodeAt, type TreeNode } from './yaml-tree.ts';

/**
 * Reports a header by whose value a fault knows requests, in whatever kind, where its name says that the value is a secret: it
 * would stand in the cluster, in the plans that undo the fault, and in every record of the run.
 */
export function checkFaultHeaders(root: TreeNode, problems: Problems): void {
  const faults = nodeAt(root, ['spec', 'faults']);
  const fields = (faults?.kind === 'list' ? faults.items : [])
    .flatMap(entriesOf)
    .flatMap(({ value }) => entriesOf(value));
  const headers = fields.filter(({ key }) => key === 'headers').flatMap(({ value }) => entriesOf(value));
  for (const { key, keySpan } of headers) {
    if (!isSecretHeader(key)) continue;
    const message = `a fault cannot know requests by ${quoted(key)}: what it looks for stands in the cluster and in every record of the run`;
    error(
      problems,
      'FIELD_VALUE',
      keySpan,
      message,
      'let the load send a header for it that is no secret, such as x-drill: "1"',
    );
  }
}
