import type { RunResult } from '../model/result.ts';
import type { Micros } from '../model/units.ts';

/** Says moments of one run in words: UTC with milliseconds, and seconds since T0. */
export type TimeWords = {
  /** `2026-11-22 09:00:10.250 UTC` */
  readonly utc: (at: Micros) => string;
  /** `09:00:10.250` */
  readonly clock: (at: Micros) => string;
  /** `T0+0.250 s`, or `start+0.250 s` when nothing was injected. */
  readonly offset: (at: Micros) => string;
  /** `T0+0.250 s (09:00:10.250 UTC)` */
  readonly both: (at: Micros) => string;
  /** An interval as offsets: `T0+0.210 s to T0+0.300 s`. */
  readonly range: (lo: Micros, hi: Micros | null) => string;
};

const LATEST_DATE_MS = 8.64e15;

function isoAt(startMs: number, at: Micros): string | undefined {
  const ms = startMs + Math.floor(at / 1000);
  return Number.isFinite(ms) && Math.abs(ms) <= LATEST_DATE_MS ? new Date(ms).toISOString() : undefined;
}

/** The words for the times of this run. */
export function timeWords(result: Pick<RunResult, 'startedAt' | 'zero'>): TimeWords {
  const startMs = Date.parse(result.startedAt);
  const name = result.zero === undefined ? 'start' : 'T0';
  const zero = result.zero ?? 0;
  const offset = (at: Micros): string => {
    const seconds = (at - zero) / 1_000_000;
    if (!Number.isFinite(seconds)) return 'time unknown';
    return `${name}${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(3)} s`;
  };
  const utc = (at: Micros): string => {
    const iso = isoAt(startMs, at);
    return iso === undefined ? 'UTC unknown' : `${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC`;
  };
  const clock = (at: Micros): string => isoAt(startMs, at)?.slice(11, 23) ?? 'UTC unknown';
  return {
    utc,
    clock,
    offset,
    both: (at) => `${offset(at)} (${clock(at)} UTC)`,
    range: (lo, hi) =>
      hi === null ? `later than ${offset(lo)}` : lo === hi ? offset(hi) : `${offset(lo)} to ${offset(hi)}`,
  };
}
