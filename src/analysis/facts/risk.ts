import { servicesOf } from '../../model/good.ts';
import type { RunHeader } from '../../model/history.ts';
import type { Ratio } from '../../model/units.ts';
import { type Count, chanceOfGroup, chanceOfMore, noiseLimit, PASS_RISK } from '../../stats/index.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Comparisons } from './comparisons.ts';
import type { Bursts, OutageTracker } from './outage-tracker.ts';
import type { OutageBook } from './outages.ts';
import { remembered } from './remembered.ts';

/** All comparisons of a run that could fail share this chance of failing a healthy run (Bonferroni). */
const FAIL_RISK = 0.01;

/** What a run is judged over, and by which comparisons of its objectives. */
type Judged = {
  readonly paths: readonly PathStream[];
  readonly stages: number;
  /** Services that only proxies tell of. */
  readonly counted: number;
  readonly comparisons: Comparisons;
};

/**
 * How many comparisons a run can fail by chance. Every run: each path before, in each stage (a group, all together), on the way
 * home and at its end, with its place before and under the faults, and the callers of every service and zone twice after the
 * undo. Each objective says what it adds. A planned fault counts as a stage, so that nothing is judged by another rule before
 * it than after.
 */
function comparisonsOf({ scenario, topology, faults }: RunHeader, judged: Judged): number {
  const over = { paths: judged.paths.length, stages: Math.max(judged.stages, faults.length) };
  const zones = topology.clusters.reduce((sum, cluster) => sum + cluster.zones.length, 0);
  const ofPaths = over.paths * (2 * over.stages + 6);
  const ofServices = 2 * zones * (servicesOf(scenario.load).length + judged.counted);
  return Math.max(1, ofPaths + ofServices + judged.comparisons(over));
}

/** What the baseline says about noise: bad requests but those of its own outages, all requests, and how the errors came. */
export type Noise = Count & {
  /** The largest burst of noise. */
  readonly largest: number;
  /** How many errors a burst of noise has on average, as one error meets it; 1 where there are none. */
  readonly burst: number;
  /** The same of all its errors, outages included. */
  readonly errors: { readonly bad: number; readonly largest: number; readonly burst: number };
};

/** What is chance, and what is not: the baseline's noise, and the risks that all judgements share. */
export type Risk = {
  /** The chance that one comparison fails a system that keeps its promise. */
  readonly fail: number;
  /** The chance that a promise that is just missed passes. */
  readonly pass: number;
  /** The share of bad requests that a steady system may have. */
  readonly allowed: number;
  /** The noise of the baseline, over all paths. */
  readonly before: Noise;
  /** At least half of the paths erred in the baseline. */
  readonly isCommon: boolean;
  /** The same of one path. */
  readonly beforeOf: (path: PathStream) => Noise;
  /**
   * The highest rate of bursts of errors that noise may have on a path: its own where it erred; else that of all, or of others
   * that err more by more than chance, as far as its own silence allows.
   */
  readonly rateOf: (path: PathStream) => Ratio;
};

const NOTHING = { bad: 0, largest: 0, burst: 1 };

function summed(bursts: readonly Bursts[]): Noise['errors'] {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
  const bad = sum(bursts.map((one) => one.bad));
  const largest = bursts.reduce((most, one) => Math.max(most, one.largest), 0);
  return { bad, largest, burst: bad === 0 ? 1 : sum(bursts.map(({ squares }) => squares)) / bad };
}

function noiseIn(trackers: readonly OutageTracker[]): Noise {
  const bursts = trackers.map((tracker) => tracker.bursts());
  const all = trackers.reduce((sum, { total }) => sum + total, 0);
  return { all, ...summed(bursts.map(({ noise }) => noise)), errors: summed(bursts.map((one) => one.all)) };
}

/** The highest rate that goes with some noise, by the burst. */
const highest = ({ bad, all, burst }: Noise): Ratio => noiseLimit({ bad: bad / burst, all: all / burst });

/** A path that did not err in a short baseline may be of the kind of these. */
function noisiestOf(paths: Iterable<Noise>, all: Noise): Ratio {
  let most = 0;
  for (const own of paths) {
    const others = { bad: all.bad - own.bad, all: all.all - own.all };
    if (own.bad > 0 && chanceOfMore(others, own) < PASS_RISK) most = Math.max(most, highest(own));
  }
  return most;
}

