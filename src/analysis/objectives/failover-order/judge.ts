import type { Finding } from '../../../model/finding.ts';
import { isFrom, placeText } from '../../../model/place.ts';
import type { Ladder } from '../../../model/result.ts';
import type { FailoverOrder } from '../../../model/scenario.ts';
import type { Case } from '../../facts/case.ts';
import { doubtAboutStage } from '../../facts/effects.ts';
import { eventId, faultEvidence } from '../../facts/evidence.ts';
import { count, list } from '../../facts/format.ts';
import { type OrderInStage, orderInStage } from '../../facts/order-in-stage.ts';
import type { StageOutcome } from '../../facts/recoveries.ts';
import { uncounted } from '../../facts/routed.ts';
import { homeOf, placesOf, rungOf } from '../../facts/rungs.ts';
import { judgeShare, limitsFor, together } from '../../facts/share.ts';
import type { Site } from '../../facts/sites.ts';
import { isFarther } from '../../facts/stretches.ts';
import type { CallsEvent } from '../../timeline/history.ts';
import { within } from '../../timeline/windows.ts';
import { deadElsewhere } from '../away.ts';
import { doubtAboutPlaces } from '../doubt-about-places.ts';
import { finding, type Judgement, unlessDoubted, unlessOpen } from '../finding.ts';
import { failoverHint, recordedSuffix } from '../hints.ts';
import { unplaced } from '../unplaced.ts';
import { affects } from './affects.ts';
import { judgeStretch, type Measured, type StretchJudgement } from './stretch.ts';
import { earlyStory, fartherText, ladderRow, nameOf, orderStory } from './words.ts';

export type OrderJudgement = { readonly findings: readonly Finding[]; readonly ladders: readonly Ladder[] };

type OrderJudgementInStage = {
  readonly told: StretchJudgement | undefined;
  readonly measured: Measured | undefined;
  readonly judged: Judgement;
};

/**
 * All stretches together must show the order; each alone can break it. Where none of the stage's own faults asks for it
 * (`isLater`), an earlier stage has shown it, and it must not be broken. Undefined where nobody called then.
 */
function judgeStretches(run: Case, ladder: OrderInStage, isLater: boolean): OrderJudgementInStage | undefined {
  const rows = ladder.stretches.map((stretch, i) =>
    judgeStretch(run, ladder, stretch, isLater ? undefined : i === 0 ? ladder.from : stretch.window.start),
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
    const open = rows.find(({ verdict }) => verdict !== 'pass');
    if (rows.length > 0 && open === undefined) return undefined;
    const told = open ?? rows[0];
    const cause = told?.cause ?? 'the stage ended before traffic was steady';
    return { told, measured: undefined, judged: { verdict: 'inconclusive', cause } };
  }
  const parts = called.flatMap(({ measured }) => measured ?? []);
  const sample = together(parts.map((part) => part.sample));
  const target =
    sample.all === 0 ? 1 : parts.reduce((sum, part) => sum + part.target * part.sample.all, 0) / sample.all;
  const open = (isLater ? rows : called).find(({ verdict }) => verdict === 'inconclusive');
  const shown: Judgement = isLater ? { verdict: 'pass' } : judgeShare(run.risk, sample, target);
  const judged = unlessOpen(shown, open?.cause);
  return { told: open ?? longest(called), measured: { sample, target }, judged };
}

/** What is wrong with the time before traffic had settled; undefined where nothing is. */
function judgeEarly(ladder: OrderInStage, expected: string): Judgement | undefined {
  const { early, perhapsEarly, fartherBefore, counts } = ladder;
  if (early.length > 0) return { verdict: 'fail', cause: `another place served before ${expected} did` };
  if (fartherBefore === undefined) {
    if (perhapsEarly.length === 0) return undefined;
    const cause = `another place served at about the time when ${expected} began to, and the counters of proxies do not tell which was first`;
    return { verdict: 'inconclusive', cause };
  }
  const cause = `before traffic had settled, ${fartherText(counts.order, fartherBefore)}`;
  return fartherBefore.how === 'surely'
    ? { verdict: 'fail', cause }
    : { verdict: 'inconclusive', cause: `${cause}; that may be chance` };
}

/** What the callers' proxies counted first when traffic had settled, where that tells of the order. */
function countedIn(run: Case, { counts: { order, lag, stage }, settled }: OrderInStage): readonly CallsEvent[] {
  if (lag === 0) return [];
  const isOwn = ({ service, zone, cluster, from, to }: CallsEvent): boolean =>
    service === order.service && isFrom({ zone, cluster }, order.from) === true && from >= settled && to <= stage.end;
  return run.facts.calls.filter(isOwn).slice(0, 2);
}

/** What is not known of the stage. */
function openIn(run: Case, { counts: { order, stage, lag }, stretches }: OrderInStage): string | undefined {
  const { unknown } = run.listeners.tallies.of(run.paths, within(run.segments, stage));
  if (unknown > 0) return `${count(unknown, 'request')} unknown while the fault was on`;
  const last = Math.max(1, ...stretches.map((stretch) => stretch.last));
  const isWrong = (site: Site): boolean => isFarther(rungOf(order, site) ?? -1, last);
  const seen = stretches.reduce((sum, { samples }) => sum + samples, 0);
  return (
    run.listeners.wide.doubt(order, stage, seen, isWrong) ?? (lag === 0 ? undefined : uncounted(run, [order.service]))
  );
}

