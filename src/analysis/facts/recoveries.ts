import type { Recovery } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import type { PathStream } from '../ingest/path.ts';
import type { FaultFacts } from '../timeline/history.ts';
import { hiddenBy, unseenRequests } from '../timeline/silence.ts';
import { holdOf, type Stage } from '../timeline/stages.ts';
import { type Segment, WITNESS_DELAY, within } from '../timeline/windows.ts';
import type { Counted } from './counted.ts';
import { leastOf } from './extremes.ts';
import type { Outage, OutageTracker } from './outage-tracker.ts';
import { isOutage } from './risk.ts';
import { type Charged, coreOf, weigh } from './weigh.ts';

export type Interval = { readonly lo: Micros; readonly hi: Micros | null };

/** The effect came after `lo` and at `hi` at the latest. */
type Onset = { readonly lo: Micros; readonly hi: Micros };

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

/** Errors that begin this long after the effect may still be its first. */
const ONSET: Micros = 1_000_000;

/** How long after the effect errors may be its first; longer where requests are far apart. */
export const onsetOf = (it: Counted): Micros => Math.max(ONSET, 3e6 / it.scenario.load.ratePerSecond);

/** Recovery of every path in every stage. */
export function outcomesOf(it: Counted): StageOutcome[] {
  return it.stages.map((stage) => {
    const effects = stage.faults.map((fault) => {
      const isConcerned = concernOf(it, fault);
      return { isConcerned, effect: effectOf(it, fault, stage, isConcerned) };
    });
    const first = effects.reduce((a, b) => (b.effect.hi < a.effect.hi ? b : a));
    const segments = within(it.segments, stage);
    const paths = it.paths.map((path) => {
      const own = effects.filter(({ isConcerned }) => isConcerned(path));
      // What hits a path last is what it has to recover from; errors from before that are judged by their length.
      const { effect } = own.length === 0 ? first : own.reduce((a, b) => (b.effect.hi > a.effect.hi ? b : a));
      return pathOutcome(it, path, { stage, segments, effect, isConcerned: own.length > 0 });
    });
    return { stage, effect: first.effect, paths };
  });
}

/** Whether requests of a path pass the pods that a fault takes away, or their gateway. Without a sign of either, all may. */
function concernOf(it: Counted, fault: FaultFacts): Concern {
  const witness = it.listeners.witnesses.of(fault);
  const gateways = fault.affected.filter((pod) => it.pods.isGateway(pod));
  return (path) => {
    if (gateways.some((pod) => pod.cluster === path.cluster && pod.zone === path.zone)) return true;
    if (witness.paths.size > 0) return witness.paths.has(path.row);
    return gateways.length === 0;
  };
}

type Concern = (path: PathStream) => boolean;

/** T0 of one fault (docs/verdict.md T1, T2). */
function effectOf(it: Counted, fault: FaultFacts, stage: Stage, isConcerned: Concern): Onset {
  const requested = fault.requested ?? stage.start;
  const { certain, lastServed } = it.listeners.witnesses.of(fault);
  const paths = it.paths.filter(isConcerned);
  const outages = paths.flatMap((path) => {
    const tracker = it.listeners.outages.stage(path, stage.index);
    const inherited = inheritedBy(it, path, tracker);
    const own = tracker.outages.filter((outage) => outage !== inherited && carried(it, path, stage, outage) === outage);
    return own.map((outage): Candidate => {
      const sure = isOutage(it.risk, path, outage, tracker.total);
      // Noise right before an outage belongs to its group, and has met nothing.
      const { from } = sure ? coreOf(it.risk, path, outage) : { from: outage.sent };
      const met = from + path.slowestGood;
      return {
        outage,
        sure,
        isClean: it.risk.beforeOf(path).errors.bad === 0,
        met: from > outage.sent ? met : Math.min(outage.firstBad.end, met),
      };
    });
  });
  const word = fault.effective ?? Number.POSITIVE_INFINITY;
  return certain > 0 && lastServed >= 0
    ? effectByAnswers(it, { requested, word, lastServed, certain, fault, outages })
    : effectByOutage({ requested, word, acknowledged: fault.acknowledged ?? requested, outages });
}

