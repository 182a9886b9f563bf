import { object } from '../mesh/config-read.ts';
import { callersOf, GATEWAY } from '../model/callees.ts';
import { messageOf } from '../model/errors.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Cluster, Random } from '../model/ports.ts';
import type { Prediction } from '../model/prediction.ts';
import { fastestRate, slowestRate } from '../model/rates.ts';
import type { Scenario } from '../model/scenario.ts';
import { statedService } from '../model/service-names.ts';
import type { Path, Target } from '../model/target.ts';
import type { MeshVersions } from '../observe/mesh-version.ts';
import { unequalPorts } from './called-port.ts';
import { type Draw, draw, type Question } from './draw.ts';
import { firstCalled } from './first-called.ts';
import { hitBy, podsHit, servicesHit } from './hit.ts';
import { type LivePod, type LiveSystem, servicePortsOf } from './live-system.ts';
import { type Move, moveOf, type PlannedFault } from './moves.ts';
import { readSystem } from './read-system.ts';
import { summary } from './summary.ts';
import type { Crossing, Hanging } from './traffic.ts';
import { unplayedSidecar } from './unplayed-sidecar.ts';

/** What a prediction starts from: a run that is planned and not begun. */
type Planned = {
  readonly scenario: Scenario;
  readonly target: Target;
  readonly clusters: readonly Cluster[];
  readonly paths: readonly Path[];
  readonly faults: readonly PlannedFault[];
  readonly mesh: MeshVersions;
};

/** Draws for a range that holds 95 % of them: fewer than the least would make it a range of all. */
const DRAWS = { least: 40, most: 120 };
/** Requests that all draws together may simulate, as far as the least number allows. */
const REQUESTS = 120_000;

/**
 * Says what the mesh will make of a run, from what the target tells of itself; nothing is written. Never rejects: what
 * cannot be read or is not modelled is the reason why nothing is predicted.
 */
export async function predict(planned: Planned): Promise<Prediction> {
  const { target, clusters, faults, mesh } = planned;
  try {
    const specs = faults.map(({ spec }) => spec);
    const system = await readSystem(clusters, target.observe, specs, mesh);
    return await predictFrom(planned, system);
  } catch (error) {
    return { state: 'not-predicted', reason: messageOf(error) };
  }
}

/** As predict, from what was read before. */
export async function predictFrom(
  { scenario, paths, faults }: Pick<Planned, 'scenario' | 'paths' | 'faults'>,
  system: LiveSystem,
): Promise<Prediction> {
  const not = (reason: string): Prediction => ({ state: 'not-predicted', reason });
  const moves: Move[] = [];
  for (const fault of faults) {
    const move = moveOf(fault, system);
    if ('unknown' in move) return not(move.unknown);
    moves.push(move);
  }
  const sidecar = unplayedSidecar(system);
  if (sidecar !== undefined) return not(sidecar);
  const called = calledIn(scenario, paths, moves, system);
  if (typeof called === 'string') return not(called);
  const missing =
    unequalPorts(system, called) ??
    missingIn(paths, called, system) ??
    missedBy(moves, system) ??
    notPlayed(moves, called.chain, system);
  if (missing !== undefined) return not(missing);
  const question: Question = { system, scenario, paths, ...called, moves, hit: hitBy(system, moves, called.chain) };
  const draws = await drawAll(question);
  return typeof draws === 'string' ? not(draws) : summary(question, draws);
}

/** Draws, or why in one of them a call went where none tells anything. */
async function drawAll(question: Question): Promise<Draw[] | string> {
  const draws: Draw[] = [];
  for (let count: number = DRAWS.least; draws.length < count; ) {
    const one = await draw(question, seeded(draws.length));
    if (one.crossing !== undefined) return crossingText(one.crossing);
    if (one.hanging !== undefined) return hangingText(one.hanging);
    draws.push(one);
    const fitting = Math.floor(REQUESTS / Math.max(1, draws[0]?.requests.length ?? 1));
    count = Math.min(DRAWS.most, Math.max(DRAWS.least, fitting));
  }
  return draws;
}

function crossingText({ service, from, address }: Crossing): string {
  return `calls of ${service} from ${from} leave their network by the east-west gateway ${address}: which pod serves behind it is settled for each connection, and one error there takes the gateway away for all of them, which is not played`;
}

function hangingText({ service, from }: Hanging): string {
  return `calls of ${service} from ${from} hang on connections that are kept, and no timeout of their route ends them: how long applications wait, no cluster tells`;
}

type Called = Pick<Question, 'chain' | 'callers'>;

/** The Services of the call chain, and who calls them; a text that says why they are not known. */
function calledIn(
  scenario: Scenario,
  paths: readonly Path[],
  moves: readonly Move[],
  system: LiveSystem,
): Called | string {
  const { clusters } = system;
  const chains = scenario.load.paths.map(({ good }) => (good ?? scenario.load.good).chain);
  const [chain = scenario.load.good.chain] = chains;
  if (slowestRate(scenario.load) !== fastestRate(scenario.load)) return 'the paths have rates of their own';
  if (chains.some((one) => one.join() !== chain.join())) return 'the paths have different call chains (good.chain)';
  if (chain.length === 0) return firstIn(scenario, paths, moves, system);
  const found: string[] = [];
  for (const name of chain) {
    const one = playedService(clusters, name, statedService(scenario.services ?? {}, name));
    if ('unknown' in one) return one.unknown;
    found.push(one.service);
  }
  const [first = ''] = found;
  const elsewhere = routedElsewhere(first, firstCalled(system, scenario, paths) ?? [], system);
  if (elsewhere.length > 0) {
    return `gateways send requests to ${elsewhere.join(' and ')}, and the call chain (load.good.chain) begins with ${first}: who calls that is not known`;
  }
  return { chain: found, callers: callersOf(chain, scenario.load.chain.calls ?? {}) };
}

