import { recoveryRuleOf } from '../../model/recovery-rule.ts';
import type { Recovery } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import type { PathStream } from '../ingest/path.ts';
import { hiddenBy, unseenRequests } from '../timeline/silence.ts';
import type { Stage } from '../timeline/stages.ts';
import { type Segment, WITNESS_DELAY, within } from '../timeline/windows.ts';
import type { Counted } from './counted.ts';
import { concernOf, effectOf, type Onset, onsetOf } from './onset.ts';
import { carried, type Interval, inheritedBy, lengthOf } from './outage-span.ts';
import type { Outage, OutageTracker } from './outage-tracker.ts';
import { isRetrial, retrialsOf } from './retrials.ts';
import { type Charged, coreOf, weigh } from './weigh.ts';

/** How one path came through one stage. */
export type PathOutcome = {
  readonly path: PathStream;
  readonly tracker: OutageTracker;
  readonly state: Recovery['state'];
  /** When the fault took effect, as far as it concerns this path. */
  readonly effect: Onset;
  readonly charged: readonly Charged[];
  /** What is judged: how late the recovery was, or how long an outage from before the effect lasted; widened by doubt and silence. */
  readonly measured?: Interval;
  /** How long the longest certain outage lasted. */
  readonly lasted?: Interval;
  /** The outage that took longest; the first doubtful one where there is no other. */
  readonly worst?: Outage;
  /** What the path's silence may have hidden. */
  readonly hidden: Micros;
  /** Requests of the stage that nothing is known about. */
  readonly unknown: number;
};

export type StageOutcome = {
  readonly stage: Stage;
  /** T0 of the stage's first effect. */
  readonly effect: Onset;
  readonly paths: readonly PathOutcome[];
};

/** Recovery of every path in every stage. */
export function outcomesOf(run: Counted): StageOutcome[] {
  return run.stages.map((stage) => {
    const effects = stage.faults.map((fault) => {
      const isConcerned = concernOf(run, fault);
      return { isConcerned, effect: effectOf(run, fault, stage, isConcerned) };
    });
    const first = effects.reduce((a, b) => (b.effect.hi < a.effect.hi ? b : a));
    const segments = within(run.segments, stage);
    const paths = run.paths.map((path) => {
      const own = effects.filter(({ isConcerned }) => isConcerned(path));
      // What hits a path last is what it has to recover from; errors from before that are judged by their length.
      const { effect } = own.length === 0 ? first : own.reduce((a, b) => (b.effect.hi > a.effect.hi ? b : a));
      return pathOutcome(run, path, { stage, segments, effect, isConcerned: own.length > 0 });
    });
    return { stage, effect: first.effect, paths };
  });
}

function pathOutcome(
  run: Counted,
  path: PathStream,
  part: { stage: Stage; segments: readonly Segment[]; effect: Onset; isConcerned: boolean },
): PathOutcome {
  const { facts, listeners } = run;
  const { stage, segments, effect } = part;
  const tracker = listeners.outages.stage(path, stage.index);
  const unseen = unseenRequests(facts, path, stage);
  const hidden = hiddenBy(path, tracker.quiet);
  const charged = chargedOf(run, path, stage, part.isConcerned ? effect : undefined);
  const common = {
    path,
    tracker,
    effect,
    charged,
    hidden,
    unknown: listeners.tallies.of([path], segments).unknown + unseen,
  };
  const counted = charged.filter(({ weight }) => weight !== 'noise');
  if (counted.length === 0) {
    const isEnough = unseen === 0 && tracker.total >= recoveryRuleOf(facts.header.scenario.expect).consecutive;
    const state = isEnough ? 'not-impacted' : 'too-few-samples';
    const limit = (run.scenario.expect.recoveryTime?.withinMs ?? Number.POSITIVE_INFINITY) * 1000;
    const isTold = hidden > 0 || tracker.quiet > limit;
    return { ...common, state, ...(isTold && { measured: { lo: 0, hi: tracker.quiet } }) };
  }
  const acts = actsOn(run, path, stage);
  const retrials = retrialsOf(run, stage.active);
  const lastAct = (outage: Outage): Onset =>
    isRetrial(outage, path.zone, retrials)
      ? { lo: outage.after, hi: outage.from }
      : (acts.findLast(({ lo, hi }) => lo <= outage.from && hi > effect.hi) ?? effect);
  const figures = counted.map((one) => ({ ...one, figure: figureOf(run, path, one.outage, lastAct(one.outage)) }));
  const certain = figures.filter(({ weight }) => weight === 'certain');
  const judged = certain.length > 0 ? certain : figures;
  const worst = judged.reduce((a, b) => (isLonger(b.figure, a.figure) ? b : a));
  const lo = Math.max(0, ...certain.map(({ figure }) => figure.lo));
  const hi = highest(figures.map(({ figure }) => figure));
  const longest = judged.map(({ outage }) => lengthOf(run, path, outage)).reduce((a, b) => (isLonger(b, a) ? b : a));
  return {
    ...common,
    state: worst.outage.hi === null && certain.length > 0 ? 'not-recovered' : 'recovered',
    measured: { lo, hi: hi === null ? null : Math.max(lo, hi + hidden, tracker.quiet) },
    lasted: longest,
    worst: worst.outage,
  };
}

/** What faults that concern a path did after their first round, in order; each took effect in the time that F2 allows. */
function actsOn(run: Counted, path: PathStream, stage: Stage): Onset[] {
  const concern = stage.active.filter(
    (fault) => concernOf(run, fault)(path) || run.listeners.witnesses.of(fault).passed.has(path.row),
  );
  const times = concern.flatMap(({ wentOn }) => wentOn).sort((a, b) => a - b);
  return times.map((t) => ({ lo: t, hi: t + WITNESS_DELAY }));
}

function chargedOf(run: Counted, path: PathStream, stage: Stage, effect: Onset | undefined): Charged[] {
  const tracker = run.listeners.outages.stage(path, stage.index);
  const spacing = 3e6 / path.rate;
  const inherited = inheritedBy(run, path, tracker);
  // On a path that erred before, an error at the effect may be noise as well.
  const isClean = run.risk.beforeOf(path).errors.bad === 0;
  const isOnset = (outage: Outage): boolean =>
    isClean &&
    effect !== undefined &&
    outage.from >= effect.lo - spacing &&
    outage.from <= effect.hi + onsetOf(path.rate);
  const charged = weigh(run.risk, path, tracker, { isSure: isOnset, isOld: (outage) => outage === inherited });
  return charged.map(({ outage, weight }) => ({ outage: carried(run, path, stage, outage), weight }));
}

/** How late the recovery from it was, after the effect that it belongs to; how long it lasted where it began before that. */
function figureOf(run: Counted, path: PathStream, outage: Outage, effect: Onset): Interval {
  const length = lengthOf(run, path, outage);
  const lo = outage.sent < effect.hi ? length.lo : Math.max(0, coreOf(run.risk, path, outage).to - effect.hi);
  return { lo, hi: outage.hi === null || length.hi === null ? null : Math.max(lo, length.hi, outage.hi - effect.lo) };
}

const isLonger = (a: Interval, b: Interval): boolean => {
  if (a.hi === null || b.hi === null) return a.hi === null && (b.hi !== null || a.lo > b.lo);
  return a.hi > b.hi;
};

const highest = (intervals: readonly Interval[]): Micros | null => {
  const ends = intervals.map(({ hi }) => hi);
  return ends.includes(null) ? null : Math.max(...ends.map((hi) => hi ?? 0));
};
