import type { Ladder, Rung } from '../model/result.ts';
import type { Micros } from '../model/units.ts';
import type { Case } from './case.ts';
import type { Example } from './example.ts';
import type { LadderCounts, ZoneCounts } from './ladder-counts.ts';
import type { StageOutcome } from './recoveries.ts';
import { type Capacity, capacityAt, expectedRung, placesOf, rungOf, type Steady, steadiest } from './rungs.ts';
import type { Window } from './segments.ts';
import { MERGE_WINDOW } from './stages.ts';
import { wilson } from './stats.ts';

/** At home a partly ejected service keeps at least this much less than Envoy's own share. */
const HOME_TOLERANCE = 0.1;
/** Fewer answers than this from a place that should not serve yet are chance. */
const LEAST_EARLY = 3;

export type RungCount = {
  readonly rung: number;
  readonly zones: readonly string[];
  /** Hops in the steady part. */
  readonly hits: number;
  /** Hops between the effect and the steady part. */
  readonly early: number;
  readonly first: Example | undefined;
};

/** One declared order in one stage, counted and with the expected place worked out. */
export type Climb = {
  readonly counts: LadderCounts;
  readonly outcome: StageOutcome;
  readonly steady: Steady;
  readonly rungs: readonly RungCount[];
  readonly samples: number;
  /** Share that the expected rung must reach. */
  readonly required: number;
  /** A rung farther than expected served first, and more than chance, before the traffic settled. */
  readonly earlyRungs: readonly number[];
  readonly capacityKnown: boolean;
};

/** The steady part begins when every impacted path has recovered, or at half time when one never does. */
function steadyWindow(outcome: StageOutcome): Window {
  const { stage, zero, paths } = outcome;
  const ends = paths.flatMap(({ recovered }) =>
    recovered === undefined ? [] : [recovered.hi ?? (zero + stage.end) / 2],
  );
  const start = Math.max(zero, stage.proven ?? 0, ...ends) + MERGE_WINDOW;
  return { start: Math.min(start, stage.end), end: stage.end };
}

/**
 * Envoy keeps min(100 %, 140 % x healthy / all) in a priority whose hosts are partly ejected and spills the rest
 * (reference/mesh.md B1), so home is not asked for more than that.
 */
function homeShare(capacity: Capacity, first: number): number {
  if (capacity.healthy === null || capacity.ready === 0) return first;
  const envoy = Math.min(1, Math.floor((140 * capacity.healthy) / capacity.ready) / 100);
  return Math.min(first, Math.max(0, envoy - (envoy < 1 ? HOME_TOLERANCE : 0)));
}

function countRungs(it: Case, counts: LadderCounts, steady: Window, zero: Micros, settled: Micros): RungCount[] {
  const byRung = new Map<number, { zones: string[]; counts: ZoneCounts[] }>();
  const add = (rung: number, zone: string, zoneCounts: ZoneCounts): void => {
    const entry = byRung.get(rung) ?? { zones: [], counts: [] };
    entry.zones.push(zone);
    entry.counts.push(zoneCounts);
    byRung.set(rung, entry);
  };
  for (const [zone, zoneCounts] of [...counts.zones].sort(([a], [b]) => (a < b ? -1 : 1))) {
    add(rungOf(it, counts.order, zone), zone, zoneCounts);
  }
  return [...placesOf(counts.order).keys(), -1].map((rung) => {
    const entry = byRung.get(rung) ?? { zones: [], counts: [] };
    const sum = (window: Window): number => entry.counts.reduce((total, zone) => total + counts.sum(zone, window), 0);
    const firsts = entry.counts.flatMap((zone) => zone.first ?? []).sort((a, b) => a.due - b.due);
    return { rung, zones: entry.zones, hits: sum(steady), early: sum({ start: zero, end: settled }), first: firsts[0] };
  });
}

function isFarther(rung: number, expected: number): boolean {
  return rung === -1 || rung > expected;
}

function tooEarly(rungs: readonly RungCount[], expected: number, required: number): number[] {
  const there = rungs.find(({ rung }) => rung === expected);
  const early = rungs.filter(
    ({ rung, first }) =>
      isFarther(rung, expected) && first !== undefined && (there?.first === undefined || first.due < there.first.due),
  );
  const hits = early.reduce((sum, rung) => sum + rung.early, 0);
  const all = hits + (there?.early ?? 0);
  return hits >= LEAST_EARLY && wilson(hits, all).lo > 1 - required ? early.map(({ rung }) => rung) : [];
}