/** Those of some Services that have other pods than the first one of the chain, or none that are known: they begin it, and it does not say so. */
function routedElsewhere(first: string, routed: readonly string[], { pods }: LiveSystem): string[] {
  const isBehind = (service: string) => (pod: LivePod) => pod.services.some((one) => one.service === service);
  return routed.filter((service) => {
    const own = pods.filter(isBehind(service));
    return service !== first && (own.length === 0 || !own.every(isBehind(first)));
  });
}

/** Without a chain nobody knows who calls whom but that gateways call the Service of their routes: enough where no other is hit. */
function firstIn(
  scenario: Scenario,
  paths: readonly Path[],
  moves: readonly Move[],
  system: LiveSystem,
): Called | string {
  const not = 'the scenario names no call chain (load.good.chain), so nobody knows who calls whom';
  const [first, ...others] = firstCalled(system, scenario, paths) ?? [];
  const changesPods = moves.some(({ kind }) => kind !== 'nothing' && kind !== 'deaf');
  const isElsewhere = changesPods && servicesHit(system, moves).join() !== first;
  if (first === undefined || others.length > 0 || isElsewhere) return not;
  const found = playedService(system.clusters, first.split('/')[1] ?? '', first);
  return 'unknown' in found ? found.unknown : { chain: [first], callers: [GATEWAY] };
}

/** The Service (`namespace/name`) that a name of the chain stands for, or why that is not known or played. */
function playedService(
  clusters: LiveSystem['clusters'],
  called: string,
  stated: string | undefined,
): { readonly service: string } | { readonly unknown: string } {
  const [name = called, own] = stated?.split('/').reverse() ?? [];
  const all = clusters.flatMap(({ services }) => services.filter(({ metadata }) => metadata.name === name));
  const namespaces = [...new Set(all.map(({ metadata }) => metadata.namespace ?? ''))];
  const [namespace, ...others] = namespaces.filter((one) => own === undefined || one === own);
  const not = (unknown: string) => ({ unknown });
  if (namespace === undefined) return not(`no observed namespace has a Service ${stated ?? name}`);
  if (others.length > 0)
    return not(
      `Service ${name} stands in ${namespaces.join(' and ')}: which one is called is not known (spec.services)`,
    );
  const isKept = ({ metadata, spec }: KubeObject) =>
    metadata.namespace === namespace && object(spec).internalTrafficPolicy === 'Local';
  if (all.some(isKept)) {
    return not(
      `Service ${name} keeps calls on the node of the caller (internalTrafficPolicy: Local), which is not played`,
    );
  }
  const found = clusters.map((live) =>
    servicePortsOf(live).filter(({ service }) => service === `${namespace}/${name}`),
  );
  if (found.flat().some(({ headless }) => headless)) {
    return not(`Service ${name} is headless: DNS chooses who answers, not the mesh`);
  }
  if (found.some((ports) => ports.length > 0 && ports.every(({ tcp }) => tcp))) {
    return not(`Service ${name} is one of TCP: who answers is settled when a connection opens`);
  }
  return { service: `${namespace}/${name}` };
}

/** Callers whose proxy nobody knows. */
function missingIn(paths: readonly Path[], { chain, callers }: Called, { pods }: LiveSystem): string | undefined {
  for (const { cluster, zone, id } of paths) {
    const doors = pods.filter(
      (pod) => pod.gateway && pod.ready && pod.cluster === cluster && pod.locality.zone === zone,
    );
    if (doors.length === 0) return `path ${id}: no ready gateway pod in zone ${zone} (spec.observe.gateways)`;
  }
  const calling = chain.filter((_, at) => callers.includes(at));
  const bare = pods.find((pod) => !pod.proxied && pod.services.some(({ service }) => calling.includes(service)));
  if (bare === undefined) return undefined;
  const pod = `pod ${bare.namespace}/${bare.name}`;
  return bare.ambient
    ? `${pod} is in ambient mode: ztunnel or a waypoint chooses whom it calls, which the model does not play`
    : `${pod} has no proxy: the mesh does not choose whom it calls`;
}

/** Faults whose pods are not among those that were read. */
function missedBy(moves: readonly Move[], system: LiveSystem): string | undefined {
  const missed = moves.find((move) => {
    if (move.kind === 'nothing' || move.kind === 'deaf' || move.kind === 'caller-fault') return false;
    const hit = podsHit(system, move).length;
    return 'victims' in move ? hit < move.victims.length : hit === 0;
  });
  return missed && `the pods that ${missed.fault} hits are not in an observed namespace (spec.observe.namespaces)`;
}

/** What of the faults lies outside of the model. */
function notPlayed(moves: readonly Move[], chain: readonly string[], system: LiveSystem): string | undefined {
  const aside = moves.find((move) => move.kind === 'caller-fault' && !chain.includes(move.service));
  if (aside !== undefined) return `${aside.fault} is about a host that the call chain does not name`;
  const door = moves.find((move) => move.kind !== 'removal' && podsHit(system, move).some(({ gateway }) => gateway));
  if (door !== undefined)
    return `${door.fault} hits gateways: what stands before them and chooses another is not played`;
  const deaf = moves.find(({ kind }) => kind === 'deaf');
  const other = moves.find(({ kind }) => kind !== 'deaf' && kind !== 'nothing');
  if (deaf === undefined || other === undefined) return undefined;
  return `${other.fault} changes pods, and without a control plane (${deaf.fault}) no proxy hears of it and no new pod gets one: not played`;
}

/** Deterministic randomness (mulberry32): the same configuration gives the same prediction. */
function seeded(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
