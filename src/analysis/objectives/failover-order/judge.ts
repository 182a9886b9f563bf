import type { Finding } from '../../../model/finding.ts';
import type { Ladder } from '../../../model/result.ts';
import type { FailoverOrder } from '../../../model/scenario.ts';
import { lowerLimit } from '../../../stats/index.ts';
import type { Sample } from '../../facts/blocks.ts';
import { placesOf, rungOf } from '../../facts/capacity.ts';
import type { Case } from '../../facts/case.ts';
import { doubtAboutStage } from '../../facts/effects.ts';
import { eventId, faultEvidence } from '../../facts/evidence.ts';
import { count, list, percent, seconds } from '../../facts/format.ts';
import { type OrderInStage, orderInStage, upTo, wentPast } from '../../facts/order-in-stage.ts';
import type { StageOutcome } from '../../facts/recoveries.ts';
import { judgeShare, limitsOf, misses, together } from '../../facts/share.ts';
import type { Stretch } from '../../facts/stretches.ts';
import type { Stage } from '../../timeline/stages.ts';
import { within } from '../../timeline/windows.ts';
import { deadElsewhere } from '../away.ts';
import { contradiction } from '../contradiction.ts';
import { finding, type Judgement, unlessDoubted, unlessOpen } from '../finding.ts';
import { failoverHint, recordedSuffix } from '../hints.ts';
import { earlyStory, fartherText, ladderRow, nameOf, orderStory } from './words.ts';

export type OrderJudgement = { readonly findings: readonly Finding[]; readonly ladders: readonly Ladder[] };

/** Time that a takeover has where the scenario promises none. */
const TAKEOVER_MS = 5_000;
/** Fewer failed calls than this are no sign that nothing took over. */
const LEAST_FAILED = 3;

/** Whether the faults of a stage take a service away from the callers of an order, or from a place it declares. */
export function affects(it: Case, order: FailoverOrder, stage: Stage): boolean {
  const pods = stage.faults.flatMap((fault) => fault.affected);
  if (pods.length === 0) return true;
  const own = stage.faults.filter(({ affected }) => affected.some((pod) => it.pods.serviceOf(pod) === order.service));
  const isNear = own.some(({ affected }) =>
    affected.some((pod) => it.pods.serviceOf(pod) === order.service && rungOf(it, order, pod.zone) >= 0),
  );
  return isNear || own.some((fault) => it.listeners.witnesses.of(fault).callerZones.has(order.from.zone));
}

/** True when every proxy in the zone that could call the service was hit itself. */
function callersAreGone(it: Case, { order, stage }: OrderInStage['counts']): boolean {
  const { chain } = it.scenario.load.good;
  const service = chain[chain.indexOf(order.service) - 1];
  if (service === undefined) return false;
  const callers = it.pods.behind(service, stage.end)?.filter((pod) => pod.zone === order.from.zone && pod.ready);
  return callers?.every(it.pods.hitBy(stage.active)) ?? false;
}

/** Nobody answered in a stretch: did the calls go on failing when they should have been taken over? */
function judgeSilence(it: Case, { counts }: OrderInStage, stretch: Stretch, from: number): Judgement {
  if (callersAreGone(it, counts)) return { verdict: 'inconclusive', cause: 'every caller in that zone was hit itself' };
  const limit = it.scenario.expect.recoveryTime?.withinMs ?? TAKEOVER_MS;
  const late = { start: Math.max(from + limit * 1000, stretch.window.start), end: stretch.window.end };
  if (late.end <= late.start)
    return { verdict: 'inconclusive', cause: 'the stage ended before something had to take over' };
  const failed = counts.sum(counts.failed, late) + counts.sum(counts.bad, late);
  if (failed >= LEAST_FAILED)
    return {
      verdict: 'fail',
      cause: `nothing took over: the calls went on failing ${seconds(limit * 1000)} s after the effect`,
    };
  return { verdict: 'inconclusive', cause: 'nobody in that zone called the service once traffic had settled' };
}

type Measured = { readonly sample: Sample; readonly target: number };
type StretchJudgement = Judgement & { readonly stretch: Stretch; readonly measured?: Measured };