type Candidate = {
  readonly outage: Outage;
  readonly sure: boolean;
  /** Its path had no error before. */
  readonly isClean: boolean;
  /** When its first bad request had met the affected pods at the latest: as soon as any good one was answered. */
  readonly met: Micros;
};

/** The affected pods answered before: it came after their last answer, and an error that follows on it is the effect. */
function effectByAnswers(
  it: Counted,
  seen: {
    requested: Micros;
    word: Micros;
    lastServed: Micros;
    certain: number;
    fault: FaultFacts;
    outages: readonly Candidate[];
  },
): Onset {
  const lo = Math.max(seen.requested, seen.lastServed);
  const ahead = it.windows.ahead.get(seen.fault.name);
  const spacing = (3 * ((ahead?.end ?? 0) - (ahead?.start ?? 0))) / seen.certain;
  const starts = seen.outages
    .filter(({ outage, sure, isClean }) => {
      const followsOn = isClean && outage.sent - seen.lastServed <= spacing;
      return outage.sent >= lo && (sure || followsOn);
    })
    .map(({ met }) => met);
  // A word that is older than their last answer is contradicted by it: they fell silent when their next one was due.
  const word = seen.word >= lo ? seen.word : lo + spacing;
  const evidence = leastOf(starts, word);
  const hi = Number.isFinite(evidence) ? evidence : (seen.fault.acknowledged ?? lo);
  return { lo, hi: Math.max(lo, hi) };
}

/** How long the cluster's word may come after the effect, where no answer tells. */
const WORD_LAG: Micros = 1_000_000;

/** Nobody knows who answered: it came with an outage that lasted until the cluster saw the effect, or with its word. */
function effectByOutage(seen: {
  requested: Micros;
  word: Micros;
  acknowledged: Micros;
  outages: readonly Candidate[];
}): Onset {
  const lasting = seen.outages
    .filter(({ outage, sure }) => sure && (outage.hi === null || !Number.isFinite(seen.word) || outage.hi >= seen.word))
    .sort((a, b) => a.met - b.met)[0];
  if (lasting !== undefined && lasting.outage.sent <= seen.word) {
    const { outage, met } = lasting;
    return {
      lo: Math.min(outage.sent, Math.max(seen.requested, outage.after)),
      hi: Math.min(met, Math.max(seen.word, outage.sent)),
    };
  }
  const word = Number.isFinite(seen.word) ? seen.word : seen.acknowledged;
  return { lo: Math.max(seen.requested, word - WORD_LAG), hi: Math.max(seen.requested, word) };
}

function pathOutcome(
  it: Counted,
  path: PathStream,
  part: { stage: Stage; segments: readonly Segment[]; effect: Onset; isConcerned: boolean },
): PathOutcome {
  const { facts, listeners } = it;
  const { stage, segments, effect } = part;
  const tracker = listeners.outages.stage(path, stage.index);
  const unseen = unseenRequests(facts, path.lastDue, stage);
  const hidden = hiddenBy(facts, tracker.quiet);
  const charged = chargedOf(it, path, stage, part.isConcerned ? effect : undefined);
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
    const isEnough = unseen === 0 && tracker.total >= holdOf(facts).consecutive;
    const state = isEnough ? 'not-impacted' : 'too-few-samples';
    const limit = (it.scenario.expect.recoveryTime?.withinMs ?? Number.POSITIVE_INFINITY) * 1000;
    const isTold = hidden > 0 || tracker.quiet > limit;
    return { ...common, state, ...(isTold && { measured: { lo: 0, hi: tracker.quiet } }) };
  }
  const acts = actsOn(it, path, stage);
  const lastAct = ({ from }: Outage): Onset => acts.findLast(({ lo, hi }) => lo <= from && hi > effect.hi) ?? effect;
  const figures = counted.map((one) => ({ ...one, figure: figureOf(it, path, one.outage, lastAct(one.outage)) }));
  const certain = figures.filter(({ weight }) => weight === 'certain');
  const judged = certain.length > 0 ? certain : figures;
  const worst = judged.reduce((a, b) => (isLonger(b.figure, a.figure) ? b : a));
  const lo = Math.max(0, ...certain.map(({ figure }) => figure.lo));
  const hi = highest(figures.map(({ figure }) => figure));
  const longest = judged.map(({ outage }) => lengthOf(it, path, outage)).reduce((a, b) => (isLonger(b, a) ? b : a));
  return {
    ...common,
    state: worst.outage.hi === null && certain.length > 0 ? 'not-recovered' : 'recovered',
    measured: { lo, hi: hi === null ? null : Math.max(lo, hi + hidden, tracker.quiet) },
    lasted: longest,
    worst: worst.outage,
  };
}

