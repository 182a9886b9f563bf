import type { Finding } from '../../model/finding.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import { designEffect } from '../../stats/index.ts';
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

/** Zones that served these callers before the fault: they may go back there, wherever that is. */
function usualZones(it: Case, { service, from }: FailoverOrder): ReadonlySet<string> {
  const group = it.listeners.homes.group(service, from.zone);
  const segments = within(it.segments, it.windows.baseline);
  const routes = [...(group?.home ?? []), ...(group?.away ?? [])].filter(
    (route) => it.listeners.places.count(route, segments) > 0,
  );
  const calls = routes.flatMap((route) => route.calls);
  return new Set(calls.flatMap((call) => (call.service === service && call.fromZone === from.zone ? call.zone : [])));
}

/** Nobody has to go home at a given time; but nobody may go farther than while the faults were on. */
function fartherIn(it: Case, ladder: LadderCounts, stretch: Stretch, usual: ReadonlySet<string>): Farther[] {
  const asked = stretch.required.at(-1)?.share;
  if (asked === undefined || stretch.samples === 0) return [];
  const far = new Set(
    stretch.rungs
      .filter(({ rung }) => isFarther(rung, stretch.last))
      .flatMap((rung) => rung.zones.filter((zone) => !usual.has(zone))),
  );
  const countsOf = (isFar: boolean) => [...ladder.zones].flatMap(([zone, one]) => (far.has(zone) === isFar ? one : []));
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
  const usual = usualZones(it, order);
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