/** The first of the asked rungs up to which a stretch has too little, for certain; else the one that decides. */
function decisive(
  it: Case,
  ladder: OrderInStage,
  stretch: Stretch,
): Measured & { readonly rung: number; readonly how: ReturnType<typeof misses> } {
  const rows = stretch.required.map(({ rung, share }) => {
    const sample = upTo(ladder, stretch, rung);
    const how = wentPast(ladder, stretch, rung, share) ? 'surely' : misses(it.risk, sample, share);
    return { rung, sample, target: share, how };
  });
  const rank = { surely: 0, perhaps: 1, no: 2 };
  return rows.reduce((a, b) => (rank[b.how] < rank[a.how] ? b : a));
}

function judgeStretch(it: Case, ladder: OrderInStage, stretch: Stretch, from: number): StretchJudgement {
  if (stretch.expected < 0)
    return { stretch, verdict: 'inconclusive', cause: 'no declared place had healthy endpoints' };
  if (stretch.samples === 0) return { stretch, ...judgeSilence(it, ladder, stretch, from) };
  const { rung, sample, target, how } = decisive(it, ladder, stretch);
  const measured = { sample, target };
  const nearer = stretch.rungs.filter((count) => count.rung >= 0 && count.rung < stretch.expected);
  const dead = nearer.reduce((sum, { hits }) => sum + hits, 0);
  if (how === 'surely') {
    const place = nameOf(placesOf(ladder.counts.order)[rung]);
    const what =
      sample.hits === 0
        ? 'was skipped'
        : rung > stretch.expected
          ? `and what is nearer got only ${percent(sample.hits / sample.all, target)}`
          : `got only ${percent(sample.hits / sample.all, target)}`;
    return { stretch, verdict: 'fail', cause: `${place} had healthy endpoints and ${what}`, measured };
  }
  if (dead > 0 && lowerLimit(dead, stretch.samples, it.risk.pass) > 1 - target) {
    return {
      stretch,
      verdict: 'inconclusive',
      cause: `${count(dead, 'call')} served by a place that should be down`,
      measured,
    };
  }
  if (how === 'perhaps') {
    return {
      stretch,
      verdict: 'inconclusive',
      cause: `${percent(sample.hits / sample.all, target)} may be too little, or chance`,
      measured,
    };
  }
  return { stretch, verdict: 'pass', measured };
}

type OrderJudgementInStage = {
  readonly told: StretchJudgement | undefined;
  readonly measured: Measured | undefined;
  readonly judged: Judgement;
};

/** All stretches together must show the order; each alone can break it. */
function judgeStretches(it: Case, ladder: OrderInStage): OrderJudgementInStage {
  const rows = ladder.stretches.map((stretch, i) =>
    judgeStretch(it, ladder, stretch, i === 0 ? ladder.from : stretch.window.start),
  );
  const longest = (some: readonly StretchJudgement[]): StretchJudgement | undefined =>
    some.reduce<StretchJudgement | undefined>(
      (a, b) => (a === undefined || b.stretch.samples > a.stretch.samples ? b : a),
      undefined,
    );
  const failed = rows.find(({ verdict }) => verdict === 'fail');
  if (failed !== undefined) return { told: failed, measured: failed.measured, judged: failed };
  const called = rows.filter(({ stretch }) => stretch.samples > 0);
  if (called.length === 0) {
    const told = rows[0];
    const cause = told?.cause ?? 'the stage ended before traffic was steady';
    return { told, measured: undefined, judged: { verdict: 'inconclusive', cause } };
  }
  const parts = called.flatMap(({ measured }) => measured ?? []);
  const sample = together(parts.map((part) => part.sample));
  const target =
    sample.all === 0 ? 1 : parts.reduce((sum, part) => sum + part.target * part.sample.all, 0) / sample.all;
  const open = called.find(({ verdict }) => verdict === 'inconclusive');
  const judged = unlessOpen(judgeShare(it.risk, sample, target), open?.cause);
  return { told: open ?? longest(called), measured: { sample, target }, judged };
}

