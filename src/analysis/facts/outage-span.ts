import type { Micros } from '../../model/units.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Stage } from '../timeline/stages.ts';
import type { Counted } from './counted.ts';
import type { Outage, OutageTracker } from './outage-tracker.ts';
import { isOutage } from './risk.ts';
import { coreOf } from './weigh.ts';

/** `hi: null`: it had no end. */
export type Interval = { readonly lo: Micros; readonly hi: Micros | null };

/** An outage that goes on across the boundary of two stages is one, from its first beginning. */
export function carried(run: Counted, path: PathStream, stage: Stage, outage: Outage): Outage {
  if (stage.index === 0 || outage.after > stage.start) return outage;
  const before = run.listeners.outages.stage(path, stage.index - 1).outages.at(-1);
  if (before === undefined || before.hi !== null) return outage;
  const { from, sent, after, firstBad, bursts } = carried(run, path, run.stages[stage.index - 1] as Stage, before);
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
export function inheritedBy(run: Counted, path: PathStream, tracker: OutageTracker): Outage | undefined {
  const [first] = tracker.outages;
  const inject = run.facts.firstInject ?? 0;
  if (first === undefined || first.after >= inject) return undefined;
  const before = run.listeners.outages.baseline(path);
  const last = before.outages.at(-1);
  const isUnderWay = first.sent < inject;
  if (last === undefined || last.hi !== null) return isUnderWay && isHung(path, first) ? first : undefined;
  return isUnderWay || isOutage(run.risk, path, last, before.total) ? first : undefined;
}

/** From its first bad request to the first good one of the run that held, each end widened to its neighbour. */
export function lengthOf(run: Counted, path: PathStream, outage: Outage): Interval {
  const { from, to } = coreOf(run.risk, path, outage);
  const lo = Math.max(0, to - from);
  return { lo, hi: outage.hi === null ? null : Math.max(lo, outage.hi - outage.after) };
}
