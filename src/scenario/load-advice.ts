import { formatDuration } from '../model/units.ts';
import { spanAt } from './checks.ts';
import { type Problems, warning } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import type { TreeNode } from './yaml-tree.ts';

/** Warns of a load that cannot be as it is written. */
export function adviseLoad({ spec: { load } }: ScenarioDocument, root: TreeNode, problems: Problems): void {
  const { latency } = load.good;
  if (latency === undefined || latency <= load.timeout) return;
  const message = `latency is longer than the timeout (${formatDuration(load.timeout)}), which ends the request first`;
  warning(problems, 'FIELD_VALUE', spanAt(root, ['spec', 'load', 'good', 'latency']), message);
}
