import { isFrom } from '../../model/place.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import type { Micros, Ratio } from '../../model/units.ts';
import { designEffect } from '../../stats/index.ts';
import type { PathStream } from '../ingest/path.ts';
import { MERGE_WINDOW } from '../timeline/stages.ts';
import type { Window } from '../timeline/windows.ts';
import type { Sample } from './blocks.ts';
import type { Case } from './case.ts';
import { mostOf } from './extremes.ts';
import type { Farther } from './farther.ts';
import type { LadderCounts } from './ladder-counts.ts';
import { onsetOf } from './onset.ts';
import { earlyRungs, fartherBefore, perhapsEarly } from './order-early.ts';
import type { PathOutcome, StageOutcome } from './recoveries.ts';
import { isAnotherRoute, type RungCount, type Stretch, stretchesOf, without } from './stretches.ts';

/** One declared order in one stage. */
export type OrderInStage = {
  readonly counts: LadderCounts;
  readonly outcome: StageOutcome;
  /** The paths of the callers' own zone. */
  readonly paths: readonly PathOutcome[];
  /** When the effect was certain for these paths. */
  readonly from: Micros;
  /** When their traffic had settled: after the outage at the effect. */
  readonly settled: Micros;
  readonly stretches: readonly Stretch[];
  /** Rungs farther than any expected one that served before those did: more than once or twice, or for seconds. */
  readonly early: readonly RungCount[];
  /** Such of which nobody knows whether they did. */
  readonly perhapsEarly: readonly RungCount[];
  /** Calls that went farther than they had to between the injection and the settled time, outages aside. */
  readonly fartherBefore: Farther | undefined;
};

/** The paths through the gateway of the callers' zone that call the service there; any that do, where none has that gateway. */
function pathsOf(run: Case, order: FailoverOrder, outcome: StageOutcome): PathOutcome[] {
  const group = run.listeners.homes.group(order);
  const isOpen = group === undefined || group.byProxies;
  const calls = (path: PathStream): boolean => isOpen || group.trackers.has(path.row);
  const own = outcome.paths.filter(({ path }) => isFrom(path, order.from) && calls(path));
  return own.length > 0 ? own : outcome.paths.filter(({ path }) => group !== undefined && calls(path));
}

const SECOND: Micros = 1_000_000;
/** A second in which fewer than one call in so many failed was no upset of the others. */
const SOME_FAILED = 4;

/** The seconds of an outage in which many calls failed, each with the merge window after it. */
function upsetIn(ladder: LadderCounts, { start, end }: Window): Window[] {
  const seconds = Array.from({ length: Math.ceil((end - start) / SECOND) }, (_, i): Window => {
    const from = start + i * SECOND;
    return { start: from, end: Math.min(end, from + SECOND) };
  });
  const isUpset = (second: Window): boolean => {
    const failed = Math.max(ladder.failures(ladder.failed, second), ladder.failures(ladder.bad, second));
    const answered = [...ladder.sites.values()].reduce((sum, one) => sum + ladder.about(one, second), 0);
    return failed * SOME_FAILED >= failed + answered;
  };
  const last = ladder.stage.end;
  return seconds.filter(isUpset).map((second) => ({ ...second, end: Math.min(last, second.end + MERGE_WINDOW) }));
}

type OutageSpan = { readonly rate: number; readonly start: Micros; readonly upset: readonly Window[] };

/** The outages of paths that are certain, with what they excuse; at most half of the time left where one never ended. */
function outageSpans(ladder: LadderCounts, paths: readonly PathOutcome[], from: Micros): OutageSpan[] {
  const { end } = ladder.stage;
  const certain = paths.flatMap(({ path, charged }) =>
    charged.filter(({ weight }) => weight === 'certain').map(({ outage }) => ({ outage, rate: path.rate })),
  );
  return certain.map(({ outage, rate }) => {
    const over = outage.hi ?? Math.min(outage.lo, (Math.max(from, outage.from) + end) / 2);
    return { rate, start: outage.from, upset: upsetIn(ladder, { start: outage.from, end: Math.min(end, over) }) };
  });
}

/** Counts one order in one stage. */
export function orderInStage(run: Case, ladder: LadderCounts, outcome: StageOutcome): OrderInStage {
  const paths = pathsOf(run, ladder.order, outcome);
  const from = mostOf(
    paths.map(({ effect }) => effect.hi),
    outcome.effect.hi,
  );
  const { end } = ladder.stage;
  const outages = outageSpans(ladder, paths, from);
  const spans = outages.flatMap(({ upset }) => upset);
  // An outage that begins later is no part of the failover: it excuses its own time, and nothing before it.
  const atEffect = outages.filter(({ start, rate }) => start <= from + onsetOf(rate));
  const settled = mostOf(
    atEffect.flatMap(({ upset }) => upset.map((second) => second.end)),
    Math.min(end, from + MERGE_WINDOW),
  );
  const effects = paths.map(({ effect }) => ({ start: effect.lo, end: effect.lo + MERGE_WINDOW }));
  const stretches = without({ start: settled, end }, spans).flatMap((part) => stretchesOf(run, ladder, part));
  return {
    counts: ladder,
    outcome,
    paths,
    from,
    settled,
    stretches,
    early: earlyRungs(run, ladder, from, settled, stretches[0]),
    perhapsEarly: perhapsEarly(run, ladder, from, settled),
    fartherBefore: fartherBefore(run, ladder, settled, [...spans, ...effects]),
  };
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
