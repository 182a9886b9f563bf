import { servicesOf } from '../../model/good.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Warn } from '../../schema/clause.ts';
import type { Path } from '../../schema/draft.ts';

/**
 * Warns of a clause that is seen in the call chain, where the answers carry none: then it rests on the counters of the
 * callers' proxies. `path` goes from `spec.expect` on.
 */
export function adviseChain({ load }: Scenario, path: Path, warn: Warn): void {
  if (servicesOf(load).length > 0) return;
  const message = `spec.load.good.chain is empty, so ${path.join('.')} rests on what the callers' proxies count, about once a second`;
  warn(['expect', ...path], message);
}