function judgeOrderInStage(run: Case, ladder: OrderInStage, isLater: boolean): OrderJudgementInStage | undefined {
  const { order, stage } = ladder.counts;
  const all = judgeStretches(run, ladder, isLater);
  if (all === undefined) return undefined;
  const { told, measured, judged: plain } = all;
  const expected = nameOf(placesOf(order)[told?.stretch.expected ?? 0]);
  const early = judgeEarly(ladder, expected);
  const broken = early === undefined || (plain.verdict === 'fail' && early.verdict !== 'fail') ? plain : early;
  const isCalled = ladder.fartherBefore !== undefined || (told?.stretch.samples ?? 0) > 0;
  const elsewhere = broken.verdict === 'fail' && isCalled ? deadElsewhere(run, order.service, stage.active) : undefined;
  const certain: Judgement =
    elsewhere !== undefined
      ? { verdict: 'inconclusive', cause: elsewhere }
      : broken.verdict === 'fail'
        ? { ...broken, cause: `${broken.cause}${recordedSuffix(run, stage)}` }
        : broken;
  const judged = unlessDoubted(
    unlessOpen(certain, openIn(run, ladder)),
    doubtAboutPlaces(run) ?? unplaced(ladder.counts) ?? doubtAboutStage(run, stage),
  );
  return { told, measured, judged };
}

function orderId(order: FailoverOrder, stage: number): string {
  return `failoverOrder/${order.service}/${placeText(order.from)}${stage === 0 ? '' : `/stage-${stage + 1}`}`;
}

function orderFinding(run: Case, ladder: OrderInStage, { told, measured, judged }: OrderJudgementInStage): Finding {
  const { order, stage } = ladder.counts;
  const limits = measured && limitsFor(run.risk, measured.sample, measured.target);
  const stretch = told?.stretch;
  const observed = run.facts.endpoints
    .filter((event) => event.t <= (stretch?.window.start ?? ladder.settled))
    .slice(-2);
  return finding({
    id: orderId(order, stage.index),
    objective: 'failoverOrder',
    subject: `${order.service} from ${placeText(order.from)}`,
    verdict: judged.verdict,
    title: `Failover order of ${order.service} from ${placeText(order.from)}${stage.index === 0 ? '' : ` after ${list(stage.faults.map((f) => f.name))}`}`,
    story: orderStory(run, ladder, stretch) + earlyStory(ladder),
    ...(limits !== undefined && { measured: { lo: limits.lo * 100, hi: limits.hi * 100, unit: '%' as const } }),
    ...(measured !== undefined && { target: { op: '>=' as const, value: measured.target * 100, unit: '%' as const } }),
    samples: measured?.sample.all ?? 0,
    evidence: [
      ...stage.faults.flatMap((fault) => faultEvidence(fault).slice(0, 3)),
      ...observed.map(eventId),
      ...countedIn(run, ladder).map(eventId),
      ...run.evidence.requests(
        ...[...ladder.counts.sites.values()].map(({ first }) => first),
        ladder.counts.failed.first,
      ),
    ],
    cause: judged.cause,
    hint: judged.verdict === 'fail' ? failoverHint(run, stage) : undefined,
  });
}

function untested(run: Case, order: FailoverOrder): Finding {
  return finding({
    id: orderId(order, 0),
    objective: 'failoverOrder',
    subject: `${order.service} from ${placeText(order.from)}`,
    verdict: 'inconclusive',
    title: `Failover order of ${order.service} from ${placeText(order.from)}`,
    story: `No fault that was injected takes ${order.service} away from ${placeText(homeOf(order))} or from a declared place.`,
    samples: 0,
    evidence: [],
    cause: ['no fault tested this order', doubtAboutPlaces(run)].filter((part) => part !== undefined).join('; '),
  });
}

/** Was every declared order kept, in every stage that touches it? */
export function judgeFailoverOrder(run: Case): OrderJudgement {
  const findings: Finding[] = [];
  const ladders: Ladder[] = [];
  for (const [index, order] of run.scenario.expect.failoverOrder.entries()) {
    const outcomes = run.outcomes.filter(({ stage }) => affects(run, order, stage.active));
    if (outcomes.length === 0) findings.push(untested(run, order));
    for (const outcome of outcomes) judgeOne(run, outcome, index, findings, ladders);
  }
  return { findings, ladders };
}

function judgeOne(run: Case, outcome: StageOutcome, index: number, findings: Finding[], ladders: Ladder[]): void {
  const counts = run.listeners.ladders.ladders[outcome.stage.index]?.[index];
  if (counts === undefined) return;
  const ladder = orderInStage(run, counts, outcome);
  const isLater = !affects(run, counts.order, outcome.stage.faults);
  const judgement = judgeOrderInStage(run, ladder, isLater);
  if (judgement === undefined) return;
  const judged = orderFinding(run, ladder, judgement);
  findings.push(judged);
  ladders.push(ladderRow(run, ladder, judgement, judged.id));
}
