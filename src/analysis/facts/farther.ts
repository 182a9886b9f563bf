import type { FailoverOrder } from '../../model/scenario.ts';
import { type Count, chanceOfMore, designEffect } from '../../stats/index.ts';
import { isCallOf } from '../ingest/path.ts';
import { within } from '../timeline/windows.ts';
import type { Case } from './case.ts';
import type { LadderCounts } from './ladder-counts.ts';
import { misses } from './share.ts';
import type { Site } from './sites.ts';
import { isAnotherRoute, isFarther, type Stretch } from './stretches.ts';

/** Of one stretch: the calls that went farther than they had to, to which places, and whether that is more than strays. */
export type Farther = {
  readonly hits: number;
  readonly places: readonly string[];
  readonly how: ReturnType<typeof misses>;
  readonly stretch: Stretch;
};

/** How many calls of these callers each place served before the fault: they may go back there, as many as did. */
export function usualCalls(run: Case, order: FailoverOrder): ReadonlyMap<Site, number> {
  const group = run.listeners.homes.group(order);
  const segments = within(run.segments, run.windows.baseline);
  const calls = new Map<Site, number>();
  for (const route of new Set([...(group?.home ?? []), ...(group?.away ?? [])])) {
    const n = run.listeners.places.count(route, segments);
    for (const call of route.calls) {
      if (isCallOf(call, order)) calls.set(call.site, (calls.get(call.site) ?? 0) + n);
    }
  }
  return calls;
}

/** Whether a place serves more of the calls than before the fault, beyond chance: the baseline is a sample as well. */
function isMoreThanUsual(run: Case, usual: ReadonlyMap<Site, number>, site: Site, now: Count): boolean {
  const all = [...usual.values()].reduce((sum, n) => sum + n, 0);
  return all === 0 || chanceOfMore({ bad: usual.get(site) ?? 0, all }, now) < run.risk.fail;
}

/** Whether calls of a stretch went farther than the last place that may serve then; undefined where nothing is asked. */
export function fartherIn(
  run: Case,
  ladder: LadderCounts,
  stretch: Stretch,
  usual: ReadonlyMap<Site, number>,
): Farther | undefined {
  const asked = stretch.required.at(-1)?.share;
  if (asked === undefined || stretch.samples === 0) return undefined;
  const isFar = (site: Site): boolean => {
    const bad = ladder.sum(ladder.site(site), stretch.window);
    return !usual.has(site) || isMoreThanUsual(run, usual, site, { bad, all: stretch.samples });
  };
  const farther = stretch.rungs.filter(({ rung }) => isFarther(rung, stretch.last));
  const far = new Set(farther.flatMap(({ sites }) => sites).filter(isFar));
  const countsOf = (which: boolean) => [...ladder.sites].flatMap(([site, one]) => (far.has(site) === which ? one : []));
  const near = ladder.blocks(countsOf(false), stretch.window);
  const hits = countsOf(true).reduce((sum, one) => sum + ladder.sum(one, stretch.window), 0);
  const sample = { hits: stretch.samples - hits, all: stretch.samples, effect: designEffect(near) };
  const share = misses(run.risk, sample, asked);
  // Bursts of strays are as long, but seldom as whole.
  const isOpen = share === 'no' && isAnotherRoute(near, sample, asked, 1);
  const how = isAnotherRoute(near, sample, asked) ? 'surely' : isOpen ? 'perhaps' : share;
  const places = [...far].filter((site) => ladder.sum(ladder.site(site), stretch.window) > 0).map(({ name }) => name);
  return { hits, places, how, stretch };
}

/** The one that decides: calls that went farther for certain, or else perhaps; undefined where none did. */
export function worstOf(all: readonly Farther[]): Farther | undefined {
  return all.find(({ how }) => how === 'surely') ?? all.find(({ how }) => how === 'perhaps');
}
