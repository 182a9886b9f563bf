import type { Micros } from '../../model/units.ts';
import { lowerLimit } from '../../stats/index.ts';
import { MERGE_WINDOW } from '../timeline/stages.ts';
import type { Window } from '../timeline/windows.ts';
import { type Asked, askedThroughout } from './asked.ts';
import type { Case } from './case.ts';
import { isExcursion } from './excursion.ts';
import { type Farther, fartherIn, usualCalls, worstOf } from './farther.ts';
import type { LadderCounts } from './ladder-counts.ts';
import { rungOf } from './rungs.ts';
import { misses } from './share.ts';
import { countRungs, isFarther, type RungCount, type Stretch, stretchesOf, without } from './stretches.ts';

/**
 * Calls that went farther than they had to between the injection and the time when traffic had settled, for certain or
 * perhaps. `upset`: when callers may be served anywhere, as in an outage.
 */
export function fartherBefore(
  run: Case,
  ladder: LadderCounts,
  settled: Micros,
  upset: readonly Window[],
): Farther | undefined {
  const usual = usualCalls(run, ladder.order);
  const parts = without({ start: ladder.stage.start + MERGE_WINDOW, end: settled }, upset);
  const stretches = parts.flatMap((part) => stretchesOf(run, ladder, part));
  return worstOf(stretches.flatMap((stretch) => fartherIn(run, ladder, stretch, usual) ?? []));
}

/** Fewer answers than this from a place that should not serve yet are chance. */
const LEAST_EARLY = 3;

/** Farther rungs that served most calls for seconds before traffic had settled, in a slow rollout for instance. */
function strayedEarly(ladder: LadderCounts, window: Window, { last, required }: Asked): RungCount[] {
  const rungs = countRungs(ladder, window);
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

/**
 * Farther rungs that served most calls for seconds of the outage at the effect, where a nearer one must have had more of
 * them, if not all. `window`: from the effect on.
 */
function passedEarly(run: Case, ladder: LadderCounts, window: Window, { required }: Asked): RungCount[] {
  const rungs = countRungs(ladder, window);
  const all = rungs.reduce((sum, { hits }) => sum + hits, 0);
  const row = required.find(({ rung, share }) => {
    const near = rungs.filter((count) => !isFarther(count.rung, rung));
    const hits = near.reduce((sum, count) => sum + count.hits, 0);
    const blocks = ladder.blocks(
      near.flatMap(({ counts }) => counts),
      window,
    );
    return isExcursion(blocks) && misses(run.risk, { hits, all, effect: 1 }, share) === 'surely';
  });
  return row === undefined ? [] : rungs.filter(({ rung, hits }) => isFarther(rung, row.rung) && hits > 0);
}

/**
 * Rungs farther than any expected one that served before those did: more than once or twice, or for seconds. `from`: when
 * the effect was certain; `first`: the stretch that begins when traffic had settled.
 */
export function earlyRungs(
  run: Case,
  ladder: LadderCounts,
  from: Micros,
  settled: Micros,
  first: Stretch | undefined,
): readonly RungCount[] {
  if (first === undefined || first.expected < 0) return [];
  const asked = askedThroughout(run, ladder, { start: from, end: settled });
  if (asked.required.length === 0) return [];
  const strayed = strayedEarly(ladder, { start: ladder.stage.start, end: settled }, asked);
  if (strayed.length > 0) return strayed;
  const past = passedEarly(run, ladder, { start: from, end: settled }, asked);
  if (past.length > 0) return past;
  const rungs = countRungs(ladder, { start: from, end: settled });
  const firstOf = ({ counts }: RungCount): number => Math.min(...counts.map((one) => ladder.firstAfter(one, from)));
  const there = rungs.filter(({ rung }) => rung >= asked.expected && rung <= asked.last);
  const begin = Math.min(Number.POSITIVE_INFINITY, ...there.map(firstOf));
  const early = rungs.filter(
    (count) => isFarther(count.rung, asked.last) && count.hits > 0 && firstOf(count) + ladder.lag < begin,
  );
  const hits = sumOf(early);
  const isMany = hits >= LEAST_EARLY && lowerLimit(hits, hits + sumOf(there), run.risk.pass) > straysOf(asked);
  return isMany ? early : [];
}

const sumOf = (counts: readonly RungCount[]): number => counts.reduce((total, { hits }) => total + hits, 0);

/** The share of calls that may go elsewhere. */
const straysOf = ({ required }: Asked): number => 1 - (required[0]?.share ?? 1);

/**
 * Farther rungs that served at about the time when those began to that had to, where proxies' counters alone tell of it:
 * what lies between the same two readings has no order.
 */
export function perhapsEarly(run: Case, ladder: LadderCounts, from: Micros, settled: Micros): readonly RungCount[] {
  const { lag } = ladder;
  if (lag === 0) return [];
  const asked = askedThroughout(run, ladder, { start: from, end: settled });
  if (asked.required.length === 0) return [];
  const rungs = countRungs(ladder, { start: from - lag, end: settled + 2 * lag }).map((count) => {
    const before = [...ladder.straddling].filter(([site]) => rungOf(ladder.order, site) === count.rung);
    return { ...count, hits: before.reduce((sum, [, n]) => sum + n, count.hits) };
  });
  const farther = rungs.filter(({ rung, hits }) => isFarther(rung, asked.last) && hits > 0);
  const there = rungs.filter(({ rung }) => rung >= asked.expected && rung <= asked.last);
  const hits = sumOf(farther);
  return hits >= LEAST_EARLY && hits > straysOf(asked) * (hits + sumOf(there)) ? farther : [];
}
