import type { FailoverOrder } from '../../model/scenario.ts';
import { designEffect } from '../../stats/index.ts';
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

/** Zones that served these callers before the fault: they may go back there, wherever that is. */
export function usualZones(it: Case, { service, from }: FailoverOrder): ReadonlySet<string> {
  const group = it.listeners.homes.group(service, from.zone);
  const segments = within(it.segments, it.windows.baseline);
  const routes = [...(group?.home ?? []), ...(group?.away ?? [])].filter(
    (route) => it.listeners.places.count(route, segments) > 0,
  );
  const calls = routes.flatMap((route) => route.calls);
  return new Set(calls.flatMap((call) => (call.service === service && call.fromZone === from.zone ? call.zone : [])));
}

/** Whether calls of a stretch went farther than the last place that may serve then; undefined where nothing is asked. */
export function fartherIn(
  it: Case,
  ladder: LadderCounts,
  stretch: Stretch,
  usual: ReadonlySet<string>,
): Farther | undefined {
  const asked = stretch.required.at(-1)?.share;
  if (asked === undefined || stretch.samples === 0) return undefined;
  const far = new Set(
    stretch.rungs
      .filter(({ rung }) => isFarther(rung, stretch.last))
      .flatMap((rung) => rung.zones.filter((zone) => !usual.has(zone))),
  );
  const countsOf = (isFar: boolean) => [...ladder.zones].flatMap(([zone, one]) => (far.has(zone) === isFar ? one : []));
  const near = ladder.blocks(countsOf(false), stretch.window);
  const hits = countsOf(true).reduce((sum, one) => sum + ladder.sum(one, stretch.window), 0);
  const sample = { hits: stretch.samples - hits, all: stretch.samples, effect: designEffect(near) };
  const how = isAnotherRoute(near, sample, asked) ? 'surely' : misses(it.risk, sample, asked);
  const zones = [...far].filter((zone) => ladder.sum(ladder.zone(zone), stretch.window) > 0);
  return { hits, zones, how, stretch };
}

/** The one that decides: calls that went farther for certain, or else perhaps; undefined where none did. */
export function worstOf(all: readonly Farther[]): Farther | undefined {
  return all.find(({ how }) => how === 'surely') ?? all.find(({ how }) => how === 'perhaps');
}
