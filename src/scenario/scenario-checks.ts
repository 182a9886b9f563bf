import type { EngineTraits } from '../model/engine.ts';
import { reportDuplicates, several, spanAt } from './checks.ts';
import type { Draft } from './decode.ts';
import { checkHop } from './hop-pattern.ts';
import { checkLoad } from './load-checks.ts';
import { checkPlaceholders } from './placeholders.ts';
import { listed, quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import { nearest } from './suggest.ts';
import type { TreeNode } from './yaml-tree.ts';

type Spec = NonNullable<Draft<ScenarioDocument>['spec']>;

/** Checks what one field says against another. Reads a draft, so fields with problems of their own are left out. */
export function checkScenario(
  draft: Draft<ScenarioDocument>,
  engines: readonly EngineTraits[],
  root: TreeNode,
  problems: Problems,
): void {
  const { spec } = draft;
  checkPlaceholders(root, problems);
  if (spec === undefined) return;
  checkNames(spec, root, problems);
  const hop = spec.load?.chain?.hop;
  if (hop !== undefined) checkHop(hop, spanAt(root, ['spec', 'load', 'chain', 'hop']), problems);
  if (spec.load !== undefined) checkLoad(spec.load, engines, root, problems);
  checkServices(spec, root, problems);
  checkFailover(spec, root, problems);
  checkEjections(spec, root, problems);
  checkPlaces(spec, root, problems);
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

function checkServices(spec: Spec, root: TreeNode, problems: Problems): void {
  const chain = (spec.load?.good?.chain ?? []).filter((service) => service !== undefined);
  if (chain.length === 0) return;
  const base = ['spec', 'expect'];
  const clauses = [
    ...several(spec.expect?.failoverOrder, [...base, 'failoverOrder']),
    ...several(spec.expect?.ejections, [...base, 'ejections']),
  ];
  for (const { value, path } of clauses) {
    const { service } = value;
    if (service === undefined || chain.includes(service)) continue;
    const suggestion = nearest(service, chain);
    const hint = suggestion === undefined ? `the chain has ${listed(chain)}` : `did you mean ${quoted(suggestion)}?`;
    const at = spanAt(root, [...path, 'service']);
    error(problems, 'NAME_UNKNOWN', at, `the service ${quoted(service)} is not in spec.load.good.chain`, hint);
  }
}

function checkFailover(spec: Spec, root: TreeNode, problems: Problems): void {
  const clauses = several(spec.expect?.failoverOrder, ['spec', 'expect', 'failoverOrder']);
  const subjects = clauses.map(({ value: { service, from }, path }) => ({
    key: service === undefined || from?.zone === undefined ? undefined : `${service} from ${from.zone}`,
    at: spanAt(root, path),
  }));
  reportDuplicates(subjects, 'the failover order of', problems);
  for (const { value, path } of clauses) {
    const places = (value.order ?? []).map((place, index) => ({
      key: placeKey(place),
      at: spanAt(root, [...path, 'order', index, place?.zone === undefined ? 'region' : 'zone']),
    }));
    reportDuplicates(places, 'the place', problems);
    const home = places.findIndex(({ key }, index) => index > 0 && key === `zone ${value.from?.zone}`);
    const at = places[home]?.at;
    if (at === undefined || places.slice(0, home).some(({ key }) => key === places[home]?.key)) continue;
    const hint = 'the same zone can only come first: other workloads of it take over before other zones do';
    error(problems, 'FIELD_VALUE', at, "the callers' own zone stands after other places", hint);
  }
}

function placeKey(place: { readonly zone?: string | undefined; readonly region?: string | undefined } | undefined) {
  if (place?.zone !== undefined) return `zone ${place.zone}`;
  return place?.region === undefined ? undefined : `region ${place.region}`;
}

function checkEjections(spec: Spec, root: TreeNode, problems: Problems): void {
  const clauses = several(spec.expect?.ejections, ['spec', 'expect', 'ejections']);
  const services = clauses.map(({ value, path }) => ({ key: value.service, at: spanAt(root, [...path, 'service']) }));
  reportDuplicates(services, 'the ejections of', problems);
  for (const { value, path } of clauses) {
    const { atLeast, atMost } = value;
    if (atLeast === undefined || atMost === undefined || atLeast <= atMost) continue;
    const at = spanAt(root, [...path, 'atMost']);
    error(problems, 'FIELD_VALUE', at, `atMost is ${atMost}, but atLeast is ${atLeast}: nothing can be both`);
  }
}

function checkPlaces(spec: Spec, root: TreeNode, problems: Problems): void {
  const except = several(spec.expect?.unaffected?.except, ['spec', 'expect', 'unaffected', 'except']);
  const places = except.map(({ value, path }) => ({
    key: placeKey(value),
    at: spanAt(root, [...path, value.zone === undefined ? 'region' : 'zone']),
  }));
  reportDuplicates(places, 'the place', problems);
}
