import type { FailoverOrder } from '../../model/scenario.ts';
import { type Count, chanceOfMore, designEffect } from '../../stats/index.ts';
import { within } from '../timeline/windows.ts';
import type { Case } from './case.ts';
import type { LadderCounts } from './ladder-counts.ts';
import { misses } from './share.ts';
import { isAnotherRoute, isFarther, type Stretch } from './stretches.ts';

/** Of one stretch: the calls that went farther than they had to, to which zones, and whether that is more than strays. */
export type Farther = {
  readonly hits: number;
  readonly zones: readonly string[];
  readonly how: ReturnType<typeof misses>;
  readonly stretch: Stretch;
};

/** How many calls of these callers each zone served before the fault: they may go back there, as many as did. */
export function usualCalls(run: Case, { service, from }: FailoverOrder): ReadonlyMap<string, number> {
  const group = run.listeners.homes.group(service, from.zone);
  const segments = within(run.segments, run.windows.baseline);
  const calls = new Map<string, number>();
  for (const route of new Set([...(group?.home ?? []), ...(group?.away ?? [])])) {
    const n = run.listeners.places.count(route, segments);
    for (const call of route.calls) {
      if (call.service !== service || call.fromZone !== from.zone) continue;
      calls.set(call.zone, (calls.get(call.zone) ?? 0) + n);
    }
  }
  return calls;
}

/** Whether a zone serves more of the calls than before the fault, beyond chance: the baseline is a sample as well. */
function isMoreThanUsual(run: Case, usual: ReadonlyMap<string, number>, zone: string, now: Count): boolean {
  const all = [...usual.values()].reduce((sum, n) => sum + n, 0);
  return all === 0 || chanceOfMore({ bad: usual.get(zone) ?? 0, all }, now) < run.risk.fail;
}

/** Whether calls of a stretch went farther than the last place that may serve then; undefined where nothing is asked. */
export function fartherIn(
  run: Case,
  ladder: LadderCounts,
  stretch: Stretch,
  usual: ReadonlyMap<string, number>,
): Farther | undefined {
  const asked = stretch.required.at(-1)?.share;
  if (asked === undefined || stretch.samples === 0) return undefined;
  const isFar = (zone: string): boolean => {
    const bad = ladder.sum(ladder.zone(zone), stretch.window);
    return !usual.has(zone) || isMoreThanUsual(run, usual, zone, { bad, all: stretch.samples });
  };
  const farther = stretch.rungs.filter(({ rung }) => isFarther(rung, stretch.last));
  const far = new Set(farther.flatMap(({ zones }) => zones).filter(isFar));
  const countsOf = (which: boolean) => [...ladder.zones].flatMap(([zone, one]) => (far.has(zone) === which ? one : []));
  const near = ladder.blocks(countsOf(false), stretch.window);
  const hits = countsOf(true).reduce((sum, one) => sum + ladder.sum(one, stretch.window), 0);
  const sample = { hits: stretch.samples - hits, all: stretch.samples, effect: designEffect(near) };
  const how = isAnotherRoute(near, sample, asked) ? 'surely' : misses(run.risk, sample, asked);
  const zones = [...far].filter((zone) => ladder.sum(ladder.zone(zone), stretch.window) > 0);
  return { hits, zones, how, stretch };
}

/** The one that decides: calls that went farther for certain, or else perhaps; undefined where none did. */
export function worstOf(all: readonly Farther[]): Farther | undefined {
  return all.find(({ how }) => how === 'surely') ?? all.find(({ how }) => how === 'perhaps');
}
