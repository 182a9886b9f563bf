import { rulesOf } from '../../../model/good.ts';
import { isFrom } from '../../../model/place.ts';
import type { Micros } from '../../../model/units.ts';
import { lowerLimit } from '../../../stats/index.ts';
import type { Sample } from '../../facts/blocks.ts';
import type { Case } from '../../facts/case.ts';
import { count, percent, seconds } from '../../facts/format.ts';
import { type OrderInStage, upTo, wentPast } from '../../facts/order-in-stage.ts';
import { placesOf } from '../../facts/rungs.ts';
import { misses } from '../../facts/share.ts';
import type { Stretch } from '../../facts/stretches.ts';
import type { Window } from '../../timeline/windows.ts';
import type { Judgement } from '../finding.ts';
import { nameOf } from './words.ts';

/** Time that a takeover has where the scenario promises none. */
const TAKEOVER_MS = 5_000;
/** Fewer failed calls than this are no sign that nothing took over. */
const LEAST_FAILED = 3;

/** True when every proxy in the zone that could call the service was hit itself. */
function callersAreGone(run: Case, { order, stage }: OrderInStage['counts']): boolean {
  const chains = rulesOf(run.scenario.load).all.map(({ chain }) => chain);
  const callers = chains.filter((chain) => chain.includes(order.service)).map((c) => c[c.indexOf(order.service) - 1]);
  const gone = (service: string | undefined): boolean => {
    const pods = service === undefined ? undefined : run.pods.behind(service, stage.end);
    const ready = pods?.filter((pod) => isFrom(pod, order.from) && pod.ready);
    return ready?.every(run.pods.hitBy(stage.active)) ?? false;
  };
  return callers.length > 0 && callers.every(gone);
}

/** How many calls of the service, or requests through the gateway of its callers, failed in a window. */
function failedIn({ counts }: OrderInStage, window: Window): number {
  return counts.failures(counts.failed, window) + counts.failures(counts.bad, window);
}

/** Nobody answered in a stretch, and an older fault than the stage's own asks for the order: calls that fail go nowhere. */
function judgeLaterSilence(run: Case, ladder: OrderInStage, stretch: Stretch): Judgement {
  if (callersAreGone(run, ladder.counts) || failedIn(ladder, stretch.window) < LEAST_FAILED) return { verdict: 'pass' };
  return { verdict: 'inconclusive', cause: 'nobody answered these callers, so nothing shows where they had to go' };
}

/** Nobody answered in a stretch: did the calls go on failing when they should have been taken over? */
function judgeSilence(run: Case, ladder: OrderInStage, stretch: Stretch, from: number): Judgement {
  const { counts } = ladder;
  if (callersAreGone(run, counts))
    return { verdict: 'inconclusive', cause: 'every caller in that zone was hit itself' };
  const wide = run.listeners.wide.doubt(counts.order, stretch.window, 0);
  if (wide !== undefined) return { verdict: 'inconclusive', cause: wide };
  const limit = run.scenario.expect.recoveryTime?.withinMs ?? TAKEOVER_MS;
  const late = { start: Math.max(from + limit * 1000, stretch.window.start), end: stretch.window.end };
  if (late.end <= late.start)
    return { verdict: 'inconclusive', cause: 'the stage ended before something had to take over' };
  if (failedIn(ladder, late) >= LEAST_FAILED)
    return {
      verdict: 'fail',
      cause: `nothing took over: the calls went on failing ${seconds(limit * 1000)} s after the effect`,
    };
  return { verdict: 'inconclusive', cause: 'nobody in that zone called the service once traffic had settled' };
}

export type Measured = { readonly sample: Sample; readonly target: number };
export type StretchJudgement = Judgement & { readonly stretch: Stretch; readonly measured?: Measured };

/** The first of the asked rungs up to which a stretch has too little, for certain; else the one that decides. */
function decisive(
  run: Case,
  ladder: OrderInStage,
  stretch: Stretch,
): Measured & { readonly rung: number; readonly how: ReturnType<typeof misses> } {
  const rows = stretch.required.map(({ rung, share }) => {
    const sample = upTo(ladder, stretch, rung);
    const how = wentPast(ladder, stretch, rung, share) ? 'surely' : misses(run.risk, sample, share);
    return { rung, sample, target: share, how };
  });
  const rank = { surely: 0, perhaps: 1, no: 2 };
  return rows.reduce((a, b) => (rank[b.how] < rank[a.how] ? b : a));
}

/** Whether one stretch of a stage shows the order; `from` is when its takeover could begin, undefined where it had. */
export function judgeStretch(
  run: Case,
  ladder: OrderInStage,
  stretch: Stretch,
  from: Micros | undefined,
): StretchJudgement {
  if (stretch.expected < 0)
    return { stretch, verdict: 'inconclusive', cause: 'no declared place had healthy endpoints' };
  if (stretch.samples === 0) {
    const silence =
      from === undefined ? judgeLaterSilence(run, ladder, stretch) : judgeSilence(run, ladder, stretch, from);
    return { stretch, ...silence };
  }
  const { rung, sample, target, how } = decisive(run, ladder, stretch);
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
  if (dead > 0 && lowerLimit(dead, stretch.samples, run.risk.pass) > 1 - target) {
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
