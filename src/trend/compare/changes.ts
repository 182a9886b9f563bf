import { chanceOfLarger, chanceOfMoreHits, differenceOfShares, type Hits } from '../../stats/index.ts';
import type { Interval } from '../recorded-run.ts';

/**
 * `open`: it looks worse, and chance may explain it; or a side decided nothing. `unknown`: there are too few runs to tell chance
 * from change.
 */
export type Change = 'worse' | 'better' | 'same' | 'open' | 'unknown';

/** A difference that chance brings about more rarely than this is real. */
const CHANCE = 0.05;

/** Runs that failed, of those that decided. */
export type Fails = Hits;

/**
 * Whether runs fail more often. What has never failed and fails now is worse, unless there are runs enough to say that chance
 * may explain it.
 */
export function changeOfFails(a: Fails, b: Fails): Change {
  if (a.n === 0 || b.n === 0) return 'open';
  if (chanceOfMoreHits(a, b) <= CHANCE) return 'worse';
  if (chanceOfMoreHits(b, a) <= CHANCE) return 'better';
  if (a.hits === 0 && b.hits > 0) return couldBeShown(a, b) ? 'open' : 'worse';
  return a.hits === a.n && b.hits === 0 && !couldBeShown(a, b) ? 'better' : 'same';
}

/** Whether the sides have runs enough to tell chance from change at all. */
function couldBeShown(a: Fails, b: Fails): boolean {
  return chanceOfMoreHits({ hits: 0, n: a.n }, { hits: b.n, n: b.n }) <= CHANCE;
}

/** How many of the pairs have the second interval wholly above the first. */
function pairsAbove(a: readonly Interval[], b: readonly Interval[]): number {
  return b.reduce((sum, { lo }) => sum + a.filter(({ hi }) => hi !== null && lo > hi).length, 0);
}

/**
 * Whether values are larger, as a rank test says that needs no assumption on how they are distributed. Where there are too few of
 * them for it, and each is larger than all before by more than the measurement leaves open, nothing is decided.
 */
export function changeOfSpans(a: readonly Interval[], b: readonly Interval[]): Change {
  const chanceOf = (larger: number): number => chanceOfLarger(larger, a.length, b.length);
  const all = a.length * b.length;
  if (chanceOf(all) > CHANCE) return all > 0 && pairsAbove(a, b) === all ? 'open' : 'unknown';
  if (chanceOf(pairsAbove(a, b)) <= CHANCE) return 'worse';
  return chanceOf(pairsAbove(b, a)) <= CHANCE ? 'better' : 'same';
}

/** By how much a value of one run is larger than that of another; `hi: null` has no end, `lo: null` no beginning. */
export function differenceOf(a: Interval, b: Interval): { lo: number | null; hi: number | null } {
  return { lo: a.hi === null ? null : b.lo - a.hi, hi: b.hi === null ? null : b.hi - a.lo };
}

/** Whether two shares differ, and by how much; as if every call were independent of the others. */
export function changeOfShares(a: Hits, b: Hits): { differs: boolean; lo: number; hi: number } | undefined {
  const limits = differenceOfShares(a, b, CHANCE / 2);
  return limits && { differs: limits.lo > 0 || limits.hi < 0, ...limits };
}
