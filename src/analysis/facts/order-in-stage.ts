import type { FailoverOrder } from '../../model/scenario.ts';
import type { Micros, Ratio } from '../../model/units.ts';
import { type Block, designEffect, lowerLimit } from '../../stats/index.ts';
import type { PathStream } from '../ingest/path.ts';
import { MERGE_WINDOW } from '../timeline/stages.ts';
import type { Window } from '../timeline/windows.ts';
import type { Sample } from './blocks.ts';
import { type Capacity, capacityAt, countsUnready, expectedRung, keptUpTo, placesOf, rungOf } from './capacity.ts';
import type { Case } from './case.ts';
import { isExcursion } from './excursion.ts';
import { mostOf } from './extremes.ts';
import type { CallCounts, LadderCounts } from './ladder-counts.ts';
import type { PathOutcome, StageOutcome } from './recoveries.ts';

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

/** One declared order in one stage. */
export type OrderInStage = {
  readonly counts: LadderCounts;
  readonly outcome: StageOutcome;
  /** The paths of the callers' own zone. */
  readonly paths: readonly PathOutcome[];
  /** When the effect was certain for these paths. */
  readonly from: Micros;
  /** When their traffic had settled. */
  readonly settled: Micros;
  readonly stretches: readonly Stretch[];
  /** Rungs farther than any expected one that served before those did: more than once or twice, or for seconds. */
  readonly early: readonly { readonly rung: number; readonly zones: readonly string[]; readonly hits: number }[];
};

/** The paths through the gateway of the callers' zone that call the service there; any that do, where none has that gateway. */
function pathsOf(it: Case, order: FailoverOrder, outcome: StageOutcome): PathOutcome[] {
  const group = it.listeners.homes.group(order.service, order.from.zone);
  const calls = (path: PathStream): boolean => group === undefined || group.trackers.has(path.row);
  const own = outcome.paths.filter(({ path }) => path.zone === order.from.zone && calls(path));
  return own.length > 0 ? own : outcome.paths.filter(({ path }) => group !== undefined && calls(path));
}

