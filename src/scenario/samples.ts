import type { Diagnostic } from '../model/errors.ts';
import { longestGood } from '../model/good.ts';
import { ratesOf } from '../model/rates.ts';
import type { Scenario } from '../model/scenario.ts';
import { formatDuration, type Millis, type Ratio } from '../model/units.ts';
import type { ShareNeed } from '../schema/clause.ts';
import type { Path } from '../schema/draft.ts';
import { LEAST_SAMPLES, PASS_RISK, samplesToShow } from '../stats/index.ts';
import { spanAt } from './checks.ts';
import { toDiagnostics } from './diagnostics.ts';
import type { ObjectiveClause } from './expect.ts';
import { type Problems, warning } from './problems.ts';
import { withoutBom } from './source.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree, nodeAt, type TreeNode } from './yaml-tree.ts';

/** The gateway zone of each path that the load will have. */
export type Paths = {
  readonly zones: readonly string[];
  /** The name of the request of each of them. */
  readonly names: readonly string[];
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
  /** Requests per second of those paths together. */
  readonly perSecond: number;
  readonly available: number;
  readonly when: ShareNeed['when'];
  /** No other share can be written there. */
  readonly isFixed: boolean;
  /** The rest of that phase, which shows nothing: answers under way, recovery, the mesh settling. */
  readonly lost: Millis;
};

/** After a recovery the mesh may take this long until every caller has the new endpoints: Envoy's merge window. */
const SETTLING: Millis = 1000;

/** The paths of a target that is known. */
export function pathsOf(paths: readonly { readonly zone: string; readonly name: string }[]): Paths {
  const [zones, names] = [paths.map(({ zone }) => zone), paths.map(({ name }) => name)];
  return { zones, names, assumed: 0, requests: 0 };
}

/** The paths of a scenario without a target: `each-gateway-zone` counts for as many zones as are given. */
export function assumedPaths({ load }: Scenario, gatewayZones: number): Paths {
  const { zones, names } = pathsOf(
    load.paths.flatMap(({ via, name }) => (via === 'each-gateway-zone' ? [] : via.map(({ zone }) => ({ zone, name })))),
  );
  const requests = load.paths.filter(({ via }) => via === 'each-gateway-zone').length;
  return { zones, names, assumed: requests * gatewayZones, requests };
}

/** How many samples each share clause needs and has: those of the baseline, or of the hold. */
export function sampleNeeds(scenario: Scenario, objectives: readonly ObjectiveClause[], paths: Paths): SampleNeed[] {
  const known = new Set(scenario.load.paths.map(({ name }) => name));
  return objectives.flatMap(({ name, clause }) =>
    (clause?.shares(scenario.expect[name]) ?? [])
      .filter(({ request }) => request === undefined || known.has(request))
      .map((need) => sampleNeed(name, need, scenario, paths)),
  );
}

function sampleNeed(clause: string, need: ShareNeed, { load, phases }: Scenario, paths: Paths): SampleNeed {
  const { name, share, when, fromZone, request, isFixed = false } = need;
  const lost = when === 'hold' ? SETTLING : longestGood(load);
  const lastsMs = lengthOf(phases, when);
  const own = request === undefined ? paths : pathsOfRequest(request, load, paths);
  const through =
    fromZone === undefined
      ? own.zones.length + own.assumed
      : own.zones.filter((zone) => zone === fromZone).length + own.requests;
  const perSecond = rateThrough(load, own, fromZone, request);
  return {
    ...{ name, share, when, isFixed, lost, perSecond },
    path: [clause, ...need.path],
    paths: through,
    needed: samplesToShow(share) ?? LEAST_SAMPLES,
    available: Math.floor((Math.max(0, lastsMs - lost) / 1000) * perSecond),
  };
}

function lengthOf({ baselineMs, holdMs, recoverMs }: Scenario['phases'], when: ShareNeed['when']): Millis {
  return { baseline: baselineMs, hold: holdMs, recover: recoverMs }[when];
}

/** The paths of one request alone. */
function pathsOfRequest(request: string, load: Scenario['load'], { zones, names, assumed, requests }: Paths): Paths {
  const isAssumed = load.paths.some(({ name, via }) => name === request && via === 'each-gateway-zone') && requests > 0;
  return {
    zones: zones.filter((_, index) => names[index] === request),
    names: names.filter((name) => name === request),
    ...(isAssumed ? { assumed: assumed / requests, requests: 1 } : { assumed: 0, requests: 0 }),
  };
}

/** Requests per second through all gateway zones, or through one; of all requests, or of one. */
function rateThrough(load: Scenario['load'], paths: Paths, fromZone: string | undefined, request?: string): number {
  const rateOf = ratesOf(load);
  const sum = (names: readonly string[]): number => names.reduce((total, name) => total + rateOf(name), 0);
  const named = paths.names.filter((_, index) => fromZone === undefined || paths.zones[index] === fromZone);
  if (paths.requests === 0) return sum(named);
  const zones = fromZone === undefined ? paths.assumed / paths.requests : 1;
  const each = load.paths
    .filter(({ name, via }) => via === 'each-gateway-zone' && (request === undefined || name === request))
    .map(({ name }) => name);
  return sum(named) + zones * sum(each);
}

/** Warns of every share that the load cannot show, with what would. */
export function adviseSamples(scenario: Scenario, objectives: readonly ObjectiveClause[], paths: Paths): Diagnostic[] {
  const { file, text } = scenario.source;
  const short = sampleNeeds(scenario, objectives, paths).filter(({ available, needed }) => available < needed);
  const document = short.length === 0 ? undefined : readDocument(withoutBom(text), []);
  if (document === undefined) return [];
  const problems: Problems = [];
  const root = buildTree(document, []);
  for (const need of short) {
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
  const until = { baseline: 'baseline', hold: 'hold after the recovery', recover: 'recover phase' }[when];
  return `${name} >= ${percentText(share)} needs ${needed} requests; ${count} ${available} in the ${until}`;
}

function remedy(need: SampleNeed, { load, phases, expect }: Scenario): string {
  const { needed, available, paths, perSecond, when, isFixed, lost } = need;
  if (paths === 0) return 'no request enters at a gateway of that zone: name the zone of a path';
  const idle = lost + (when === 'hold' ? (expect.recoveryTime?.withinMs ?? 0) : 0);
  const seconds = Math.ceil(needed / perSecond + idle / 1000);
  const lasts = lengthOf(phases, when);
  const spare = (lasts - (lasts > idle ? idle : lost)) / 1000;
  const rate = Math.ceil((load.ratePerSecond * needed) / (perSecond * spare));
  const share = Math.floor(1000 * PASS_RISK ** (1 / Math.max(available, 1))) / 1000;
  const ways = [
    `\`${when}: ${formatDuration(seconds * 1000)}\``,
    ...(spare > 0 && rate <= 5000 ? [`\`rate: ${rate}/s\``] : []),
    ...(available >= LEAST_SAMPLES && !isFixed ? [`\`">= ${percentText(share)}"\``] : []),
  ];
  return `write ${ways.join(', or ')}`;
}

function percentText(share: Ratio): string {
  return `${Number((share * 100).toFixed(6))}%`;
}
