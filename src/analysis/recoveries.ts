import type { Recovery } from '../model/result.ts';
import type { Micros } from '../model/units.ts';
import type { Collector } from './collector.ts';
import { unseenRequests } from './coverage.ts';
import type { Outage, OutageTracker } from './outage-tracker.ts';
import { BAD, type PathState } from './path-state.ts';
import { within } from './segments.ts';
import { holdOf, type Stage } from './stages.ts';

/** How one path came through one stage. Spans are relative to `clock`. */
export type PathOutcome = {
  readonly path: PathState;
  readonly tracker: OutageTracker;
  readonly state: Recovery['state'];
  /** When the recovery clock started, in run time. */
  readonly clock: Micros;
  /** Recovery as an interval of run time. */
  readonly recovered?: { readonly lo: Micros; readonly hi: Micros | null };
  /** Time from the clock to the recovery. */
  readonly span?: { readonly lo: Micros; readonly hi: Micros | null };
  /** Requests of the stage that nothing is known about. */
  readonly unknown: number;
  /** Bad requests of the path before any fault. */
  readonly badBefore: number;
  /** The records reach to the end of the stage. */
  readonly isWhole: boolean;
};

export type StageOutcome = {
  readonly stage: Stage;
  /** T0: the earliest evidence of an effect, from the cluster or a request, not before the acknowledgement. */
  readonly zero: Micros;
  readonly paths: readonly PathOutcome[];
};

/** Recovery of every path in every stage. */
export function outcomesOf(collector: Collector): StageOutcome[] {
  return collector.stages.map((stage) => {
    const zero = zeroOf(collector, stage);
    return { stage, zero, paths: collector.paths.map((path) => pathOutcome(collector, path, stage, zero)) };
  });
}

function badBefore(collector: Collector, path: PathState): number {
  return path.sum(within(collector.segments, collector.windows.baseline), BAD);
}

/**
 * The fault took effect when the cluster says so, or when an outage began that was still there then, whichever came
 * first. Paths that failed before any fault, or were still down from the stage before, are no witnesses.
 */
function zeroOf(collector: Collector, stage: Stage): Micros {
  const witnesses = collector.paths.filter((path) => {
    const wasDown = path.trackers[stage.index - 1]?.outage()?.hi === null;
    return !wasDown && badBefore(collector, path) === 0;
  });
  const starts = witnesses.flatMap((path) => path.trackers[stage.index]?.outage()?.from ?? []);
  const evidence = stage.effective === undefined ? starts : [stage.effective, ...starts];
  return evidence.length === 0 ? stage.acknowledged : Math.max(stage.acknowledged, Math.min(...evidence));
}

function pathOutcome(collector: Collector, path: PathState, stage: Stage, zero: Micros): PathOutcome {
  const { facts, segments } = collector;
  const tracker = path.trackers[stage.index] as OutageTracker;
  const unseen = unseenRequests(facts, path.lastDue, stage);
  const common = {
    path,
    tracker,
    unknown: path.unknown(within(segments, stage)) + unseen,
    badBefore: badBefore(collector, path),
    isWhole: unseen === 0,
  };
  if (tracker.bad === 0) {
    const enough = common.isWhole && tracker.total >= holdOf(facts).consecutive;
    return { ...common, state: enough ? 'not-impacted' : 'too-few-samples', clock: zero };
  }
  const { outage, clock } = worstOutage(tracker, zero);
  const lo = Math.max(0, outage.lo - clock);
  const hi = outage.hi === null ? null : Math.max(lo, outage.hi - clock);
  return {
    ...common,
    state: hi === null ? 'not-recovered' : 'recovered',
    clock,
    recovered: { lo: outage.lo, hi: outage.hi },
    span: { lo, hi },
  };
}

/**
 * The outage that took longest. One that began before T0 is measured from its own first bad request, so that neither a
 * late proof nor a slow acknowledgement can shorten it.
 */
function worstOutage(tracker: OutageTracker, zero: Micros): { outage: Outage; clock: Micros } {
  const charged = tracker.outage();
  const candidates = [
    ...(charged === undefined ? [] : [{ outage: charged, clock: Math.min(zero, charged.from) }]),
    ...(tracker.early === undefined ? [] : [{ outage: tracker.early, clock: tracker.early.from }]),
  ];
  const length = ({ outage, clock }: { outage: Outage; clock: Micros }): number =>
    outage.hi === null ? Number.POSITIVE_INFINITY : outage.hi - clock;
  return candidates.reduce((worst, next) => (length(next) > length(worst) ? next : worst));
}

/** As results show it. */
export function recoveryRow(outcome: PathOutcome, stage: Stage, finding: string | undefined): Recovery {
  const { path, tracker, state, clock, recovered } = outcome;
  return {
    path: path.id,
    stage: stage.index + 1,
    faults: stage.active.map((fault) => fault.name),
    acknowledged: stage.acknowledged,
    effective: clock,
    state,
    ...(tracker.firstBad !== undefined && { firstBad: tracker.firstBad.due }),
    ...(recovered !== undefined && { recovered }),
    flaps: tracker.flaps,
    bad: tracker.bad,
    total: tracker.total,
    badTime: tracker.badTime,
    ...(finding !== undefined && { finding }),
  };
}
