import type { Diagnostic } from '../model/errors.ts';
import { isAt } from '../model/place.ts';
import type { Scenario } from '../model/scenario.ts';
import { readServiceRef } from '../model/service-ref.ts';
import type { Path } from '../schema/draft.ts';
import { spanAt } from './checks.ts';
import { toDiagnostics } from './diagnostics.ts';
import { listed, quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import { withoutBom } from './source.ts';
import { nearest } from './suggest.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree, type MapNode, nodeAt, type ScalarNode, type TreeNode } from './yaml-tree.ts';

/** The places of a target, cluster by cluster. */
export type KnownPlaces = readonly {
  readonly cluster: string;
  readonly region: string;
  /** Of its nodes, pods and gateways; absent where they could not be read. */
  readonly zones?: readonly string[];
  readonly gatewayZones: readonly string[];
}[];

/** Every cluster, region and zone in load, faults and clauses that the target does not have, as an error at its place. */
export function checkPlaces(scenario: Scenario, known: KnownPlaces): Diagnostic[] {
  const { file, text } = scenario.source;
  const document = readDocument(withoutBom(text), []);
  if (document === undefined) return [];
  const problems: Problems = [];
  const root = buildTree(document, []);
  const spec = nodeAt(root, ['spec']);
  if (spec === undefined) return [];
  const gateways = known.map((one) => ({ ...one, zones: one.gatewayZones }));
  for (const list of childrenAt(spec, ['load', 'paths'])) {
    for (const via of childrenAt(list, ['via'])) checkMap(via, gateways, 'gateway in zone', problems);
  }
  for (const fault of childrenAt(spec, ['faults'])) {
    if (fault.kind !== 'map') continue;
    for (const { value } of fault.entries) checkMap(value, known, 'zone', problems);
  }
  const expect = nodeAt(spec, ['expect']);
  if (expect !== undefined) visit(expect, known, problems);
  if (problems.length === 0) checkOthers(scenario, known, root, problems);
  return toDiagnostics(problems, file, text);
}

function childrenAt(node: TreeNode, path: Path): readonly TreeNode[] {
  const found = nodeAt(node, path);
  return found?.kind === 'list' ? found.items : [];
}

/** In clauses a place may stand anywhere. */
function visit(node: TreeNode, known: KnownPlaces, problems: Problems): void {
  if (node.kind === 'list') for (const item of node.items) visit(item, known, problems);
  if (node.kind !== 'map') return;
  checkMap(node, known, 'zone', problems);
  for (const { value } of node.entries) visit(value, known, problems);
}

function checkMap(node: TreeNode, known: KnownPlaces, zoneWord: string, problems: Problems): void {
  if (node.kind !== 'map') return;
  const cluster = textIn(node, 'cluster');
  const region = textIn(node, 'region');
  const zone = textIn(node, 'zone');
  const report = (what: string, at: ScalarNode, there: readonly string[], owner = 'target'): void => {
    const suggestion = nearest(String(at.value), there);
    const names = listed([...new Set(there)].sort());
    const hint = suggestion === undefined ? `it has ${names}` : `did you mean ${quoted(suggestion)}? It has ${names}`;
    error(problems, 'NAME_UNKNOWN', at, `the ${owner} has no ${what} ${quoted(String(at.value))}`, hint);
  };
  const clusters = known.map((one) => one.cluster);
  const service = textIn(node, 'service');
  const caller = readServiceRef(String(service?.value ?? ''))?.cluster;
  if (service !== undefined && caller !== undefined && !clusters.includes(caller)) {
    report('cluster', { ...service, value: caller }, clusters);
    return;
  }
  if (cluster !== undefined && !clusters.includes(String(cluster.value))) {
    report('cluster', cluster, clusters);
    return;
  }
  const regions = known.map((one) => one.region);
  if (region !== undefined && !regions.includes(String(region.value))) report('region', region, regions);
  if (zone === undefined) return;
  const own = known.filter((one) => cluster === undefined || one.cluster === cluster.value);
  if (own.some(({ zones }) => zones === undefined)) return;
  const zones = own.flatMap((one) => one.zones ?? []);
  const owner = cluster === undefined ? 'target' : `cluster ${quoted(String(cluster.value))}`;
  if (!zones.includes(String(zone.value))) report(zoneWord, zone, zones, owner);
}

/** Without anybody outside `except` the clause is never decided. */
function checkOthers({ load, expect }: Scenario, known: KnownPlaces, root: TreeNode, problems: Problems): void {
  const except = expect.unaffected?.except;
  if (except === undefined) return;
  const ways = known.flatMap(({ cluster, region, gatewayZones }) =>
    gatewayZones.map((zone) => ({ cluster, region, zone })),
  );
  const used = ways.filter((way) =>
    load.paths.some(({ via }) => via === 'each-gateway-zone' || via.some((one) => isNamed(one, way))),
  );
  if (used.some((way) => !except.some((place) => isAt(way, place)))) return;
  const message = 'every gateway zone of the load is inside `except`: nobody is left who must not notice';
  const at = spanAt(root, ['spec', 'expect', 'unaffected', 'except']);
  error(problems, 'FIELD_VALUE', at, message, 'leave out `unaffected`, or send through another zone, too');
}

function isNamed(
  one: { readonly cluster?: string; readonly zone: string },
  way: { cluster: string; zone: string },
): boolean {
  return one.zone === way.zone && (one.cluster === undefined || one.cluster === way.cluster);
}

function textIn(node: MapNode, field: string): ScalarNode | undefined {
  const found = node.entries.find(({ key }) => key === field)?.value;
  return found?.kind === 'scalar' && typeof found.value === 'string' ? found : undefined;
}
