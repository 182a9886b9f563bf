import type { Diagnostic } from '../model/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import { formatDuration, type Millis, type Ratio } from '../model/units.ts';
import { LEAST_SAMPLES, PASS_RISK, samplesToShow } from '../stats/index.ts';
import { spanAt } from './checks.ts';
import { type Problems, toDiagnostics, warning } from './problems.ts';
import { withoutBom } from './source.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree, nodeAt, type TreeNode } from './yaml-tree.ts';

/** The gateway zone of each path that the load will have. */
export type Paths = {
  readonly zones: readonly string[];
  /** Paths through zones that are only known with a target; they count for every zone once for each request. */
  readonly assumed: number;
  readonly requests: number;
};

/** What a share clause needs to be shown, and what the scenario's load gives it at best. */
export type SampleNeed = {
  /** Where the clause stands, from `spec.expect` on. */
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly share: Ratio;
  readonly needed: number;
  readonly paths: number;
  readonly available: number;
  readonly when: 'baseline' | 'hold';
  /** The rest of that phase, which shows nothing: answers under way, recovery, the mesh settling. */
  readonly lost: Millis;
};

/** After a recovery the mesh may take this long until every caller has the new endpoints: Envoy's merge window. */
const SETTLING: Millis = 1000;

/** The paths of a target that is known. */
export function pathsOf(zones: readonly string[]): Paths {
  return { zones, assumed: 0, requests: 0 };
}

/** The paths of a scenario without a target: `each-gateway-zone` counts for as many zones as are given. */
export function assumedPaths({ load }: Scenario, gatewayZones: number): Paths {
  const named = load.paths.flatMap(({ via }) => (via === 'each-gateway-zone' ? [] : via.map(({ zone }) => zone)));
  const requests = load.paths.filter(({ via }) => via === 'each-gateway-zone').length;
  return { zones: named, assumed: requests * gatewayZones, requests };
}

/** How many samples each share clause needs and has: `steadyState` in the baseline, `failoverOrder` in the hold. */
export function sampleNeeds({ load, phases, expect }: Scenario, paths: Paths): SampleNeed[] {
  const need = (
    clause: Pick<SampleNeed, 'path' | 'name' | 'when' | 'lost' | 'paths'>,
    share: Ratio,
    lastsMs: Millis,
  ): SampleNeed => ({
    ...clause,
    share,
    needed: samplesToShow(share) ?? LEAST_SAMPLES,
    available: Math.floor((Math.max(0, lastsMs - clause.lost) / 1000) * load.ratePerSecond * clause.paths),
  });
  const { goodAtLeast, sameZoneAtLeast } = expect.steadyState;
  const inBaseline = (name: string, share: Ratio): SampleNeed => {
    const clause = { path: ['steadyState', name], name: `steadyState.${name}`, when: 'baseline' as const };
    const all = paths.zones.length + paths.assumed;
    return need({ ...clause, lost: load.good.latencyMs, paths: all }, share, phases.baselineMs);
  };
  const orders = expect.failoverOrder.map(({ service, from, order }, index) => {
    const shares = order.map(({ shareAtLeast }) => shareAtLeast);
    const share = Math.max(...shares);
    const path = ['failoverOrder', index, 'order', shares.indexOf(share), 'share'];
    const name = `failoverOrder of ${service} from ${from.zone}`;
    const through = paths.zones.filter((zone) => zone === from.zone).length + paths.requests;
    return need({ path, name, when: 'hold', lost: SETTLING, paths: through }, share, phases.holdMs);
  });
  return [
    inBaseline('good', goodAtLeast),
    ...(sameZoneAtLeast === undefined ? [] : [inBaseline('sameZone', sameZoneAtLeast)]),
    ...orders,
  ];
}

/** Warns of every share that the load cannot show, with what would. */
export function adviseSamples(scenario: Scenario, paths: Paths): Diagnostic[] {
  const { file, text } = scenario.source;
  const problems: Problems = [];
  const document = readDocument(withoutBom(text), []);
  if (document === undefined) return [];
  const root = buildTree(document, []);
  for (const need of sampleNeeds(scenario, paths)) {
    if (need.available >= need.needed) continue;
    warning(problems, 'FIELD_VALUE', spanAt(root, placeOf(need, root)), needText(need), remedy(need, scenario));
  }
  return toDiagnostics(problems, file, text);
}

/** One failover order may stand without a list around it. */
function placeOf({ path }: SampleNeed, root: TreeNode): (string | number)[] {
  const [clause = '', ...rest] = path;
  const isList = nodeAt(root, ['spec', 'expect', clause])?.kind !== 'map' || clause !== 'failoverOrder';
  return ['spec', 'expect', clause, ...(isList ? rest : rest.slice(1))];
}

/** A need in one line: `steadyState.good >= 99 % needs 368 requests; 4 paths send 1800 in the baseline`. */
export function needText({ name, share, needed, paths, available, when }: SampleNeed): string {
  const count = paths === 1 ? '1 path sends' : `${paths} paths send`;
  const until = when === 'hold' ? 'hold after the recovery' : 'baseline';
  return `${name} >= ${percentText(share)} needs ${needed} requests; ${count} ${available} in the ${until}`;
}

function remedy(need: SampleNeed, { load, phases, expect }: Scenario): string {
  const { needed, available, paths, when, lost } = need;
  if (paths === 0) return 'no request enters at a gateway of that zone: name the zone of a path';
  const idle = lost + (when === 'hold' ? (expect.recoveryTime?.withinMs ?? 0) : 0);
  const seconds = Math.ceil(needed / (load.ratePerSecond * paths) + idle / 1000);
  const lasts = when === 'hold' ? phases.holdMs : phases.baselineMs;
  const spare = (lasts - (lasts > idle ? idle : lost)) / 1000;
  const rate = Math.ceil(needed / (paths * spare));
  const share = Math.floor(1000 * PASS_RISK ** (1 / Math.max(available, 1))) / 1000;
  const ways = [
    `\`${when}: ${formatDuration(seconds * 1000)}\``,
    ...(spare > 0 && rate <= 5000 ? [`\`rate: ${rate}/s\``] : []),
    ...(available >= LEAST_SAMPLES ? [`\`">= ${percentText(share)}"\``] : []),
  ];
  return `write ${ways.join(', or ')}`;
}

function percentText(share: Ratio): string {
  return `${Number((share * 100).toFixed(6))}%`;
}
