import { emptyRecord } from '../../model/record-codec.ts';
import { OutageTracker } from '../facts/outage-tracker.ts';
import type { OutageBook } from '../facts/outages.ts';
import { isMoreThanNoise, isOutage, riskOf } from '../facts/risk.ts';
import { misses } from '../facts/share.ts';
import type { PathStream } from '../ingest/path.ts';
import { faultOn, headerOf } from './world.ts';

const RULE = { consecutive: 5, lastingMs: 1_000 };

/** How many requests of each path fall into a part of the run, and how apart they are, in seconds. */
type Sizes = { readonly paths: number; readonly each: number; readonly spacing: number };

/** One path through one part of a run; `bad` are the numbers of its bad requests. */
function track({ each, spacing }: Sizes, bad: readonly number[]): OutageTracker {
  const tracker = new OutageTracker(0, { start: 0, end: each * spacing * 1e6 }, RULE);
  const isBad = new Set(bad);
  for (let i = 0; i < each; i++) {
    const due = i * spacing * 1e6;
    const record = { ...emptyRecord(), due, start: due + 100, end: due + 3000 };
    if (isBad.has(i)) tracker.addBad(record, undefined, due, undefined);
    else tracker.addGood(record, undefined);
  }
  return tracker;
}

/**
 * Puts the comparisons that could fail a run of many paths and one stage to the same judges as the analysis does, without
 * its files: the steady state of each path, its outages in the stage and on the way home, its share at the end. `draw` gives
 * the bad requests of a path in the baseline, the stage, the way home and the end. How many of the paths fail?
 */
export function failingPaths(sizes: Sizes, target: number, draw: (path: number) => readonly number[]): number {
  const clean = track(sizes, []);
  const part = (path: number): OutageTracker => {
    const bad = draw(path);
    return bad.length === 0 ? clean : track(sizes, bad);
  };
  const streams = Array.from({ length: sizes.paths }, (_, row) => ({ row }) as PathStream);
  const before = streams.map(({ row }) => part(row));
  const header = headerOf({
    rate: 1 / sizes.spacing,
    timeoutMs: 1000,
    latencyMs: 1000,
    faults: [faultOn('north-a')],
    expect: { steadyState: { goodAtLeast: target }, failoverOrder: [], ejections: [] },
    durations: { baselineMs: 0, holdMs: 0, recoverMs: 0 },
  });
  const book = { baseline: ({ row }: PathStream) => before[row] } as unknown as OutageBook;
  const risk = riskOf(header, { paths: streams, stages: 1, counted: 0, comparisons: () => 0 }, book);
  const isLow = ({ bad, total }: OutageTracker): boolean =>
    misses(risk, { hits: total - bad, all: total, effect: 1 }, target) === 'surely';
  const isDown = (path: PathStream, { bad, total, outages }: OutageTracker): boolean =>
    bad > 0 &&
    (isMoreThanNoise(risk, path, { bad, all: total }) || outages.some((outage) => isOutage(risk, path, outage, total)));
  return streams.filter((path) => {
    const [stage, home, end] = [part(path.row), part(path.row), part(path.row)];
    return isLow(before[path.row] as OutageTracker) || isDown(path, stage) || isDown(path, home) || isLow(end);
  }).length;
}
