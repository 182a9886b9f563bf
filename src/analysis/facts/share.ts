import type { Verdict } from '../../model/finding.ts';
import type { Ratio } from '../../model/units.ts';
import { binomialTail, LEAST_SAMPLES, lowerLimit, samplesToShow, upperLimit } from '../../stats/index.ts';
import type { Sample } from './blocks.ts';
import { percent } from './format.ts';
import type { Risk } from './risk.ts';

/** Limits of a share: the lower one for a pass, the upper one for a fail. */
type Limits = { readonly lo: Ratio; readonly hi: Ratio };

/** The cause of a share that fails; it says no more than the figures do. */
export const BELOW = 'the share is below the limit';

export type ShareJudgement = Limits & { readonly verdict: Verdict; readonly cause?: string };

export function limitsOf(risk: Risk, { hits, all, effect }: Sample): Limits {
  const n = all / effect;
  const x = hits / effect;
  return { lo: lowerLimit(x, n, risk.pass), hi: upperLimit(x, n, risk.fail) };
}

/** What is held against a target: the limits of a share, and of a claim about every single request what was seen. */
export function limitsFor(risk: Risk, sample: Sample, atLeast: Ratio): Limits {
  if (atLeast < 1 || sample.all === 0) return limitsOf(risk, sample);
  const seen = sample.hits / sample.all;
  return { lo: seen, hi: seen };
}

/**
 * Does a share reach its target? Decided only when the limit that counts lies on one side, and only on enough samples. A
 * target of 100 % is a claim about every single request seen, so it needs no limits, and the share is what was seen.
 */
export function judgeShare(risk: Risk, sample: Sample, atLeast: Ratio): ShareJudgement {
  const limits = limitsFor(risk, sample, atLeast);
  if (sample.all < LEAST_SAMPLES) {
    const cause = `too few samples: ${Math.floor(sample.all)}, at least ${LEAST_SAMPLES} needed`;
    return { ...limits, verdict: 'inconclusive', cause };
  }
  if (atLeast >= 1 ? sample.hits < sample.all : limits.hi < atLeast) {
    return { ...limits, verdict: 'fail', cause: BELOW };
  }
  if (atLeast >= 1 || limits.lo >= atLeast) return { ...limits, verdict: 'pass' };
  return { ...limits, verdict: 'inconclusive', cause: straddle(sample, atLeast) };
}

function straddle({ hits, all, effect }: Sample, atLeast: Ratio): string {
  const text = 'the interval of the share straddles the limit';
  if (hits < all) return effect > 1.5 ? `${text}; the strays came in bursts, so they count for less` : text;
  return `${text}: ${Math.floor(all)} samples without a miss show ${percent(Math.floor(lowerLimit(all, all, 0.025) * 1000) / 1000)}, ${samplesToShow(atLeast)} would show it`;
}

/** Whether one part of a sample, taken alone, misses the target: for certain, possibly, or not. */
export function misses(risk: Risk, { hits, all, effect }: Sample, atLeast: Ratio): 'surely' | 'perhaps' | 'no' {
  const bad = (all - hits) / effect;
  if (bad <= 0) return 'no';
  const chance = binomialTail(bad, all / effect, 1 - atLeast);
  if (chance < risk.fail && all >= LEAST_SAMPLES) return 'surely';
  return chance < risk.pass ? 'perhaps' : 'no';
}

/** Several samples as one; the design effect is that of the whole. */
export function together(samples: readonly Sample[]): Sample {
  const all = samples.reduce((sum, sample) => sum + sample.all, 0);
  return {
    hits: samples.reduce((sum, sample) => sum + sample.hits, 0),
    all,
    effect: all === 0 ? 1 : samples.reduce((sum, sample) => sum + sample.effect * sample.all, 0) / all,
  };
}

/** Is a measured interval at most `limit`? `hi: null` is still going on. One that straddles it decides nothing. */
export function judgeAtMost(lo: number, hi: number | null, limit: number): Verdict {
  if (lo > limit) return 'fail';
  return hi !== null && hi <= limit ? 'pass' : 'inconclusive';
}
