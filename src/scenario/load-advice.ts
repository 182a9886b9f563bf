import { formatDuration } from '../model/units.ts';
import { spanAt } from './checks.ts';
import { type Problems, warning } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import type { TreeNode } from './yaml-tree.ts';

/** Warns of a load that cannot be as it is written. */
export function adviseLoad({ spec: { load } }: ScenarioDocument, root: TreeNode, problems: Problems): void {
  const goods = [
    { latency: load.good.latency, at: ['spec', 'load', 'good'] },
    ...load.paths.map(({ good }, index) => ({ latency: good?.latency, at: ['spec', 'load', 'paths', index, 'good'] })),
  ];
  for (const { latency, at } of goods) {
    if (latency === undefined || latency <= load.timeout) continue;
    const message = `latency is longer than the timeout (${formatDuration(load.timeout)}), which ends the request first`;
    warning(problems, 'FIELD_VALUE', spanAt(root, [...at, 'latency']), message);
  }
}
