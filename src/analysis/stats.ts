import type { Verdict } from '../model/finding.ts';
import type { Ratio } from '../model/units.ts';

/** Below this many samples a share proves nothing. */
export const MIN_SHARE_SAMPLES = 20;

/** Two-sided 95 %. */
const Z = 1.96;

export type Share = { readonly lo: Ratio; readonly hi: Ratio };

/** Wilson score interval of `hits` out of `n` at 95 %; the whole range when there are no samples. */
export function wilson(hits: number, n: number): Share {
  if (n <= 0) return { lo: 0, hi: 1 };
  const p = hits / n;
  const z2 = Z * Z;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { lo: hits === 0 ? 0 : Math.max(0, centre - half), hi: hits === n ? 1 : Math.min(1, centre + half) };
}

export type ShareJudgement = Share & { readonly verdict: Verdict; readonly cause?: string };

/**
 * Does a share reach its target? Decided only when the whole interval lies on one side; a pass also needs a least
 * number of samples. A target of 100 % is a claim about every single request seen, so it needs no interval.
 */
export function judgeShare(hits: number, n: number, atLeast: Ratio): ShareJudgement {
  const interval = wilson(hits, n);
  if (atLeast >= 1 ? hits < n : interval.hi < atLeast) {
    return { ...interval, verdict: 'fail', cause: 'the share is below the target' };
  }
  if (n < MIN_SHARE_SAMPLES) {
    const cause = `too few samples: ${n}, at least ${MIN_SHARE_SAMPLES} needed`;
    return { ...interval, verdict: 'inconclusive', cause };
  }
  if (atLeast >= 1 || interval.lo >= atLeast) return { ...interval, verdict: 'pass' };
  return { ...interval, verdict: 'inconclusive', cause: straddle(hits, n, atLeast) };
}

function straddle(hits: number, n: number, atLeast: Ratio): string {
  const text = 'the 95 % interval of the share straddles the target';
  if (hits < n) return text;
  const needed = Math.ceil((atLeast * Z * Z) / (1 - atLeast));
  return `${text}: ${n} samples cannot show it, ${needed} without a miss would`;
}

/** Is a measured interval at most `limit`? `hi: null` is still going on. */
export function judgeAtMost(lo: number, hi: number | null, limit: number): Verdict {
  if (lo > limit) return 'fail';
  return hi !== null && hi <= limit ? 'pass' : 'inconclusive';
}

/** A verdict that cannot be better than inconclusive. */
export function atBestInconclusive(verdict: Verdict): Verdict {
  return verdict === 'pass' ? 'inconclusive' : verdict;
}
