import type { LoadProgress } from '../../../model/ports.ts';
import type { Seen } from '../watcher.ts';

type Counts = { readonly good?: number; readonly bad?: number; readonly unknown?: number };

/** Counts since the start, by path. */
export function progressOf(paths: Readonly<Record<string, Counts>>): LoadProgress {
  const rest = { sent: 0, dropped: 0, recentGood: 0, recentBad: 0, recentServing: {} };
  const one = ([path, { good = 0, bad = 0, unknown = 0 }]: [string, Counts]) => ({ path, good, bad, unknown, ...rest });
  return { paths: Object.entries(paths).map(one) };
}

/** A look at a run with one path, `entry@tokyo/a`, at so many seconds. */
export function seenAt(seconds: number, counts: Counts, more: Partial<Seen> = {}): Seen {
  const load = progressOf({ 'entry@tokyo/a': counts });
  return { now: Math.round(seconds * 1e6), load, contacts: [], doubts: [], ...more };
}
