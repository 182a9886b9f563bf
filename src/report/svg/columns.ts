import { finite } from './scale.ts';

/*
 * Buckets of a run are thinned for a picture: a column narrower than a few pixels shows noise, not the run. Nothing
 * is averaged away: counts are added up, latencies keep the highest.
 */

/** The most columns drawn in one chart. */
export const MOST_COLUMNS = 240;

/** How many buckets go into one drawn column. */
export function stride(columns: number, most = MOST_COLUMNS): number {
  return Math.max(1, Math.ceil(columns / most));
}

/** Sums of `step` buckets each; `length` buckets are expected and missing ones count nothing. */
export function summed(counts: readonly number[], length: number, step: number): number[] {
  return Array.from({ length: Math.ceil(length / step) }, (_, column) => {
    let sum = 0;
    for (let at = column * step; at < Math.min((column + 1) * step, length); at += 1)
      sum += Math.max(0, finite(counts[at]));
    return sum;
  });
}

/** The highest of `step` buckets each; null where none has a value. */
export function highest(values: readonly (number | null)[], length: number, step: number): (number | null)[] {
  return Array.from({ length: Math.ceil(length / step) }, (_, column) => {
    let top: number | null = null;
    for (const value of values.slice(column * step, Math.min((column + 1) * step, length))) {
      if (value !== null && Number.isFinite(value) && (top === null || value > top)) top = value;
    }
    return top;
  });
}

/** Adds column by column. */
export function added(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => (a[at] ?? 0) + (b[at] ?? 0));
}