/** What is wrong with the time before traffic had settled; undefined where nothing is. */
function judgeEarly({ early, fartherBefore, counts }: OrderInStage, expected: string): Judgement | undefined {
  if (early.length > 0) return { verdict: 'fail', cause: `a farther place served before ${expected} did` };
  if (fartherBefore === undefined) return undefined;
  const cause = `before traffic had settled, ${fartherText(counts.order, fartherBefore)}`;
  return fartherBefore.how === 'surely'
    ? { verdict: 'fail', cause }
    : { verdict: 'inconclusive', cause: `${cause}; that may be chance` };
}

function judgeOrderInStage(it: Case, ladder: OrderInStage): OrderJudgementInStage {
  const { order, stage } = ladder.counts;
  const { told, measured, judged: plain } = judgeStretches(it, ladder);
  const expected = nameOf(placesOf(order)[told?.stretch.expected ?? 0]);
  const early = judgeEarly(ladder, expected);
  const broken = early === undefined || (plain.verdict === 'fail' && early.verdict !== 'fail') ? plain : early;
  const isServed = ladder.fartherBefore !== undefined || (told?.stretch.samples ?? 0) > 0;
  const elsewhere = broken.verdict === 'fail' && isServed ? deadElsewhere(it, order.service, stage.active) : undefined;
  const certain: Judgement =
    elsewhere !== undefined
      ? { verdict: 'inconclusive', cause: elsewhere }
      : broken.verdict === 'fail'
        ? { ...broken, cause: `${broken.cause}${recordedSuffix(it, stage)}` }
        : broken;
  const { unknown } = it.listeners.tallies.of(it.paths, within(it.segments, stage));
  const open = unknown > 0 ? `${count(unknown, 'request')} unknown while the fault was on` : undefined;
  const judged = unlessDoubted(unlessOpen(certain, open), contradiction(it) ?? doubtAboutStage(it, stage));
  return { told, measured, judged };
}

function orderId(order: FailoverOrder, stage: number): string {
  return `failoverOrder/${order.service}/${order.from.zone}${stage === 0 ? '' : `/stage-${stage + 1}`}`;
}

function orderFinding(it: Case, ladder: OrderInStage, { told, measured, judged }: OrderJudgementInStage): Finding {
  const { order, stage } = ladder.counts;
  const limits = measured && limitsOf(it.risk, measured.sample);
  const stretch = told?.stretch;
  const observed = it.facts.endpoints.filter((event) => event.t <= (stretch?.window.start ?? ladder.settled)).slice(-2);
  return finding({
    id: orderId(order, stage.index),
    objective: 'failoverOrder',
    subject: `${order.service} from ${order.from.zone}`,
    verdict: judged.verdict,
    title: `Failover order of ${order.service} from ${order.from.zone}${stage.index === 0 ? '' : ` after ${list(stage.faults.map((f) => f.name))}`}`,
    story: orderStory(it, ladder, stretch) + earlyStory(ladder),
    ...(limits !== undefined && { measured: { lo: limits.lo * 100, hi: limits.hi * 100, unit: '%' as const } }),
    ...(measured !== undefined && { target: { op: '>=' as const, value: measured.target * 100, unit: '%' as const } }),
    samples: measured?.sample.all ?? 0,
    evidence: [
      ...stage.faults.flatMap((fault) => faultEvidence(fault).slice(0, 3)),
      ...observed.map(eventId),
      ...it.evidence.requests(
        ...[...ladder.counts.zones.values()].map(({ first }) => first),
        ladder.counts.failed.first,
      ),
    ],
    cause: judged.cause,
    hint: judged.verdict === 'fail' ? failoverHint(it, stage) : undefined,
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
    const outcomes = it.outcomes.filter(({ stage }) => affects(it, order, stage));
    if (outcomes.length === 0) findings.push(untested(order));
    for (const outcome of outcomes) judgeOne(it, outcome, index, findings, ladders);
  }
  return { findings, ladders };
}

function judgeOne(it: Case, outcome: StageOutcome, index: number, findings: Finding[], ladders: Ladder[]): void {
  const counts = it.listeners.ladders.ladders[outcome.stage.index]?.[index];
  if (counts === undefined) return;
  const ladder = orderInStage(it, counts, outcome);
  const judgement = judgeOrderInStage(it, ladder);
  const judged = orderFinding(it, ladder, judgement);
  findings.push(judged);
  ladders.push(ladderRow(it, ladder, judgement, judged.id));
}
