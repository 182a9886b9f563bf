import { logGamma } from './beta.ts';
import { lowerLimit, upperLimit } from './share.ts';

/** Hits among all. */
export type Hits = { readonly hits: number; readonly n: number };

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/**
 * The chance that at least as many of all hits fall to `b` by luck, when both have the same share (Fisher's exact test,
 * one-sided). 1 where there is nothing to compare.
 */
export function chanceOfMoreHits(a: Hits, b: Hits): number {
  const all = a.n + b.n;
  const hits = a.hits + b.hits;
  if (a.n === 0 || b.n === 0) return 1;
  let sum = 0;
  for (let inB = b.hits; inB <= Math.min(b.n, hits); inB++) {
    if (hits - inB > a.n) continue;
    sum += Math.exp(logChoose(b.n, inB) + logChoose(a.n, hits - inB) - logChoose(all, hits));
  }
  return Math.min(1, sum);
}

/**
 * By how much the share of `b` is larger than that of `a`, with both ends at this one-sided risk: the limits of Clopper and
 * Pearson combined as Newcombe (1998, method 10) combines Wilson's. Undefined without samples.
 */
export function differenceOfShares(a: Hits, b: Hits, risk: number): { lo: number; hi: number } | undefined {
  if (a.n === 0 || b.n === 0) return undefined;
  const [first, second] = [a, b].map(({ hits, n }) => ({
    at: hits / n,
    lo: lowerLimit(hits, n, risk),
    hi: upperLimit(hits, n, risk),
  })) as [Limits, Limits];
  const gap = second.at - first.at;
  return {
    lo: gap - Math.hypot(second.at - second.lo, first.hi - first.at),
    hi: gap + Math.hypot(second.hi - second.at, first.at - first.lo),
  };
}

type Limits = { readonly at: number; readonly lo: number; readonly hi: number };

/** Up to here every order of the values is counted; beyond it the normal approximation is as good. */
const MOST_PAIRS = 2500;

/**
 * The chance that at least `larger` of the n x m pairs have the second value larger, when both samples are of one distribution
 * (Mann and Whitney 1947): exact without ties, and no smaller than the truth with them, when pairs that are tied are not counted.
 */
export function chanceOfLarger(larger: number, n: number, m: number): number {
  if (n === 0 || m === 0) return 1;
  if (n * m > MOST_PAIRS) {
    const deviation = Math.sqrt((n * m * (n + m + 1)) / 12);
    return normalTail((larger - 0.5 - (n * m) / 2) / deviation);
  }
  const counts = ordersBy(n, m);
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.slice(Math.max(0, Math.ceil(larger))).reduce((sum, count) => sum + count, 0) / all;
}

/** How many orders of n and m values have each number of pairs with the second one larger: the Gaussian binomial. */
function ordersBy(n: number, m: number): number[] {
  let counts = [1];
  for (let i = 1; i <= m; i++) counts = dividedBy(multipliedBy(counts, n + i), i);
  return counts;
}

/** By 1 - q^k, as the coefficients of a polynomial in q. */
function multipliedBy(counts: readonly number[], k: number): number[] {
  return Array.from({ length: counts.length + k }, (_, at) => (counts[at] ?? 0) - (counts[at - k] ?? 0));
}

function dividedBy(counts: readonly number[], k: number): number[] {
  const quotient: number[] = [];
  for (let at = 0; at < counts.length - k; at++) quotient.push((counts[at] as number) + (quotient[at - k] ?? 0));
  return quotient;
}

/** P(Z >= z) of the normal distribution, to 1.2e-7 (Numerical Recipes, 3rd edition, section 6.2.2). */
function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const exponent = series.reduceRight((sum, term) => sum * t + term, 0);
  const tail = 0.5 * t * Math.exp(-x * x + exponent);
  return z >= 0 ? tail : 1 - tail;
}
