import type { Range, TimeRange } from '../model/prediction.ts';
import type { Out } from './tally.ts';

/** The part of the draws that lies inside a range. */
const INSIDE = 0.95;

/** A request is sent when it is due, or so much later. */
const EXACT_MS = 20;

/** The range that holds 95 % of some values. */
export function rangeOf(values: readonly number[]): Range {
  const sorted = [...values].sort((a, b) => a - b);
  return { lo: at(sorted, (1 - INSIDE) / 2), hi: at(sorted, 1 - (1 - INSIDE) / 2) };
}

/**
 * The times in seconds that outages lie in; undefined where most draws have none. What has no end in more than one of forty
 * draws may have none.
 */
export function timesOf(outs: readonly (Out | undefined)[]): TimeRange | undefined {
  const found = outs.filter((out) => out !== undefined);
  if (found.length * 2 < outs.length) return undefined;
  const lo = Math.max(0, rangeOf(found.map((out) => out.lo)).lo - EXACT_MS) / 1000;
  const hi = (rangeOf(found.map((out) => out.hi ?? Number.POSITIVE_INFINITY)).hi + EXACT_MS) / 1000;
  return { lo, hi: Number.isFinite(hi) ? hi : null };
}

export function medianOf(values: readonly number[]): number {
  return at(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

function at(sorted: readonly number[], share: number): number {
  const index = Math.round(share * (sorted.length - 1));
  return sorted[index] ?? 0;
}
