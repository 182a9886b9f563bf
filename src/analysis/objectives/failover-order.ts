import type { Finding, Verdict } from '../../model/finding.ts';
import type { Ladder } from '../../model/result.ts';
import type { FailoverOrder, Place } from '../../model/scenario.ts';
import { type Case, finding, tally } from '../case.ts';
import { eventId, faultEvidence } from '../evidence.ts';
import { count, list, percent } from '../format.ts';
import { ejected, failoverHint } from '../hints.ts';
import { type Climb, climb, ladderRow, type RungCount, strays } from '../ladder.ts';
import { placesOf, rungOf } from '../rungs.ts';
import type { Stage } from '../stages.ts';
import { atBestInconclusive, judgeShare, type Share, wilson } from '../stats.ts';

export type OrderJudgement = { readonly findings: readonly Finding[]; readonly ladders: readonly Ladder[] };

type Judgement = { readonly verdict: Verdict; readonly cause?: string | undefined };

const nameOf = (place: Place | undefined): string =>
  place === undefined ? 'nowhere' : 'zone' in place ? place.zone : `region ${place.region}`;

function affects(it: Case, order: FailoverOrder, stage: Stage): boolean {
  const pods = stage.faults.flatMap((fault) => fault.affected);
  if (pods.length === 0) return true;
  return pods.some((pod) => it.pods.serviceOf(pod) === order.service && rungOf(it, order, pod.zone) >= 0);
}

/** True when every proxy in the zone that could call the service was hit itself. */
function callersAreGone(it: Case, { order, stage }: Climb['counts']): boolean {
  const service = it.scenario.load.good.chain[it.scenario.load.good.chain.indexOf(order.service) - 1];
  if (service === undefined) return false;
  const callers = it.pods
    .at(stage.end)
    ?.filter((pod) => pod.service === service && pod.zone === order.from.zone && pod.ready);
  return callers?.every(it.pods.hitBy(stage.active)) ?? false;
}

function judgeSilence(it: Case, ladder: Climb): Judgement {
  const { counts, steady } = ladder;
  const paths = it.paths.filter((path) => path.zone === counts.order.from.zone);
  const failed = counts.sum(counts.failed, steady.window) + tally(it, paths, counts.stage).bad;
  if (callersAreGone(it, counts)) return { verdict: 'inconclusive', cause: 'every caller in that zone was hit itself' };
  if (steady.window.end <= steady.window.start)
    return { verdict: 'inconclusive', cause: 'the stage ended before traffic was steady' };
  if (failed === 0) return { verdict: 'inconclusive', cause: 'nobody in that zone called the service' };
  return { verdict: 'fail', cause: 'nothing took over: the calls went on failing' };
}

function judgeTraffic(ladder: Climb): Judgement {
  const { samples, required, steady } = ladder;
  const { farther, nearer, expected } = strays(ladder);
  const expectedPlace = nameOf(placesOf(ladder.counts.order)[steady.expected]);
  const allowed = 1 - required;
  if (ladder.earlyRungs.length > 0)
    return { verdict: 'fail', cause: `a farther place served before ${expectedPlace} did` };
  const judged = judgeShare(expected, samples, required);
  if (judged.verdict !== 'fail') return judged;
  if (wilson(farther, samples).lo > allowed) {
    const what = expected === 0 ? 'was skipped' : `got only ${percent(expected / samples, required)}`;
    return { verdict: 'fail', cause: `${expectedPlace} had healthy endpoints and ${what}` };
  }
  return { verdict: 'inconclusive', cause: `${count(nearer, 'hop')} served by a place that should be down` };
}

function judgeClimb(it: Case, ladder: Climb): Judgement {
  const { stage } = ladder.counts;
  if (ladder.steady.expected < 0) return { verdict: 'inconclusive', cause: 'no declared place had healthy endpoints' };
  const judged = ladder.samples === 0 ? judgeSilence(it, ladder) : judgeTraffic(ladder);
  if (judged.verdict !== 'pass') return judged;
  const { unknown } = tally(it, it.paths, stage);
  if (unknown > 0)
    return {
      verdict: atBestInconclusive('pass'),
      cause: `${count(unknown, 'request')} unknown while the fault was on`,
    };
  if (!stage.isProven)
    return { verdict: atBestInconclusive('pass'), cause: 'the fault was not proven to be on throughout' };
  return judged;
}