/** Counts one order in one stage. */
export function climb(it: Case, counts: LadderCounts, outcome: StageOutcome): Climb {
  const { order, stage } = counts;
  const window = steadyWindow(outcome);
  const steady = steadiest(it, order, stage, window);
  const { expected, capacity } = steady;
  const first = order.order[0]?.shareAtLeast ?? 1;
  const required =
    expected <= 0 ? homeShare(capacity[0] as Capacity, first) : (order.order[expected - 1]?.shareAtLeast ?? 1);
  const rungs = countRungs(it, counts, steady.window, outcome.zero, window.start);
  const wasExpected = expectedRung(capacityAt(it, order, stage, outcome.zero)) === expected;
  return {
    counts,
    outcome,
    steady,
    rungs,
    samples: rungs.reduce((sum, rung) => sum + rung.hits, 0),
    required,
    earlyRungs: expected >= 0 && wasExpected ? tooEarly(rungs, expected, required) : [],
    capacityKnown: capacity.every(({ healthy }) => healthy !== null),
  };
}

/** Hops at rungs farther than the expected one, and at nearer ones that should be down. */
export function strays(it: Climb): { farther: number; nearer: number; expected: number } {
  const { expected } = it.steady;
  const sum = (is: (rung: number) => boolean): number =>
    it.rungs.filter(({ rung }) => is(rung)).reduce((total, { hits }) => total + hits, 0);
  return {
    farther: sum((rung) => isFarther(rung, expected)),
    nearer: sum((rung) => rung >= 0 && rung < expected),
    expected: sum((rung) => rung === expected),
  };
}

function stateOf(it: Climb, count: RungCount): Rung['state'] {
  const { expected } = it.steady;
  const { rung, hits } = count;
  const isMany = it.samples > 0 && wilson(hits, it.samples).lo > 1 - it.required;
  if (rung === expected) return expectedState(it, hits);
  if (rung > expected && expected >= 0) return fartherState(isMany || it.earlyRungs.includes(rung), hits);
  if (isMany) return 'unexpected';
  return rung === -1 ? 'partly' : 'down';
}

function fartherState(isEarly: boolean, hits: number): Rung['state'] {
  if (isEarly) return 'too-early';
  return hits > 0 ? 'partly' : 'not-needed';
}

function expectedState(it: Climb, hits: number): Rung['state'] {
  if (it.samples === 0) return 'never';
  if (wilson(hits, it.samples).hi >= it.required) return 'took-over';
  return hits < it.samples * 0.05 ? 'skipped' : 'partly';
}

function rungRow(it: Case, ladder: Climb, count: RungCount): Rung {
  const { order } = ladder.counts;
  const { rung } = count;
  const place = rung === -1 ? { zone: count.zones.join(', ') } : (placesOf(order)[rung] ?? { zone: '' });
  return {
    place,
    origin: rung === 0 ? 'home' : rung === -1 ? 'other' : 'declared',
    capacity: ladder.steady.capacity[rung]?.healthy ?? null,
    expectedShare: rung === ladder.steady.expected ? ladder.required : 0,
    share: ladder.samples === 0 ? 0 : count.hits / ladder.samples,
    hits: count.hits,
    ...(count.first !== undefined && { firstHit: count.first.due }),
    state: stateOf(ladder, count),
    evidence: it.evidence.requests(count.first),
  };
}

/** As results show it. */
export function ladderRow(it: Case, ladder: Climb, finding: string): Ladder {
  const { order, stage } = ladder.counts;
  return {
    id: finding.replace('failoverOrder/', 'order/'),
    service: order.service,
    fromZone: order.from.zone,
    faults: stage.active.map((fault) => fault.name),
    stage: stage.index + 1,
    start: ladder.outcome.zero,
    end: stage.end,
    rungs: ladder.rungs
      .filter(({ rung, zones }) => rung >= 0 || zones.length > 0)
      .map((count) => rungRow(it, ladder, count)),
    samples: ladder.samples,
    finding,
  };
}
