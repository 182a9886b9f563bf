import { type AbortCondition, type AbortFinding, LEAST_REQUESTS, percentText } from '../../model/abort.ts';
import { requestOf } from '../../model/good.ts';
import type { LoadProgress } from '../../model/ports.ts';
import { formatDuration, type Micros } from '../../model/units.ts';
import type { Seen, Watcher } from './watcher.ts';

/** Of a window that is mostly in doubt a short burst would be too large a share. */
const CERTAIN = 1 / 2;

/** What ended between two looks. */
type Slice = { readonly from: Micros; readonly to: Micros; readonly good: number; readonly bad: number };

/** Requests that say something of their path, since the start. */
type Counts = { readonly good: number; readonly bad: number };

type ErrorShareCondition = Extract<AbortCondition, { kind: 'errorShare' }>;

/** Watches the share of bad requests in a window that slides over the run, from its first full one on. */
export function errorShareWatcher({ path, above, forMs }: ErrorShareCondition, begin: Micros): Watcher {
  const length = forMs * 1000;
  let slices: Slice[] = [];
  let last: Counts = { good: 0, bad: 0 };
  let looked = begin;
  const whose = path === undefined ? '' : ` of ${path}`;

  const take = ({ now, load, doubts }: Seen): void => {
    const counts = countsOf(load, path);
    const ended = { good: Math.max(0, counts.good - last.good), bad: Math.max(0, counts.bad - last.bad) };
    slices.push({ from: looked, to: now, ...ended });
    last = counts;
    looked = now;
    const isDoubtful = (slice: Slice) => doubts.some(({ from, to }) => slice.from < to && slice.to > from);
    slices = slices.filter((slice) => slice.to > now - length && !isDoubtful(slice));
  };

  return {
    look: (seen): AbortFinding | undefined => {
      take(seen);
      const good = slices.reduce((sum, one) => sum + one.good, 0);
      const bad = slices.reduce((sum, one) => sum + one.bad, 0);
      const all = good + bad;
      const certain = slices.reduce((sum, { from, to }) => sum + to - from, 0);
      if (seen.now - begin < length || certain < length * CERTAIN) return undefined;
      if (all < LEAST_REQUESTS || bad / all <= above) return undefined;
      const measured = `${bad} of ${all} requests${whose} were bad (${percentText(bad / all)})`;
      const limit = `${percentText(above)} within ${formatDuration(forMs)}`;
      return { condition: 'errorShare', measured, since: slices[0]?.from ?? begin, limit, graceMs: forMs };
    },
  };
}

/** Of the paths of one request, or of all. What the generator itself has spoiled says nothing. */
export function countsOf({ paths }: LoadProgress, name: string | undefined): Counts {
  const own = paths.filter(({ path }) => name === undefined || requestOf(path) === name);
  return {
    good: own.reduce((sum, one) => sum + one.good, 0),
    bad: own.reduce((sum, one) => sum + one.bad - one.unknown, 0),
  };
}