export function riskOf(header: RunHeader, judged: Judged, outages: OutageBook): Risk {
  const { paths } = judged;
  const noise = new Map(paths.map((path) => [path, noiseIn([outages.baseline(path)])]));
  const before = noiseIn(paths.map((path) => outages.baseline(path)));
  const pooled = highest(before);
  const noisiest = noisiestOf(noise.values(), before);
  const beforeOf = (path: PathStream): Noise => noise.get(path) ?? { all: 0, ...NOTHING, errors: NOTHING };
  return {
    fail: FAIL_RISK / comparisonsOf(header, judged),
    pass: PASS_RISK,
    allowed: 1 - header.scenario.expect.steadyState.goodAtLeast,
    before,
    isCommon: [...noise.values()].filter(({ errors }) => errors.bad > 0).length * 2 >= Math.max(1, paths.length),
    beforeOf,
    rateOf: remembered((path: PathStream) => {
      const own = beforeOf(path);
      const silent = noiseLimit({ bad: 0, all: own.all / before.burst });
      return own.bad > 0 ? highest(own) : Math.max(pooled, Math.min(silent, noisiest));
    }),
  };
}

/** Bursts vary: one of up to twice the size of the largest in a short baseline is nothing new. */
const LARGER_THAN_SEEN = 2;

/**
 * Whether nothing that the baseline did explains a group of errors among `among` requests of a path: neither the rate of
 * noise on it, nor errors as many at once, on the path itself, or on others where
 * errors were common to most paths.
 */
export function isOutage(risk: Risk, path: PathStream, group: { bad: number; span: number }, among: number): boolean {
  const own = risk.beforeOf(path);
  const seen = Math.max(own.errors.largest, risk.isCommon ? risk.before.errors.largest : 0);
  if (group.bad <= LARGER_THAN_SEEN * seen) return false;
  // A few errors of its own tell little of how large its bursts are, and are held against it no more than none.
  const burst = Math.max(own.burst, risk.before.burst);
  const scaled = { bad: Math.max(1, group.bad / burst), span: Math.max(1, group.span / burst) };
  return chanceOfGroup(scaled, risk.rateOf(path), among / burst) < risk.fail;
}

/**
 * Whether a group of errors is only what the path did before: no more often than the steady state allows, and than the whole
 * baseline did. Where every few requests fail, hardly a second is without errors, and the group goes on and on.
 */
export function goesOnAsBefore(
  risk: Risk,
  path: PathStream,
  { bad, span }: { readonly bad: number; readonly span: number },
): boolean {
  if (bad > span * risk.allowed) return false;
  const { all, errors } = risk.beforeOf(path);
  return chanceOfMore({ bad: errors.bad, all }, { bad, all: span }) >= risk.fail;
}

/** Whether a path that errs all the time, at the rate of its baseline, has so many bad requests in a row now and then. */
export function isUsualStreak(risk: Risk, path: PathStream, streak: number): boolean {
  const { all, errors } = risk.beforeOf(path);
  return noiseLimit({ bad: errors.bad, all }) ** streak >= PASS_RISK;
}

/** The chance that a path errs so often in `during` when it errs as before; its errors count by the burst. */
function chanceAsBefore(risk: Risk, path: PathStream, during: Count): number {
  const { all, errors } = risk.beforeOf(path);
  const burst = Math.max(errors.burst, risk.isCommon ? risk.before.errors.burst : 1);
  const perBurst = ({ bad, all: n }: Count): Count => ({ bad: bad / burst, all: n / burst });
  return chanceOfMore(perBurst({ bad: errors.bad, all }), perBurst(during));
}

/** Whether so many errors are more than the path had before, by a two-sample exact test. */
export function isMoreThanNoise(risk: Risk, path: PathStream, during: Count): boolean {
  return chanceAsBefore(risk, path, during) < risk.fail;
}

/** Whether the path erred as well before, and so many errors are nothing new: no more often, and no more than is steady. */
export function isUsualNoise(risk: Risk, path: PathStream, during: Count): boolean {
  const isSteady = during.bad <= during.all * risk.allowed;
  return risk.beforeOf(path).bad > 0 && isSteady && chanceAsBefore(risk, path, during) >= PASS_RISK;
}
