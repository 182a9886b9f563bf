import type { RunHeader } from '../../model/history.ts';
import { type Count, chanceOfGroup, chanceOfMore, noiseLimit, PASS_RISK } from '../../stats/index.ts';
import type { PathStream } from '../ingest/path.ts';
import type { OutageTracker } from './outage-tracker.ts';
import type { OutageBook } from './outages.ts';

/** All comparisons of a run that could fail share this chance of failing a healthy run (Bonferroni). */
const FAIL_RISK = 0.01;

/**
 * How many comparisons a run can fail by chance: every path before, in each stage, on the way home and at its end, and every
 * order in each stage. A planned fault counts as a stage, so that nothing is judged by another rule before it than after.
 */
export function comparisons({ scenario, faults }: RunHeader, paths: number, stages: number): number {
  const planned = Math.max(stages, faults.length);
  const perPath = 2 * planned + 4;
  return Math.max(1, paths * perPath + scenario.expect.failoverOrder.length * planned * 4);
}

/** What the baseline says about noise: bad requests but those of its own outages, all requests, and how the errors came. */
export type Noise = Count & {
  /** The largest burst of errors. */
  readonly largest: number;
  /** How many errors a burst has on average, as one error meets it; 1 where there are none. */
  readonly burst: number;
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
};

function noiseIn(trackers: readonly OutageTracker[]): Noise {
  const bursts = trackers.map((tracker) => tracker.bursts());
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
  const bad = sum(bursts.map((one) => one.bad));
  return {
    bad,
    all: sum(trackers.map(({ total }) => total)),
    largest: Math.max(0, ...bursts.map(({ largest }) => largest)),
    burst: bad === 0 ? 1 : sum(bursts.map(({ squares }) => squares)) / bad,
  };
}

export function riskOf(header: RunHeader, paths: readonly PathStream[], stages: number, outages: OutageBook): Risk {
  const noise = new Map(paths.map((path) => [path, noiseIn([outages.baseline(path)])]));
  return {
    fail: FAIL_RISK / comparisons(header, paths.length, stages),
    pass: PASS_RISK,
    allowed: 1 - header.scenario.expect.steadyState.goodAtLeast,
    before: noiseIn(paths.map((path) => outages.baseline(path))),
    isCommon: [...noise.values()].filter(({ bad }) => bad > 0).length * 2 >= Math.max(1, paths.length),
    beforeOf: (path) => noise.get(path) ?? { bad: 0, all: 0, largest: 0, burst: 1 },
  };
}

/** All paths together, or the path's own word where it erred there. */
function noiseOf(risk: Risk, path: PathStream): Noise {
  const own = risk.beforeOf(path);
  return own.bad > 0 ? own : risk.before;
}

/** Bursts vary: one of up to twice the size of the largest in a short baseline is nothing new. */
const LARGER_THAN_SEEN = 2;

/**
 * Whether noise does not explain a group of errors among `among` requests of a path: neither its rate, nor groups as large
 * before, on the path itself, or on others where errors were common to most paths.
 */
export function isOutage(risk: Risk, path: PathStream, group: { bad: number; span: number }, among: number): boolean {
  const before = noiseOf(risk, path);
  const isUsual = risk.beforeOf(path).bad > 0 || risk.isCommon;
  if (isUsual && group.bad <= LARGER_THAN_SEEN * before.largest) return false;
  const { burst } = before;
  const scaled = { bad: Math.max(1, group.bad / burst), span: Math.max(1, group.span / burst) };
  return chanceOfGroup(scaled, noiseLimit(perBurst(before, before)), among / burst) < risk.fail;
}

/** Counts in units of the baseline's bursts, because its errors are not independent. */
const perBurst = ({ bad, all }: Count, { burst }: Noise): Count => ({ bad: bad / burst, all: all / burst });

/** Whether so many errors are more than the noise of the baseline explains. */
export function isMoreThanNoise(risk: Risk, path: PathStream, during: Count): boolean {
  const before = noiseOf(risk, path);
  return chanceOfMore(perBurst(before, before), perBurst(during, before)) < risk.fail;
}

/** Whether the baseline erred as well, and so many errors are nothing new: no more often, and no more than is steady. */
export function isUsualNoise(risk: Risk, path: PathStream, during: Count): boolean {
  const before = noiseOf(risk, path);
  return (
    before.bad > 0 &&
    during.bad <= during.all * risk.allowed &&
    chanceOfMore(perBurst(before, before), perBurst(during, before)) >= PASS_RISK
  );
}
