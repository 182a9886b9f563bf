import { lowerLimit, upperLimit } from '../../stats/index.ts';
import type { RecordedRun } from '../recorded-run.ts';

/** The risk on each side of an interval of 95 %. */
const SIDE = 0.025;

/** A share of counted ones, with its interval of 95 % (Clopper and Pearson). */
export type Rate = { readonly hits: number; readonly n: number; readonly lo: number; readonly hi: number };

const known = new Map<string, Rate>();

/** The same few counts come again and again along a trend. */
function rateOf(hits: number, n: number): Rate {
  const key = `${hits}/${n}`;
  const rate = known.get(key) ?? { hits, n, lo: lowerLimit(hits, n, SIDE), hi: upperLimit(hits, n, SIDE) };
  known.set(key, rate);
  return rate;
}

/** Something that was another from this run on. */
export type Turn = { readonly at: number; readonly changes: readonly string[] };

/** The runs of one scenario on one target, in order of time. */
export type Trend = {
  readonly scenario: string;
  readonly target: RecordedRun['target'];
  readonly runs: readonly RecordedRun[];
  readonly passRate: Rate;
  /**
   * Of the decided runs that follow another one of the same scenario file and versions: those that ended otherwise, so that
   * nothing that is known explains it.
   */
  readonly flakes: Rate;
  readonly turns: readonly Turn[];
  /** Findings that have failed, most often first. */
  readonly failing: readonly { readonly id: string; readonly rate: Rate; readonly last: string }[];
};

const isDecided = ({ outcome }: RecordedRun): boolean => outcome === 'pass' || outcome === 'fail';

function setupOf({ scenario, versions }: RecordedRun): Record<string, string> {
  return { 'scenario file': scenario.sha256.slice(0, 12), ...versions };
}

function turnsOf(runs: readonly RecordedRun[]): Turn[] {
  return runs.flatMap((run, at) => {
    const before = runs[at - 1];
    if (before === undefined) return [];
    const [was, is] = [setupOf(before), setupOf(run)];
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name]);
    const changes = names.map((name) => `${name} ${was[name] ?? 'none'} → ${is[name] ?? 'none'}`);
    return changes.length === 0 ? [] : [{ at, changes }];
  });
}

function flakesOf(runs: readonly RecordedRun[]): Rate {
  const decided = runs.filter(isDecided);
  const pairs = decided.flatMap((run, at) => {
    const before = decided[at - 1];
    const isSame = before !== undefined && JSON.stringify(setupOf(before)) === JSON.stringify(setupOf(run));
    return isSame ? [before.outcome !== run.outcome] : [];
  });
  return rateOf(pairs.filter((flipped) => flipped).length, pairs.length);
}

function failingOf(runs: readonly RecordedRun[]): Trend['failing'] {
  const found = new Map<string, { fails: number; n: number; last: string }>();
  for (const { findings, startedAt } of runs) {
    for (const { id, verdict } of findings) {
      if (verdict === 'inconclusive') continue;
      const one = found.get(id) ?? { fails: 0, n: 0, last: '' };
      found.set(id, {
        fails: one.fails + (verdict === 'fail' ? 1 : 0),
        n: one.n + 1,
        last: verdict === 'fail' ? startedAt : one.last,
      });
    }
  }
  return [...found]
    .filter(([, { fails }]) => fails > 0)
    .sort(([a, { fails: x }], [b, { fails: y }]) => y - x || (a < b ? -1 : 1))
    .map(([id, { fails, n, last }]) => ({ id, rate: rateOf(fails, n), last }));
}

/** What many runs of one kind say; `runs` are in order of time, and at least one. */
export function trendOf(runs: readonly RecordedRun[]): Trend {
  const [first] = runs as [RecordedRun];
  const passes = runs.filter(({ outcome }) => outcome === 'pass').length;
  return {
    scenario: first.scenario.name,
    target: first.target,
    runs,
    passRate: rateOf(passes, runs.filter(isDecided).length),
    flakes: flakesOf(runs),
    turns: turnsOf(runs),
    failing: failingOf(runs),
  };
}

/** Decided runs that a point of the moving pass rate is made of. */
export const WINDOW = 20;

/** At each run, the pass rate of the last decided runs up to it. */
export function movingRate(runs: readonly RecordedRun[]): Rate[] {
  const window: boolean[] = [];
  return runs.map((run) => {
    if (isDecided(run)) window.push(run.outcome === 'pass');
    if (window.length > WINDOW) window.shift();
    return rateOf(window.filter((passed) => passed).length, window.length);
  });
}