function story(it: Case, ladder: Climb): string {
  const { order } = ladder.counts;
  const who = `Callers of ${order.service} in ${order.from.zone}`;
  const expected = nameOf(placesOf(order)[ladder.steady.expected]);
  const basis = ladder.capacityKnown
    ? 'the nearest place with healthy endpoints'
    : 'by the declared order, because the endpoints were not observed';
  if (ladder.samples === 0)
    return `${who} were served by nobody once the fault was on; expected was ${expected}, ${basis}.`;
  const shares = ladder.rungs
    .filter(({ hits }) => hits > 0)
    .map(
      ({ rung, zones, hits }) =>
        `${rung === -1 ? zones.join(', ') : nameOf(placesOf(order)[rung])} ${percent(hits / ladder.samples, ladder.required)}`,
    );
  const way = ejected(it, order.service) > 0 ? 'by ejection' : 'without any ejection seen';
  return `${who} were served by ${list(shares)} (${way}); expected was ${expected}, ${basis}, with at least ${percent(ladder.required)}.`;
}

function orderId(order: FailoverOrder, stage: number): string {
  return `failoverOrder/${order.service}/${order.from.zone}${stage === 0 ? '' : `/stage-${stage + 1}`}`;
}

/** The share at the expected place: once traffic was steady, or before that where a farther place served first. */
function measure(ladder: Climb): { share: Share; samples: number } {
  const { expected } = ladder.steady;
  const is = (count: RungCount): boolean => count.rung === expected;
  const counts = ladder.rungs.filter((count) => is(count) || ladder.earlyRungs.includes(count.rung));
  const value = ({ early, hits }: RungCount): number => (ladder.earlyRungs.length > 0 ? early : hits);
  const samples = ladder.earlyRungs.length > 0 ? sum(counts.map(value)) : ladder.samples;
  return { share: wilson(sum(counts.filter(is).map(value)), samples), samples };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

function earlyStory(ladder: Climb): string {
  const early = ladder.rungs.filter(({ rung }) => ladder.earlyRungs.includes(rung));
  if (early.length === 0) return '';
  const places = early.map(({ rung, zones }) =>
    rung === -1 ? zones.join(', ') : nameOf(placesOf(ladder.counts.order)[rung]),
  );
  return ` Before that, ${list(places)} answered ${count(sum(early.map((rung) => rung.early)), 'call')} first.`;
}

function climbFinding(it: Case, ladder: Climb): Finding {
  const { order, stage } = ladder.counts;
  const { verdict, cause } = judgeClimb(it, ladder);
  const { share, samples } = measure(ladder);
  const observed = it.facts.endpoints.filter((event) => event.t <= ladder.steady.window.start).slice(-2);
  const isPartial = ladder.steady.capacity.some(
    ({ healthy, ready }) => healthy !== null && healthy > 0 && healthy < ready,
  );
  return finding({
    id: orderId(order, stage.index),
    objective: 'failoverOrder',
    subject: `${order.service} from ${order.from.zone}`,
    verdict,
    title: `Failover order of ${order.service} from ${order.from.zone}${stage.index === 0 ? '' : ` after ${list(stage.faults.map((f) => f.name))}`}`,
    story: story(it, ladder) + earlyStory(ladder),
    measured: { lo: share.lo * 100, hi: share.hi * 100, unit: '%' },
    target: { op: '>=', value: ladder.required * 100, unit: '%' },
    samples,
    evidence: [
      ...stage.faults.flatMap((fault) => faultEvidence(fault).slice(0, 3)),
      ...observed.map(eventId),
      ...it.evidence.requests(...ladder.rungs.map((rung) => rung.first), ladder.counts.failed.first),
    ],
    cause,
    hint: isPartial
      ? 'Envoy spills from a priority whose hosts are partly ejected (140 % x healthy hosts): ask for a smaller share, or run more pods in a zone.'
      : ladder.samples === 0
        ? failoverHint(it, stage)
        : `localityLbSetting.failover and failoverPriority in the DestinationRule of ${order.service} set the order; without outlierDetection there are no priorities at all.`,
  });
}

function untested(order: FailoverOrder): Finding {
  return finding({
    id: orderId(order, 0),
    objective: 'failoverOrder',
    subject: `${order.service} from ${order.from.zone}`,
    verdict: 'inconclusive',
    title: `Failover order of ${order.service} from ${order.from.zone}`,
    story: `No fault that was injected takes ${order.service} away from ${order.from.zone} or from a declared place.`,
    samples: 0,
    evidence: [],
    cause: 'no fault tested this order',
  });
}

/** Was every declared order kept, in every stage that touches it? */
export function judgeFailoverOrder(it: Case): OrderJudgement {
  const findings: Finding[] = [];
  const ladders: Ladder[] = [];
  for (const [index, order] of it.scenario.expect.failoverOrder.entries()) {
    const stages = it.outcomes.filter(({ stage }) => affects(it, order, stage));
    if (stages.length === 0) findings.push(untested(order));
    for (const outcome of stages) {
      const counts = it.observer.ladders[outcome.stage.index]?.[index];
      if (counts === undefined) continue;
      const ladder = climb(it, counts, outcome);
      const judged = climbFinding(it, ladder);
      findings.push(judged);
      ladders.push(ladderRow(it, ladder, judged.id));
    }
  }
  return { findings, ladders };
}
