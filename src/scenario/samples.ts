import type { Diagnostic } from '../model/errors.ts';
import { longestGood } from '../model/good.ts';
import type { Scenario } from '../model/scenario.ts';
import { formatDuration, type Millis, type Ratio } from '../model/units.ts';
import type { ShareNeed } from '../schema/clause.ts';
import type { Path } from '../schema/draft.ts';
import { LEAST_SAMPLES, PASS_RISK, samplesToShow } from '../stats/index.ts';
import { spanAt } from './checks.ts';
import type { ObjectiveClause } from './expect.ts';
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
  readonly path: Path;
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

/** How many samples each share clause needs and has: those of the baseline, or of the hold. */
export function sampleNeeds(scenario: Scenario, objectives: readonly ObjectiveClause[], paths: Paths): SampleNeed[] {
  return objectives.flatMap(({ name, clause }) =>
    (clause?.shares(scenario.expect[name]) ?? []).map((need) => sampleNeed(name, need, scenario, paths)),
  );
}

function sampleNeed(clause: string, need: ShareNeed, { load, phases }: Scenario, paths: Paths): SampleNeed {
  const { name, share, when, fromZone } = need;
  const lost = when === 'hold' ? SETTLING : longestGood(load);
  const lastsMs = when === 'hold' ? phases.holdMs : phases.baselineMs;
  const through =
    fromZone === undefined
      ? paths.zones.length + paths.assumed
      : paths.zones.filter((zone) => zone === fromZone).length + paths.requests;
  return {
    ...{ name, share, when, lost },
    path: [clause, ...need.path],
    paths: through,
    needed: samplesToShow(share) ?? LEAST_SAMPLES,
    available: Math.floor((Math.max(0, lastsMs - lost) / 1000) * load.ratePerSecond * through),
  };
}

/** Warns of every share that the load cannot show, with what would. */
export function adviseSamples(scenario: Scenario, objectives: readonly ObjectiveClause[], paths: Paths): Diagnostic[] {
  const { file, text } = scenario.source;
  const problems: Problems = [];
  const document = readDocument(withoutBom(text), []);
  if (document === undefined) return [];
  const root = buildTree(document, []);
  for (const need of sampleNeeds(scenario, objectives, paths)) {
    if (need.available >= need.needed) continue;
    warning(problems, 'FIELD_VALUE', spanAt(root, placeOf(need, root)), needText(need), remedy(need, scenario));
  }
  return toDiagnostics(problems, file, text);
}

/** One value may stand without a list around it. */
function placeOf({ path }: SampleNeed, root: TreeNode): Path {
  const [clause = '', ...rest] = path;
  const isAlone = typeof rest[0] === 'number' && nodeAt(root, ['spec', 'expect', clause])?.kind === 'map';
  return ['spec', 'expect', clause, ...(isAlone ? rest.slice(1) : rest)];
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
