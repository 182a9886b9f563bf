import type { Ratio } from '../../model/units.ts';
import type { Block } from '../../stats/index.ts';
import type { Window } from '../timeline/windows.ts';
import { type Asked, partsOf } from './asked.ts';
import type { Sample } from './blocks.ts';
import { type Capacity, placesOf, rungOf } from './capacity.ts';
import type { Case } from './case.ts';
import { isExcursion } from './excursion.ts';
import type { CallCounts, LadderCounts } from './ladder-counts.ts';

/** Calls that the zones of one rung answered in one stretch. */
export type RungCount = {
  readonly rung: number;
  readonly zones: readonly string[];
  readonly counts: readonly CallCounts[];
  readonly hits: number;
};

/** A part of a stage in which the same places can serve. */
export type Stretch = Asked & {
  readonly window: Window;
  readonly capacity: readonly Capacity[];
  readonly rungs: readonly RungCount[];
  readonly samples: number;
};

/** Calls of every rung in a window; those of zones that no rung has come last. */
export function countRungs(run: Case, ladder: LadderCounts, window: Window): RungCount[] {
  const byRung = new Map<number, { zones: string[]; counts: CallCounts[] }>();
  for (const [zone, counts] of [...ladder.zones].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const rung = rungOf(run, ladder.order, zone);
    const entry = byRung.get(rung) ?? { zones: [], counts: [] };
    entry.zones.push(zone);
    entry.counts.push(counts);
    byRung.set(rung, entry);
  }
  return [...placesOf(ladder.order).keys(), -1].map((rung) => {
    const { zones, counts } = byRung.get(rung) ?? { zones: [], counts: [] };
    return { rung, zones, counts, hits: counts.reduce((sum, one) => sum + ladder.sum(one, window), 0) };
  });
}

/** The stretches of a window with one expectation each. */
export function stretchesOf(run: Case, ladder: LadderCounts, window: Window): Stretch[] {
  return partsOf(run, ladder, window).map(({ window: part, capacity, asked }) => {
    const rungs = countRungs(run, ladder, part);
    const samples = rungs.reduce((sum, { hits }) => sum + hits, 0);
    return { window: part, capacity, ...asked, rungs, samples };
  });
}

/** What is left of a window without some spans; an empty window stays as it is. */
export function without(window: Window, spans: readonly Window[]): Window[] {
  const parts: Window[] = [];
  let { start } = window;
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const end = Math.min(span.start, window.end);
    if (end > start) parts.push({ start, end });
    start = Math.max(start, span.end);
  }
  if (window.end <= window.start) return [window];
  return start < window.end ? [...parts, { start, end: window.end }] : parts;
}

/** Whether a rung, or a zone that no rung has (-1), lies beyond the last one that may serve. */
export function isFarther(rung: number, last: number): boolean {
  return rung === -1 || rung > last;
}

/** From this share on a place is asked for nearly everything, so that seconds without it are no spill. */
const NEARLY_ALL = 0.9;

/** Whether places that are asked for nearly all calls had too few of them, and for some seconds hardly any. */
export function isAnotherRoute(
  blocks: readonly Block[],
  { hits, all }: Pick<Sample, 'hits' | 'all'>,
  asked: Ratio,
): boolean {
  return asked >= NEARLY_ALL && hits < asked * all && isExcursion(blocks);
}
