import type { EngineTraits } from '../model/engine.ts';
import type { Draft } from '../schema/draft.ts';
import { checkAbort } from './abort-checks.ts';
import { checkCallees, checkServices } from './chain-checks.ts';
import { reportDuplicates, spanAt } from './checks.ts';
import { checkExpectations, type ObjectiveClause } from './expect.ts';
import { checkFaultHeaders } from './fault-headers.ts';
import { checkFaultHosts } from './fault-hosts.ts';
import { checkHop } from './hop-pattern.ts';
import { checkLoad } from './load-checks.ts';
import { checkPlaceholders } from './placeholders.ts';
import type { Problems } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import { checkFaultNamespaces } from './system-namespaces.ts';
import type { TreeNode } from './yaml-tree.ts';

type Spec = NonNullable<Draft<ScenarioDocument>['spec']>;

/** Checks what one field says against another. Reads a draft, so fields with problems of their own are left out. */
export function checkScenario(
  draft: Draft<ScenarioDocument>,
  objectives: readonly ObjectiveClause[],
  engines: readonly EngineTraits[],
  root: TreeNode,
  problems: Problems,
): void {
  const { spec } = draft;
  checkPlaceholders(root, problems);
  if (spec === undefined) return;
  checkNames(spec, root, problems);
  checkFaultNamespaces(root, problems);
  checkFaultHeaders(root, problems);
  checkFaultHosts(root, problems);
  checkServices(spec, root, problems);
  if (spec.load !== undefined) {
    checkHop(spec.load, root, problems);
    checkCallees(spec.load, root, problems);
    checkLoad(spec.load, engines, root, problems);
  }
  checkAbort(spec, root, problems);
  const goods = [spec.load?.good, ...(spec.load?.paths ?? []).map((path) => path?.good)];
  const chain = goods.flatMap((good) => good?.chain ?? []).filter((service) => service !== undefined);
  checkExpectations(spec.expect ?? {}, objectives, chain, root, problems);
}

function checkNames(spec: Spec, root: TreeNode, problems: Problems): void {
  const paths = spec.load?.paths ?? [];
  const named = (list: readonly ({ readonly name?: string | undefined } | undefined)[], base: string[]) =>
    list.map((item, index) => ({ key: item?.name, at: spanAt(root, [...base, index, 'name']) }));
  reportDuplicates(named(paths, ['spec', 'load', 'paths']), 'the path', problems);
  reportDuplicates(named(spec.faults ?? [], ['spec', 'faults']), 'the fault', problems);
  for (const [index, path] of paths.entries()) {
    const via = path?.via;
    if (via === undefined || typeof via === 'string') continue;
    const zones = via.map((ref, zone) => ({
      key: ref?.zone === undefined ? undefined : `${ref.cluster ?? 'any cluster'}/${ref.zone}`,
      at: spanAt(root, ['spec', 'load', 'paths', index, 'via', zone]),
    }));
    reportDuplicates(zones, 'the gateway zone', problems);
  }
}
