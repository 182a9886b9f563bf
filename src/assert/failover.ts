import type { Finding } from '../model/finding.ts';
import type { Rung, RunResult } from '../model/result.ts';
import type { Place } from '../model/scenario.ts';
import { type Answer, answerOf, no, undecided, unfinished, yes } from './answer.ts';
import { listText, placeText, RUNG_STATES } from './words.ts';

/** Callers of `service` in one zone, and the place that takes them over. */
export type Move = { readonly from: { readonly zone: string }; readonly to: Place };

/**
 * Did the place take over the callers of a zone, in the declared order? Yes: every finding on that order passed, and it
 * took over in one of the stages. No: it served none of them. A place that served in part, or out of order, is neither.
 */
export function judgeFailover(result: RunResult, service: string, { from, to }: Move): Answer {
  const stopped = unfinished(result) ?? undeclared(result, service, from.zone);
  if (stopped !== undefined) return stopped;
  const ladders = result.ladders.filter((ladder) => ladder.service === service && ladder.fromZone === from.zone);
  const own = result.findings.filter((finding) => isAbout(finding, service, from.zone, ladders));
  const order = answerOf(own, result, `the failover of ${service}`);
  if (!order.holds && !order.fails) return order;
  if (ladders.length === 0) return undecided(`nothing was counted of ${service} from ${from.zone}`);
  const wrong = misplaced(
    result,
    to,
    ladders.flatMap(({ rungs }) => rungs),
  );
  if (wrong !== undefined) return undecided(wrong);
  const rungs = ladders.map((ladder) => ladder.rungs.find(({ place }) => isSame(place, to)));
  const stages = ladders.map(({ stage, samples }, i) => stageText(stage, ladders.length, rungs[i], samples));
  const seen = `${service} from zone ${from.zone} to ${placeText(to)}: ${stages.join('; ')}`;
  const because = order.holds ? seen : `${seen}. ${order.because}`;
  if (rungs.every(isIdle)) return no(because);
  if (order.holds && rungs.some(tookOver)) return yes(because);
  return { holds: false, fails: false, because };
}

/** A question about an order that the scenario does not declare has no answer: a misspelt name must not pass. */
function undeclared(result: RunResult, service: string, zone: string): Answer | undefined {
  const orders = result.run.scenario.expect.failoverOrder;
  if (orders.some((order) => order.service === service && order.from.zone === zone)) return undefined;
  const declared = orders.map((order) => `${order.service} from zone ${order.from.zone}`);
  return undecided(
    `the scenario declares no failoverOrder of ${service} from zone ${zone}; it has ${listText(declared)}`,
  );
}

function isAbout({ id, objective }: Finding, service: string, zone: string, ladders: RunResult['ladders']): boolean {
  if (objective !== 'failoverOrder') return false;
  const own = `failoverOrder/${service}/${zone}`;
  return id === own || id.startsWith(`${own}/`) || ladders.some(({ finding }) => finding === id);
}

function isSame(a: Place, b: Place): boolean {
  return 'zone' in a ? 'zone' in b && a.zone === b.zone : 'region' in b && a.region === b.region;
}

/** Why the rungs cannot tell about a place: nobody knows it, or they count by zone where it is a region or the reverse. */
function misplaced(result: RunResult, to: Place, rungs: readonly Rung[]): string | undefined {
  if (rungs.some(({ place }) => isSame(place, to))) return undefined;
  const { clusters } = result.run.topology;
  const here = clusters.filter(({ region, zones }) => ('zone' in to ? zones.includes(to.zone) : region === to.region));
  const known = clusters.flatMap(({ region, zones }) => [`region ${region}`, ...zones.map((zone) => `zone ${zone}`)]);
  if (here.length === 0) {
    return `no cluster of the target has ${placeText(to)}; known are ${listText([...known, ...rungs.map(({ place }) => placeText(place))])}`;
  }
  const inside = (place: Place): boolean =>
    here.some(({ region, zones }) =>
      'zone' in to ? 'region' in place && place.region === region : 'zone' in place && zones.includes(place.zone),
    );
  const counted = rungs.map(({ place }) => place).filter(inside);
  return counted.length === 0
    ? undefined
    : `the calls are counted for ${listText(counted.map(placeText))}, not for ${placeText(to)}: ask for one of these`;
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
