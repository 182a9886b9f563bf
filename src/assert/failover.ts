import type { Finding } from '../model/finding.ts';
import { type CallersPlace, isSamePlace, type Place, placeText } from '../model/place.ts';
import type { Rung, RunResult } from '../model/result.ts';
import { type Answer, answerOf, no, undecided, unfinished, yes } from './answer.ts';
import { listText, RUNG_STATES, wordedPlace } from './words.ts';

/** Callers of `service` in one zone, and the place that takes them over. */
export type Failover = { readonly from: CallersPlace; readonly to: Place };

/**
 * Did the place take over the callers of a zone, in the declared order? Yes: every finding on that order passed, and it
 * took over in one of the stages. No: it served none of them. A place that served in part, or out of order, is neither.
 */
export function judgeFailover(result: RunResult, service: string, { from, to }: Failover): Answer {
  const stopped = unfinished(result) ?? undeclared(result, service, from);
  if (stopped !== undefined) return stopped;
  const ladders = result.ladders.filter(
    (one) => one.service === service && one.fromZone === from.zone && one.fromCluster === from.cluster,
  );
  const own = result.findings.filter((finding) => isAbout(finding, service, placeText(from), ladders));
  const order = answerOf(own, result, `the failover of ${service}`);
  if (!order.holds && !order.fails) return order;
  if (ladders.length === 0) return undecided(`nothing was counted of ${service} from ${placeText(from)}`);
  const wrong = misplaced(
    result,
    to,
    ladders.flatMap(({ rungs }) => rungs),
  );
  if (wrong !== undefined) return undecided(wrong);
  const rungs = ladders.map((ladder) => ladder.rungs.find(({ place }) => isSamePlace(place, to)));
  const stages = ladders.map(({ stage, samples }, i) => stageText(stage, ladders.length, rungs[i], samples));
  const seen = `${service} from ${wordedPlace(from)} to ${wordedPlace(to)}: ${stages.join('; ')}`;
  const because = order.holds ? seen : `${seen}. ${order.because}`;
  if (rungs.every(isIdle)) return no(because);
  if (order.holds && rungs.some(tookOver)) return yes(because);
  return { holds: false, fails: false, because };
}

/** A question about an order that the scenario does not declare has no answer: a misspelt name must not pass. */
function undeclared(result: RunResult, service: string, from: CallersPlace): Answer | undefined {
  const orders = result.run.scenario.expect.failoverOrder;
  if (orders.some((order) => order.service === service && isSamePlace(order.from, from))) return undefined;
  const declared = orders.map((order) => `${order.service} from ${wordedPlace(order.from)}`);
  return undecided(
    `the scenario declares no failoverOrder of ${service} from ${wordedPlace(from)}; it has ${listText(declared)}`,
  );
}

function isAbout({ id, objective }: Finding, service: string, from: string, ladders: RunResult['ladders']): boolean {
  if (objective !== 'failoverOrder') return false;
  const own = `failoverOrder/${service}/${from}`;
  return id === own || id.startsWith(`${own}/`) || ladders.some(({ finding }) => finding === id);
}

type Clusters = RunResult['run']['topology']['clusters'];

/** The clusters that a place lies in, or that lie in it; undefined where no topology tells. */
function clustersOf(clusters: Clusters, place: Place): Clusters | undefined {
  if ('region' in place) return clusters.filter(({ region }) => region === place.region);
  if (!('zone' in place)) return 'cluster' in place ? clusters.filter(({ name }) => name === place.cluster) : undefined;
  const { zone, cluster } = place;
  return clusters.filter(({ name, zones }) => zones.includes(zone) && (cluster === undefined || cluster === name));
}

const kindOf = (place: Place): string => ('zone' in place ? 'zone' : (Object.keys(place)[0] ?? ''));

/** Why the rungs cannot tell about a place: nobody knows it, or they count by zone where it is a region, and the like. */
function misplaced(result: RunResult, to: Place, rungs: readonly Rung[]): string | undefined {
  const places = rungs.map(({ place }) => place);
  if (places.some((place) => isSamePlace(place, to))) return undefined;
  const { clusters } = result.run.topology;
  const here = clustersOf(clusters, to);
  const known = clusters.flatMap(({ region, zones }) => [`region ${region}`, ...zones.map((zone) => `zone ${zone}`)]);
  if (here?.length === 0) {
    return `no cluster of the target has ${wordedPlace(to)}; known are ${listText([...known, ...places.map(wordedPlace)])}`;
  }
  const meets = (place: Place): boolean => {
    const there = kindOf(place) === kindOf(to) ? [] : clustersOf(clusters, place);
    return here === undefined || there === undefined || there.some((one) => here.includes(one));
  };
  const counted = places.filter(meets);
  return counted.length === 0
    ? undefined
    : `the calls are counted for ${listText(counted.map(wordedPlace))}, not for ${wordedPlace(to)}: ask for one of these`;
}

function tookOver(rung: Rung | undefined): boolean {
  if (rung === undefined) return false;
  const { state, share, expectedShare } = rung;
  return state === 'took-over' || (state === 'partly' && expectedShare > 0 && share >= expectedShare);
}

const IDLE: ReadonlySet<Rung['state']> = new Set(['skipped', 'never', 'not-needed', 'down']);

function isIdle(rung: Rung | undefined): boolean {
  return rung === undefined || (rung.hits === 0 && IDLE.has(rung.state));
}

function stageText(stage: number, stages: number, rung: Rung | undefined, samples: number): string {
  const what = rung === undefined ? 'served none' : RUNG_STATES[rung.state];
  return `${stages === 1 ? '' : `stage ${stage}: `}${what} (${rung?.hits ?? 0} of ${samples} calls)`;
}
