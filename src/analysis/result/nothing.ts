import type { EjectionSummary, Series } from '../../model/result.ts';

/** A series of a run that shows nothing. */
export function noSeries(duration: number): Series {
  const [zeros, nulls] = [[0], [null]];
  return {
    start: 0,
    bucket: Math.max(1, duration),
    columns: 1,
    serving: [],
    good: zeros,
    bad: zeros,
    dropped: zeros,
    paths: [],
    p50: nulls,
    p95: nulls,
    p99: nulls,
  };
}

export const NO_EJECTIONS: EjectionSummary = { readable: false, detail: 'not known', services: [], changes: [] };
