import type { Ratio } from '../../model/units.ts';
import type { Block } from '../../stats/index.ts';
import type { Window } from '../timeline/windows.ts';
import { type Asked, partsOf } from './asked.ts';
import type { Sample } from './blocks.ts';
import type { Capacity } from './capacity.ts';
import type { Case } from './case.ts';
import { isExcursion } from './excursion.ts';
import type { CallCounts, LadderCounts } from './ladder-counts.ts';
import { placesOf, rungOf } from './rungs.ts';
import type { Site } from './sites.ts';

/** Calls that the sites of one rung answered in one stretch. */
export type RungCount = {
  readonly rung: number;
  readonly sites: readonly Site[];
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

/** Calls of every rung in a window; those that no rung has come last, and those of which nobody knows are not among them. */
export function countRungs(ladder: LadderCounts, window: Window): RungCount[] {
  const byRung = new Map<number | undefined, { sites: Site[]; counts: CallCounts[] }>();
  for (const [site, counts] of [...ladder.sites].sort(([a], [b]) => (a.name < b.name ? -1 : 1))) {
    const rung = rungOf(ladder.order, site);
    const entry = byRung.get(rung) ?? { sites: [], counts: [] };
    entry.sites.push(site);
    entry.counts.push(counts);
    byRung.set(rung, entry);
  }
  return [...placesOf(ladder.order).keys(), -1].map((rung) => {
    const { sites, counts } = byRung.get(rung) ?? { sites: [], counts: [] };
    return { rung, sites, counts, hits: counts.reduce((sum, one) => sum + ladder.sum(one, window), 0) };
  });
}

/** The stretches of a window with one expectation each. */
export function stretchesOf(run: Case, ladder: LadderCounts, window: Window): Stretch[] {
  return partsOf(run, ladder, window).map(({ window: part, capacity, asked }) => {
    const rungs = countRungs(ladder, part);
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

/** Whether a rung, or a place that no rung has (-1), lies beyond the last one that may serve. */
export function isFarther(rung: number, last: number): boolean {
  return rung === -1 || rung > last;
}

/** From this share on a place is asked for nearly everything, so that seconds without it are no spill. */
const NEARLY_ALL = 0.9;

/** Whether places that are asked for nearly all calls had too few of them, and for some seconds, or for `least` of them, hardly any. */
export function isAnotherRoute(
  blocks: readonly Block[],
  { hits, all }: Pick<Sample, 'hits' | 'all'>,
  asked: Ratio,
  least?: number,
): boolean {
  return asked >= NEARLY_ALL && hits < asked * all && isExcursion(blocks, least);
}