/** When the paths had recovered; half time where one never did. */
function settledAt(outcome: StageOutcome, paths: readonly PathOutcome[], from: Micros): Micros {
  const ends = paths.flatMap(({ charged }) =>
    charged.flatMap(({ outage, weight }) =>
      weight === 'certain' ? [outage.hi ?? (from + outcome.stage.end) / 2] : [],
    ),
  );
  return Math.min(outcome.stage.end, mostOf(ends, from) + MERGE_WINDOW);
}

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
function requirement(
  it: Case,
  order: FailoverOrder,
  capacity: readonly Capacity[],
): Pick<Stretch, 'expected' | 'last' | 'required'> {
  const expected = expectedRung(capacity);
  if (expected < 0) return { expected, last: -1, required: [] };
  const rule = countsUnready(it);
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

function countRungs(it: Case, ladder: LadderCounts, window: Window): RungCount[] {
  const byRung = new Map<number, { zones: string[]; counts: CallCounts[] }>();
  for (const [zone, counts] of [...ladder.zones].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const rung = rungOf(it, ladder.order, zone);
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
export function stretchesOf(it: Case, ladder: LadderCounts, window: Window): Stretch[] {
  const { order, stage } = ladder;
  const unable = it.unable(order.service);
  const stretches: { window: Window; capacity: readonly Capacity[]; key: string }[] = [];
  for (const start of [window.start, ...it.pods.changes(window.start, window.end)]) {
    const capacity = capacityAt(it, order, stage, start, unable);
    const key = JSON.stringify(requirement(it, order, capacity));
    const before = stretches.at(-1);
    if (before?.key === key) continue;
    if (before !== undefined) before.window = { start: before.window.start, end: start };
    const from = before === undefined ? start : start + MERGE_WINDOW;
    stretches.push({ window: { start: from, end: window.end }, capacity, key });
  }
  return stretches.map(({ window: part, capacity }) => {
    const rungs = countRungs(it, ladder, part);
    const samples = rungs.reduce((sum, { hits }) => sum + hits, 0);
    return { window: part, capacity, ...requirement(it, order, capacity), rungs, samples };
  });
}

export function isFarther(rung: number, last: number): boolean {
  return rung === -1 || rung > last;
}

/** Fewer answers than this from a place that should not serve yet are chance. */
const LEAST_EARLY = 3;

/** Farther rungs that served most calls for seconds before traffic had settled, in a slow rollout for instance. */
function strayedEarly(it: Case, ladder: LadderCounts, window: Window, { last, required }: Stretch): RungCount[] {
  const rungs = countRungs(it, ladder, window);
  const near = rungs.filter(({ rung }) => !isFarther(rung, last));
  const all = rungs.reduce((sum, { hits }) => sum + hits, 0);
  const share = near.reduce((sum, { hits }) => sum + hits, 0) / Math.max(1, all);
  const blocks = ladder.blocks(
    near.flatMap(({ counts }) => counts),
    window,
  );
  const isBelow = share < (required.at(-1)?.share ?? 0);
  return isBelow && isExcursion(blocks) ? rungs.filter(({ rung, hits }) => isFarther(rung, last) && hits > 0) : [];
}

function earlyRungs(
  it: Case,
  ladder: LadderCounts,
  from: Micros,
  settled: Micros,
  first: Stretch | undefined,
): OrderInStage['early'] {
  if (first === undefined || first.expected < 0) return [];
  const atEffect = requirement(
    it,
    ladder.order,
    capacityAt(it, ladder.order, ladder.stage, from, it.unable(ladder.order.service)),
  );
  if (atEffect.last !== first.last || atEffect.expected !== first.expected) return [];
  const strayed = strayedEarly(it, ladder, { start: ladder.stage.start, end: settled }, first);
  if (strayed.length > 0) return strayed;
  const rungs = countRungs(it, ladder, { start: from, end: settled });
  const firstOf = ({ counts }: RungCount): number => Math.min(...counts.map((one) => ladder.firstAfter(one, from)));
  const there = rungs.filter(({ rung }) => rung >= first.expected && rung <= first.last);
  const begin = Math.min(Number.POSITIVE_INFINITY, ...there.map(firstOf));
  const early = rungs.filter((count) => isFarther(count.rung, first.last) && count.hits > 0 && firstOf(count) < begin);
  const sum = (counts: readonly RungCount[]): number => counts.reduce((total, { hits }) => total + hits, 0);
  const hits = sum(early);
  const strays = 1 - (first.required[0]?.share ?? 1);
  const isMany = hits >= LEAST_EARLY && lowerLimit(hits, hits + sum(there), it.risk.pass) > strays;
  return isMany ? early : [];
}

/** Counts one order in one stage. */
export function orderInStage(it: Case, ladder: LadderCounts, outcome: StageOutcome): OrderInStage {
  const paths = pathsOf(it, ladder.order, outcome);
  const from = mostOf(
    paths.map(({ effect }) => effect.hi),
    outcome.effect.hi,
  );
  const settled = settledAt(outcome, paths, from);
  const stretches = stretchesOf(it, ladder, { start: settled, end: ladder.stage.end });
  return {
    counts: ladder,
    outcome,
    paths,
    from,
    settled,
    stretches,
    early: earlyRungs(it, ladder, from, settled, stretches[0]),
  };
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

/** Whether most calls of some seconds went past a rung that is asked for nearly all of them, and too many of the stretch. */
export function wentPast({ counts: ladder }: OrderInStage, stretch: Stretch, rung: number, asked: Ratio): boolean {
  const near = stretch.rungs.filter((count) => count.rung >= 0 && count.rung <= rung);
  const hits = near.reduce((sum, count) => sum + count.hits, 0);
  const counts = near.flatMap((count) => count.counts);
  return isAnotherRoute(ladder.blocks(counts, stretch.window), { hits, all: stretch.samples }, asked);
}

/** Calls of a stretch that the rungs up to one answered. */
export function upTo({ counts: ladder }: OrderInStage, stretch: Stretch, rung: number): Sample {
  const near = stretch.rungs.filter((count) => count.rung >= 0 && count.rung <= rung);
  return {
    hits: near.reduce((sum, { hits }) => sum + hits, 0),
    all: stretch.samples,
    effect: designEffect(
      ladder.blocks(
        near.flatMap(({ counts }) => counts),
        stretch.window,
      ),
    ),
  };
}
