import { type Expectation, isAsExpected } from '../expectation.ts';
import { type Errors, type Interval, type RecordedRun, RUN_OUTCOMES, type RunOutcome } from '../recorded-run.ts';

/** What a gate counts of the runs of one group. */
export type Tally = {
  readonly outcomes: Readonly<Record<RunOutcome, number>>;
  /** Runs that ended as they must, and those that ended otherwise. */
  readonly hits: number;
  readonly misses: number;
  /** Runs that decided nothing. */
  readonly undecided: number;
  readonly recoveries: readonly Interval[];
  /** Runs of `recoveries` whose recovery nobody has judged. */
  readonly unmeasured: number;
  readonly errors: Errors;
};

export type Settled = 'hit' | 'miss' | 'undecided';

/** What a run says of the pass rate: whether it ended as expected. */
export function settled(
  run: RecordedRun,
  expected: Expectation = { verdict: 'pass', findings: [], besides: [] },
): Settled {
  const { outcome } = run;
  if (outcome === 'not-tested' || outcome === 'error') return 'undecided';
  if (isAsExpected(run, expected)) return 'hit';
  return outcome === 'inconclusive' ? 'undecided' : 'miss';
}

/** A recovery that nobody has judged may have been any time. */
const ANY_TIME: Interval = { lo: 0, hi: null };

function isDecided({ outcome }: RecordedRun): boolean {
  return outcome === 'pass' || outcome === 'fail';
}

export function tallyOf(runs: readonly RecordedRun[], expected?: Expectation): Tally {
  const ends = runs.map((run) => settled(run, expected));
  const number = (kind: Settled): number => ends.filter((end) => end === kind).length;
  const tested = runs.filter(({ outcome }) => outcome !== 'error');
  return {
    outcomes: Object.fromEntries(
      RUN_OUTCOMES.map((outcome) => [outcome, runs.filter((run) => run.outcome === outcome).length]),
    ) as Record<RunOutcome, number>,
    hits: number('hit'),
    misses: number('miss'),
    undecided: number('undecided'),
    recoveries: tested.flatMap((run) => run.recovery ?? (isDecided(run) ? [ANY_TIME] : [])),
    unmeasured: tested.filter((run) => run.recovery === undefined && isDecided(run)).length,
    errors: runs.reduce((sum, { errors }) => (errors === undefined ? sum : added(sum, errors)), NO_ERRORS),
  };
}

const NO_ERRORS: Errors = { bad: 0, doubtful: 0, unknown: 0, all: 0 };

function added(a: Errors, b: Errors): Errors {
  return {
    bad: a.bad + b.bad,
    doubtful: a.doubtful + b.doubtful,
    unknown: a.unknown + b.unknown,
    all: a.all + b.all,
  };
}

/** The counts as they would be, had the `remaining` runs all ended in one way: the best, the worst, or deciding nothing. */
export function completed(tally: Tally, remaining: number, how: Settled): Tally {
  if (remaining === 0) return tally;
  if (how === 'undecided') return { ...tally, undecided: tally.undecided + remaining };
  const span: Interval = how === 'hit' ? { lo: 0, hi: 0 } : { lo: Number.POSITIVE_INFINITY, hi: null };
  return {
    ...tally,
    hits: tally.hits + (how === 'hit' ? remaining : 0),
    misses: tally.misses + (how === 'miss' ? remaining : 0),
    recoveries: [...tally.recoveries, ...new Array<Interval>(remaining).fill(span)],
    // Nobody knows how many requests are to come: in the end all, or none, of nearly all of them may be bad.
    errors: { bad: how === 'hit' ? 0 : 1, doubtful: 0, unknown: 0, all: 1 },
  };
}
