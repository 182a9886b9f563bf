import type { Micros } from '../../model/units.ts';
import type { PathStream } from '../ingest/path.ts';
import type { FaultFacts } from '../timeline/history.ts';
import type { Stage } from '../timeline/stages.ts';
import type { Counted } from './counted.ts';
import { leastOf } from './extremes.ts';
import { carried, inheritedBy } from './outage-span.ts';
import type { Outage } from './outage-tracker.ts';
import { isOutage } from './risk.ts';
import { coreOf } from './weigh.ts';
import { isDegraded } from './witnesses.ts';

/** The effect came after `lo` and at `hi` at the latest. */
export type Onset = { readonly lo: Micros; readonly hi: Micros };

/** Errors that begin this long after the effect may still be its first. */
const ONSET: Micros = 1_000_000;

/** How long after the effect errors may be its first; longer where requests are far apart. `rate`: per second. */
export const onsetOf = (rate: number): Micros => Math.max(ONSET, 3e6 / rate);

/** Whether requests of a path pass the pods that a fault takes away, or their gateway. Without a sign of either, all may. */
export function concernOf(run: Counted, fault: FaultFacts): Concern {
  const witness = run.listeners.witnesses.of(fault);
  const gateways = fault.affected.filter((pod) => run.pods.isGateway(pod));
  // No answer tells whose requests passed the pods, but their callers' proxies do: those of the callers' zones.
  const isPlaced = run.paths.some(({ zone }) => witness.callerZones.has(zone));
  return (path) => {
    if (gateways.some((pod) => pod.cluster === path.cluster && pod.zone === path.zone)) return true;
    if (witness.paths.size > 0) return witness.paths.has(path.row);
    return gateways.length === 0 && (!isPlaced || witness.callerZones.has(path.zone));
  };
}

type Concern = (path: PathStream) => boolean;

/** T0 of one fault (docs/verdict.md T1, T2). */
export function effectOf(run: Counted, fault: FaultFacts, stage: Stage, isConcerned: Concern): Onset {
  const requested = fault.requested ?? stage.start;
  const { certain, lastServed, lastServedBy } = run.listeners.witnesses.of(fault);
  const paths = run.paths.filter(isConcerned);
  const outages = paths.flatMap((path) => {
    const tracker = run.listeners.outages.stage(path, stage.index);
    const inherited = inheritedBy(run, path, tracker);
    const own = tracker.outages.filter(
      (outage) => outage !== inherited && carried(run, path, stage, outage) === outage,
    );
    return own.map((outage): Candidate => {
      const sure = isOutage(run.risk, path, outage, tracker.total);
      // Noise right before an outage belongs to its group, and has met nothing.
      const { from } = sure ? coreOf(run.risk, path, outage) : { from: outage.sent };
      const met = from + path.slowestGood;
      return {
        outage,
        sure,
        isClean: run.risk.beforeOf(path).errors.bad === 0,
        met: from > outage.sent ? met : Math.min(outage.firstBad.end, met),
      };
    });
  });
  const word = fault.effective ?? Number.POSITIVE_INFINITY;
  // Pods that may go on answering have no last answer.
  return certain > 0 && lastServed >= 0 && !isDegraded(fault)
    ? effectByAnswers(run, { requested, word, lastServed, lastServedBy, certain, fault, outages })
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
  run: Counted,
  seen: {
    requested: Micros;
    word: Micros;
    lastServed: Micros;
    lastServedBy: Micros;
    certain: number;
    fault: FaultFacts;
    outages: readonly Candidate[];
  },
): Onset {
  const lo = Math.max(seen.requested, seen.lastServed);
  const ahead = run.windows.ahead.get(seen.fault.name);
  const spacing = (3 * ((ahead?.end ?? 0) - (ahead?.start ?? 0))) / seen.certain;
  const starts = seen.outages
    .filter(({ outage, sure, isClean }) => {
      const followsOn = isClean && outage.sent - seen.lastServed <= spacing;
      return outage.sent >= lo && (sure || followsOn);
    })
    .map(({ met }) => met);
  // A word that is older than their last answer is contradicted by it: they fell silent when their next one was due.
  const last = Math.max(seen.requested, seen.lastServedBy);
  const word = seen.word >= last ? seen.word : last + spacing;
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
