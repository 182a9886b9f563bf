import type { Ratio } from '../../model/units.ts';
import {
  lowerLimit,
  lowerRank,
  refutesShare,
  samplesNeeded,
  showsShare,
  upperLimit,
  upperRank,
} from '../../stats/index.ts';
import type { Requirements, RunLimit } from './requirements.ts';
import type { Tally } from './tally.ts';

/** Not met is shown, as met is; undecided is neither. */
export type Decision = 'met' | 'not-met' | 'undecided';

/** The chances of deciding wrongly: each requirement alone for met, all of them together for not met. */
export type Risks = { readonly met: Ratio; readonly notMet: Ratio };

/** How many samples a decision needs with as many misses as there are; absent where there are enough, or no number is. */
type Needs = { readonly needs?: number };

export type PassRateAnswer = Needs & {
  readonly name: 'passRate';
  readonly decision: Decision;
  readonly required: Ratio;
  readonly hits: number;
  readonly n: number;
  /** Clopper and Pearson's, two-sided at the stated confidence; absent without runs. */
  readonly interval?: { readonly lo: Ratio; readonly hi: Ratio };
  /** What is shown, one-sided, with the stated confidence. */
  readonly atLeast: Ratio;
  readonly atMost: Ratio;
};

export type RecoveryAnswer = Needs & {
  readonly name: 'recovery';
  readonly decision: Decision;
  readonly quantile: Ratio;
  readonly within: number;
  readonly n: number;
  /** Runs that may have taken longer. */
  readonly misses: number;
  readonly unmeasured: number;
  /** Seconds; the limits of the quantile by order statistics, `null` where the runs show none. */
  readonly atLeast: number | null;
  readonly atMost: number | null;
};

export type ErrorsAnswer = {
  readonly name: 'errors';
  readonly decision: Decision;
  readonly required: Ratio;
  readonly bad: number;
  readonly all: number;
  /** What the share may be: noise and unknown requests leave it open. */
  readonly lo: Ratio;
  readonly hi: Ratio;
};

/** Where nothing else is required: what was counted, and nothing beyond. */
type EveryRunAnswer = {
  readonly name: 'everyRun';
  readonly decision: Decision;
  readonly hits: number;
  readonly n: number;
};

export type UndecidedAnswer = {
  readonly name: 'undecidedRuns';
  readonly decision: Exclude<Decision, 'not-met'>;
  readonly allowed: RunLimit;
  readonly undecided: number;
  readonly n: number;
};

export type Answer = EveryRunAnswer | PassRateAnswer | RecoveryAnswer | ErrorsAnswer | UndecidedAnswer;

function decisionOf(isMet: boolean, isNotMet: boolean): Decision {
  if (isMet) return 'met';
  return isNotMet ? 'not-met' : 'undecided';
}

/** How many it takes, where there are too few to show it. */
function needsOf(decision: Decision, share: Ratio, risk: Ratio, misses: number): Needs {
  const needs = decision === 'undecided' ? samplesNeeded(share, risk, misses) : undefined;
  return needs === undefined ? {} : { needs };
}

/** Whether every run that decided anything ended as it must. */
export function answerEveryRun({ hits, misses }: Tally): EveryRunAnswer {
  return { name: 'everyRun', decision: decisionOf(hits > 0 && misses === 0, misses > 0), hits, n: hits + misses };
}

/** Whether so large a share of the runs ends as it must. */
export function answerPassRate(required: Ratio, { hits, misses }: Tally, risks: Risks): PassRateAnswer {
  const n = hits + misses;
  const isMet = showsShare(hits, n, required, risks.met);
  const decision = decisionOf(isMet, refutesShare(hits, n, required, risks.notMet));
  const half = risks.met / 2;
  return {
    name: 'passRate',
    decision,
    required,
    hits,
    n,
    ...(n > 0 && { interval: { lo: lowerLimit(hits, n, half), hi: upperLimit(hits, n, half) } }),
    atLeast: lowerLimit(hits, n, risks.met),
    atMost: upperLimit(hits, n, risks.met),
    ...needsOf(decision, required, risks.met, misses),
  };
}

/**
 * Whether a quantile of the recovery time is within its bound: at least so large a share of the runs is. A run counts as
 * within when the upper end of its interval is, and as beyond when the lower end is.
 */
export function answerRecovery(
  { quantile, withinMs }: NonNullable<Requirements['recovery']>,
  { recoveries, unmeasured }: Tally,
  risks: Risks,
): RecoveryAnswer {
  const within = withinMs / 1000;
  const n = recoveries.length;
  const highs = recoveries.map(({ hi }) => hi ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const lows = recoveries.map(({ lo }) => lo).sort((a, b) => a - b);
  const inTime = highs.filter((hi) => hi <= within).length;
  const maybe = lows.filter((lo) => lo <= within).length;
  const isMet = showsShare(inTime, n, quantile, risks.met);
  const decision = decisionOf(isMet, refutesShare(maybe, n, quantile, risks.notMet));
  return {
    name: 'recovery',
    decision,
    quantile,
    within,
    n,
    misses: n - inTime,
    unmeasured,
    atLeast: valueAt(lows, lowerRank(n, quantile, risks.met)),
    atMost: valueAt(highs, upperRank(n, quantile, risks.met)),
    ...needsOf(decision, quantile, risks.met, n - inTime),
  };
}

function valueAt(sorted: readonly number[], rank: number | undefined): number | null {
  const value = rank === undefined ? undefined : sorted[rank - 1];
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** Whether the bad requests of all runs together are within their share: counted, not estimated. */
export function answerErrors(required: Ratio, { errors }: Tally): ErrorsAnswer {
  const { bad, doubtful, unknown, all } = errors;
  const lo = all === 0 ? 0 : (bad - doubtful) / all;
  const hi = all === 0 ? 1 : (bad + unknown) / all;
  const decision = decisionOf(all > 0 && hi <= required, lo > required);
  return { name: 'errors', decision, required, bad, all, lo, hi };
}

/** 29% of 100 is 28.999999999999996. */
const ROUNDING = 1e-9;

/** Whether few enough runs decided nothing. */
export function answerUndecided(allowed: RunLimit, undecided: number, n: number): UndecidedAnswer {
  const most = 'runs' in allowed ? allowed.runs : allowed.share * n + ROUNDING;
  return { name: 'undecidedRuns', decision: undecided <= most ? 'met' : 'undecided', allowed, undecided, n };
}

/** Not met wins over undecided, and that over met. */
export function worstDecision(decisions: readonly Decision[]): Decision {
  if (decisions.includes('not-met')) return 'not-met';
  return decisions.every((decision) => decision === 'met') ? 'met' : 'undecided';
}
