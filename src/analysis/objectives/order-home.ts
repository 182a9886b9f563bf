import type { Finding } from '../../model/finding.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import { type Count, chanceOfMore, designEffect } from '../../stats/index.ts';
import { placesOf } from '../facts/capacity.ts';
import type { Case } from '../facts/case.ts';
import { doubtAboutRun } from '../facts/effects.ts';
import { eventId } from '../facts/evidence.ts';
import { count, list } from '../facts/format.ts';
import type { LadderCounts } from '../facts/ladder-counts.ts';
import { isAnotherRoute, isFarther, type Stretch, stretchesOf } from '../facts/order-in-stage.ts';
import { misses } from '../facts/share.ts';
import { MERGE_WINDOW } from '../timeline/stages.ts';
import { within } from '../timeline/windows.ts';
import { deadElsewhere } from './away.ts';
import { contradiction } from './contradiction.ts';
import { affects } from './failover-order/judge.ts';
import { nameOf } from './failover-order/words.ts';
import { finding, type Judgement, unlessDoubted } from './finding.ts';
import { guard } from './objective.ts';
import { wayHome } from './way-home.ts';

/** Of one stretch: the calls that went farther than they had to, to which zones, and whether that is more than strays. */
type Farther = {
  readonly hits: number;
  readonly zones: readonly string[];
  readonly how: ReturnType<typeof misses>;
  readonly stretch: Stretch;
};

/** How many calls of these callers each zone served before the fault: they may go back there, as many as did. */
function usualCalls(it: Case, { service, from }: FailoverOrder): ReadonlyMap<string, number> {
  const group = it.listeners.homes.group(service, from.zone);
  const segments = within(it.segments, it.windows.baseline);
  const calls = new Map<string, number>();
  for (const route of new Set([...(group?.home ?? []), ...(group?.away ?? [])])) {
    const n = it.listeners.places.count(route, segments);
    for (const call of route.calls) {
      if (call.service !== service || call.fromZone !== from.zone) continue;
      calls.set(call.zone, (calls.get(call.zone) ?? 0) + n);
    }
  }
  return calls;
}

/** Whether a zone serves more of the calls than before the fault, beyond chance: the baseline is a sample as well. */
function isMoreThanUsual(it: Case, usual: ReadonlyMap<string, number>, zone: string, now: Count): boolean {
  const all = [...usual.values()].reduce((sum, n) => sum + n, 0);
  return all === 0 || chanceOfMore({ bad: usual.get(zone) ?? 0, all }, now) < it.risk.fail;
}

/** Nobody has to go home at a given time; but nobody may go farther than while the faults were on. */
function fartherIn(it: Case, ladder: LadderCounts, stretch: Stretch, usual: ReadonlyMap<string, number>): Farther[] {
  const asked = stretch.required.at(-1)?.share;
  if (asked === undefined || stretch.samples === 0) return [];
  const isFar = (zone: string): boolean => {
    const bad = ladder.sum(ladder.zone(zone), stretch.window);
    return !usual.has(zone) || isMoreThanUsual(it, usual, zone, { bad, all: stretch.samples });
  };
  const farther = stretch.rungs.filter(({ rung }) => isFarther(rung, stretch.last));
  const far = new Set(farther.flatMap(({ zones }) => zones).filter(isFar));
  const countsOf = (which: boolean) => [...ladder.zones].flatMap(([zone, one]) => (far.has(zone) === which ? one : []));
  const near = ladder.blocks(countsOf(false), stretch.window);
  const hits = countsOf(true).reduce((sum, one) => sum + ladder.sum(one, stretch.window), 0);
  const sample = { hits: stretch.samples - hits, all: stretch.samples, effect: designEffect(near) };
  const how = isAnotherRoute(near, sample, asked) ? 'surely' : misses(it.risk, sample, asked);
  const zones = [...far].filter((zone) => ladder.sum(ladder.zone(zone), stretch.window) > 0);
  return [{ hits, zones, how, stretch }];
}

function judge(it: Case, counts: LadderCounts, all: readonly Farther[]): Judgement {
  const worst = all.find(({ how }) => how === 'surely') ?? all.find(({ how }) => how === 'perhaps');
  if (worst === undefined) return { verdict: 'pass' };
  const { order } = counts;
  const { stretch } = worst;
  const nearest = nameOf(placesOf(order)[stretch.last]);
  const what = `${worst.hits} of ${count(stretch.samples, 'call')} of ${order.service} from ${order.from.zone} went to ${list(worst.zones)}, though ${nearest} had healthy endpoints`;
  if (worst.how === 'perhaps') return { verdict: 'inconclusive', cause: `${what}; that may be chance` };
  const elsewhere = deadElsewhere(it, order.service, it.facts.faults);
  return elsewhere === undefined
    ? { verdict: 'fail', cause: what }
    : { verdict: 'inconclusive', cause: `${what}, but ${elsewhere}` };
}

function homeFinding(it: Case, counts: LadderCounts): Finding {
  const { order, stage } = counts;
  const subject = `${order.service} from ${order.from.zone}`;
  const usual = usualCalls(it, order);
  const all = stretchesOf(it, counts, { start: stage.start + MERGE_WINDOW, end: stage.end }).flatMap((stretch) =>
    fartherIn(it, counts, stretch, usual),
  );
  const samples = all.reduce((sum, { stretch }) => sum + stretch.samples, 0);
  const hits = all.reduce((sum, farther) => sum + farther.hits, 0);
  const { verdict, cause } = unlessDoubted(judge(it, counts, all), contradiction(it) ?? doubtAboutRun(it));
  const titles = { pass: 'kept', fail: 'broken', inconclusive: 'not certain' };
  const undos = it.facts.faults.flatMap((fault) => fault.undo ?? []);
  return finding({
    objective: 'wayHome',
    subject,
    verdict,
    title: `Failover order of ${subject} ${titles[verdict]} on the way home`,
    story: `${hits} of ${count(samples, 'call')} of ${subject} after the undo was asked for went farther than while the fault was on.`,
    samples,
    evidence: [
      ...undos.map(eventId).slice(-2),
      ...it.evidence.requests(...[...counts.zones.values()].map(({ first }) => first)),
    ],
    cause,
    hint: 'Something nearer stopped serving during or after the undo: look at the endpoints and the ejections of that time.',
  });
}

function judgeOrderHome(it: Case): Finding[] {
  const isTouched = (order: FailoverOrder): boolean => it.stages.some((stage) => affects(it, order, stage));
  if (it.facts.status !== 'completed' || !it.facts.ended) return [];
  return it.listeners.ladders.home.filter(({ order }) => isTouched(order)).map((counts) => homeFinding(it, counts));
}

/** Was every declared order that a fault touched kept from the first undo request on? A part of the way home. */
export const orderHome = guard({ ...wayHome, subject: 'order', judge: judgeOrderHome });