/** What faults that concern a path did after their first round, in order; each took effect in the time that F2 allows. */
function actsOn(it: Counted, path: PathStream, stage: Stage): Onset[] {
  const concern = stage.active.filter(
    (fault) => concernOf(it, fault)(path) || it.listeners.witnesses.of(fault).passed.has(path.row),
  );
  const times = concern.flatMap(({ wentOn }) => wentOn).sort((a, b) => a - b);
  return times.map((t) => ({ lo: t, hi: t + WITNESS_DELAY }));
}

function chargedOf(it: Counted, path: PathStream, stage: Stage, effect: Onset | undefined): Charged[] {
  const tracker = it.listeners.outages.stage(path, stage.index);
  const spacing = 3e6 / it.scenario.load.ratePerSecond;
  const inherited = inheritedBy(it, path, tracker);
  // On a path that erred before, an error at the effect may be noise as well.
  const isClean = it.risk.beforeOf(path).errors.bad === 0;
  const isOnset = (outage: Outage): boolean =>
    isClean && effect !== undefined && outage.from >= effect.lo - spacing && outage.from <= effect.hi + onsetOf(it);
  const charged = weigh(it.risk, path, tracker, { isSure: isOnset, isOld: (outage) => outage === inherited });
  return charged.map(({ outage, weight }) => ({ outage: carried(it, path, stage, outage), weight }));
}

/** An outage that goes on across the boundary of two stages is one, from its first beginning. */
function carried(it: Counted, path: PathStream, stage: Stage, outage: Outage): Outage {
  if (stage.index === 0 || outage.after > stage.start) return outage;
  const before = it.listeners.outages.stage(path, stage.index - 1).outages.at(-1);
  if (before === undefined || before.hi !== null) return outage;
  const { from, sent, after, firstBad, bursts } = carried(it, path, it.stages[stage.index - 1] as Stage, before);
  return { ...outage, from, sent, after, firstBad, bursts: [...bursts, ...outage.bursts] };
}

/** Nobody knows when the first bad request of an outage began to fail: it ended later than any good answer would have. */
function isHung(path: PathStream, { firstBad, sent }: Outage): boolean {
  return firstBad.end - sent > path.slowestGood;
}

/**
 * The outage with which a path came into its first stage, or may have come: the fault is not its cause. A request that was
 * under way at the injection and failed in the time of a good answer shows no earlier one where none had failed before.
 */
export function inheritedBy(it: Counted, path: PathStream, tracker: OutageTracker): Outage | undefined {
  const [first] = tracker.outages;
  const inject = it.facts.firstInject ?? 0;
  if (first === undefined || first.after >= inject) return undefined;
  const before = it.listeners.outages.baseline(path);
  const last = before.outages.at(-1);
  const isUnderWay = first.sent < inject;
  if (last === undefined || last.hi !== null) return isUnderWay && isHung(path, first) ? first : undefined;
  return isUnderWay || isOutage(it.risk, path, last, before.total) ? first : undefined;
}

/** From its first bad request to the first good one of the run that held, each end widened to its neighbour. */
export function lengthOf(it: Counted, path: PathStream, outage: Outage): Interval {
  const { from, to } = coreOf(it.risk, path, outage);
  const lo = Math.max(0, to - from);
  return { lo, hi: outage.hi === null ? null : Math.max(lo, outage.hi - outage.after) };
}

/** How late the recovery from it was, after the effect that it belongs to; how long it lasted where it began before that. */
function figureOf(it: Counted, path: PathStream, outage: Outage, effect: Onset): Interval {
  const length = lengthOf(it, path, outage);
  const lo = outage.sent < effect.hi ? length.lo : Math.max(0, coreOf(it.risk, path, outage).to - effect.hi);
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
