import { binomialTail } from './beta.ts';

/** So that a chance that equals the risk but for rounding counts as equal. */
const ROUNDING = 1 + 1e-9;

/**
 * Whether `hits` of `n` show a share of at least `share`: with any smaller one, as many come about with a chance of at most
 * `risk` (exact binomial test, the same question as whether Clopper and Pearson's lower limit reaches it).
 */
export function showsShare(hits: number, n: number, share: number, risk: number): boolean {
  return n > 0 && binomialTail(hits, n, share) <= risk * ROUNDING;
}

/** Whether `hits` of `n` show that a share is smaller than `share`: with that or more, as few are rarer than `risk`. */
export function refutesShare(hits: number, n: number, share: number, risk: number): boolean {
  return n > 0 && binomialTail(n - hits, n, 1 - share) <= risk * ROUNDING;
}

/**
 * The rank, counted from 1, of the smallest of `n` sorted values that is an upper limit of their distribution's quantile
 * with this risk, whatever the distribution (Wilks 1941); undefined where `n` is too small for any.
 */
export function upperRank(n: number, quantile: number, risk: number): number | undefined {
  return showsShare(n, n, quantile, risk) ? firstRank(n, (rank) => showsShare(rank, n, quantile, risk)) : undefined;
}

/** The rank of the largest that is a lower limit, likewise; undefined where there is none. */
export function lowerRank(n: number, quantile: number, risk: number): number | undefined {
  if (!refutesShare(0, n, quantile, risk)) return undefined;
  return firstRank(n, (rank) => !refutesShare(rank, n, quantile, risk));
}

/** The first rank at which a condition holds that holds from there to `n`. */
function firstRank(n: number, holds: (rank: number) => boolean): number {
  let below = 0;
  let at = n;
  while (at - below > 1) {
    const middle = Math.floor((below + at) / 2);
    if (holds(middle)) at = middle;
    else below = middle;
  }
  return at;
}

/** More than anybody has. */
const MOST_NEEDED = 2 ** 40;

/** How many samples show a share of at least `share` when so many of them miss; undefined where no number does. */
export function samplesNeeded(share: number, risk: number, misses = 0): number | undefined {
  const isEnough = (n: number): boolean => showsShare(n - misses, n, share, risk);
  let most = misses + 1;
  while (!isEnough(most)) {
    if (most > MOST_NEEDED) return undefined;
    most *= 2;
  }
  return misses + firstRank(most - misses, (hits) => isEnough(misses + hits));
}
