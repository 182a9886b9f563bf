import type { RunHeader } from '../../model/history.ts';
import { type Count, chanceOfGroup, chanceOfMore, noiseLimit, PASS_RISK } from '../../stats/index.ts';
import type { PathStream } from '../ingest/path.ts';
import type { OutageTracker } from './outage-tracker.ts';
import type { OutageBook } from './outages.ts';

/** All comparisons of a run that could fail share this chance of failing a healthy run (Bonferroni). */
const FAIL_RISK = 0.01;

/** How many comparisons a run can fail by chance: every path before, in each stage, on the way home and at its end, and every order in each stage. */
export function comparisons({ scenario }: RunHeader, paths: number, stages: number): number {
  const perPath = 2 * stages + 4;
  return Math.max(1, paths * perPath + scenario.expect.failoverOrder.length * stages * 4);
}

/** What is chance, and what is not: the baseline's noise, and the risks that all judgements share. */
export type Risk = {
  /** The chance that one comparison fails a system that keeps its promise. */
  readonly fail: number;
  /** The chance that a promise that is just missed passes. */
  readonly pass: number;
  /** Bad and all requests of the baseline, over all paths. */
  readonly before: Count;
  /** The same of one path. */
  readonly beforeOf: (path: PathStream) => Count;
};

const countOf = ({ bad, total }: OutageTracker): Count => ({ bad, all: total });

export function riskOf(header: RunHeader, paths: readonly PathStream[], stages: number, outages: OutageBook): Risk {
  const counts = new Map(paths.map((path) => [path, countOf(outages.baseline(path))]));
  const sum = (pick: (count: Count) => number): number =>
    [...counts.values()].reduce((total, count) => total + pick(count), 0);
  return {
    fail: FAIL_RISK / comparisons(header, paths.length, stages),
    pass: PASS_RISK,
    before: { bad: sum(({ bad }) => bad), all: sum(({ all }) => all) },
    beforeOf: (path) => counts.get(path) ?? { bad: 0, all: 0 },
  };
}

/** What the baseline says about noise on a path: all paths together, or the path's own word where it erred there. */
export function noiseOf(risk: Risk, path: PathStream): Count {
  const own = risk.beforeOf(path);
  return own.bad > 0 ? own : risk.before;
}

/** Whether noise does not explain a group of errors among `among` requests of a path. */
export function isOutage(risk: Risk, path: PathStream, group: { bad: number; span: number }, among: number): boolean {
  return chanceOfGroup(group, noiseLimit(noiseOf(risk, path)), among) < risk.fail;
}

/** Whether so many errors are more than the noise of the baseline explains. */
export function isMoreThanNoise(risk: Risk, path: PathStream, during: Count): boolean {
  return chanceOfMore(noiseOf(risk, path), during) < risk.fail;
}

/** Whether the baseline erred as well, and so many errors are nothing new. */
export function isUsualNoise(risk: Risk, path: PathStream, during: Count): boolean {
  const before = noiseOf(risk, path);
  return before.bad > 0 && chanceOfMore(before, during) >= PASS_RISK;
}
