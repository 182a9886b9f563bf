import type { FailoverOrder } from '../../model/scenario.ts';
import type { Ratio } from '../../model/units.ts';
import type { Block } from '../../stats/index.ts';
import { MERGE_WINDOW } from '../timeline/stages.ts';
import type { Window } from '../timeline/windows.ts';
import type { Sample } from './blocks.ts';
import { type Capacity, capacityAt, countsUnready, expectedRung, keptUpTo, placesOf, rungOf } from './capacity.ts';
import type { Case } from './case.ts';
import { isExcursion } from './excursion.ts';
import type { CallCounts, LadderCounts } from './ladder-counts.ts';

/** A mesh that spills keeps at least this much less than its own rule says. */
const SPILL_TOLERANCE = 0.1;

/** Calls that the zones of one rung answered in one stretch. */
export type RungCount = {
  readonly rung: number;
  readonly zones: readonly string[];
  readonly counts: readonly CallCounts[];
  readonly hits: number;
};

/** A part of a stage in which the same places can serve. */
export type Stretch = {
  readonly window: Window;
  readonly capacity: readonly Capacity[];
  /** The nearest rung that can serve; -1 when none can. */
  readonly expected: number;
  /** The nearest rung such that everything may be asked of the rungs up to it. */
  readonly last: number;
  /** From the expected to the last rung: the share that the rungs up to there must have. */
  readonly required: readonly { readonly rung: number; readonly share: Ratio }[];
  readonly rungs: readonly RungCount[];
  readonly samples: number;
};

/** The share that a scenario asks of a rung; for home it does so only where home stands in the order. */
function declaredShare(
  { from, order }: FailoverOrder,
  rung: number,
): { readonly share: Ratio; readonly isStrict: boolean } {
  const row = order[Math.max(0, rung - 1)];
  const isStrict = rung === 0 && row !== undefined && 'zone' in row.place && row.place.zone === from.zone;
  return { share: row?.shareAtLeast ?? 1, isStrict };
}

/** What the rungs up to each one must have, by the mesh's own rule and the declared shares. */
export function requirement(
  run: Case,
  order: FailoverOrder,
  capacity: readonly Capacity[],
): Pick<Stretch, 'expected' | 'last' | 'required'> {
  const expected = expectedRung(capacity);
  if (expected < 0) return { expected, last: -1, required: [] };
  const rule = countsUnready(run);
  const modes = (rule === undefined ? [false, true] : [rule]).map((unready) => keptUpTo(capacity, unready));
  const kept = capacity.map((_, rung) => Math.min(...modes.map((mode) => mode[rung] as number)));
  const full = kept.findIndex((share) => share >= 1);
  const last = full < 0 ? capacity.length - 1 : full;
  const required = [];
  for (let rung = expected; rung <= last; rung++) {
    const share = kept[rung] as number;
    const { share: asked, isStrict } = declaredShare(order, rung);
    const possible = Math.max(0, Math.min(asked, share - SPILL_TOLERANCE));
    required.push({ rung, share: share >= 1 || isStrict ? asked : possible });
  }
  return { expected, last, required };
}

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

/** The stretches of a window with one expectation each; after a change the mesh may need a moment. */
export function stretchesOf(run: Case, ladder: LadderCounts, window: Window): Stretch[] {
  const { order, stage } = ladder;
  const unable = run.unable(order.service);
  const stretches: { window: Window; capacity: readonly Capacity[]; key: string }[] = [];
  const since = window.start - MERGE_WINDOW;
  for (const start of [since, ...run.pods.changes(since, window.end)]) {
    const capacity = capacityAt(run, order, stage, start, unable);
    const key = JSON.stringify(requirement(run, order, capacity));
    const before = stretches.at(-1);
    if (before?.key === key) continue;
    if (before !== undefined) before.window = { start: before.window.start, end: start };
    stretches.push({ window: { start: start + MERGE_WINDOW, end: window.end }, capacity, key });
  }
  const inside = stretches.filter(
    (stretch, i) => i === stretches.length - 1 || stretch.window.end > stretch.window.start,
  );
  return inside.map(({ window: part, capacity }) => {
    const rungs = countRungs(run, ladder, part);
    const samples = rungs.reduce((sum, { hits }) => sum + hits, 0);
    return { window: part, capacity, ...requirement(run, order, capacity), rungs, samples };
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
