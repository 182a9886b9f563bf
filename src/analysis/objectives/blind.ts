import { servicesOf } from '../../model/good.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Warn } from '../../schema/clause.ts';
import type { Path } from '../../schema/draft.ts';

/** Warns of a clause that is seen in the call chain, where the answers carry none. `path` goes from `spec.expect` on. */
export function adviseChain({ load }: Scenario, path: Path, warn: Warn): void {
  if (servicesOf(load).length > 0) return;
  warn(['expect', ...path], `${path.join('.')} is seen in the call chain, and spec.load.good.chain is empty`);
}
