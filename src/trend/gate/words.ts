import { dirname, join } from 'node:path';
import { recoverCommand } from '../../model/recover-command.ts';
import { countText, formatNumber } from '../../report/format.ts';
import { type Expectation, expectationText } from '../expectation.ts';
import type { RunOutcome } from '../recorded-run.ts';
import type { Answer, Decision, ErrorsAnswer, PassRateAnswer, RecoveryAnswer, UndecidedAnswer } from './answers.ts';
import type { Gate, GateGroup, Mixed } from './found.ts';
import { percentileText, recoveryText } from './requirements.ts';

export const DECISION_WORDS = {
  met: { word: 'MET', shape: '✓', ascii: '[MET ]', key: 'met' },
  'not-met': { word: 'NOT MET', shape: '✗', ascii: '[FAIL]', key: 'not-met' },
  undecided: { word: 'NOT DECIDED', shape: '?', ascii: '[????]', key: 'undecided' },
} as const satisfies Readonly<Record<Decision, object>>;

export const ANSWER_TITLES: Readonly<Record<Answer['name'], string>> = {
  everyRun: 'every run',
  passRate: 'pass rate',
  recovery: 'recovery',
  errors: 'error budget',
  undecidedRuns: 'undecided runs',
};

/** 0.07 times 100 is 7.000000000000001. */
const timesHundred = (ratio: number): number => Number((ratio * 100).toPrecision(12));

/** Rounded so that it never reads as the bound it does not reach. */
function percent(ratio: number, edges: readonly number[] = []): string {
  return `${formatNumber(timesHundred(ratio), 1, [0, 100, ...edges.map(timesHundred)])} %`;
}

const runsText = (count: number): string => countText(count, 'run');

/** What is required, in words. */
export function requiredText(answer: Answer, expected: Expectation | undefined): string {
  const must = expected === undefined ? 'pass' : `end as expected (${expectationText(expected)})`;
  switch (answer.name) {
    case 'everyRun':
      return `all runs ${must}`;
    case 'passRate':
      return `at least ${percent(answer.required)} of runs ${must}`;
    case 'recovery':
      return recoveryText({ quantile: answer.quantile, withinMs: answer.within * 1000 });
    case 'errors':
      return `at most ${formatNumber(answer.required * 100, 6)} % of requests bad`;
    case 'undecidedRuns': {
      const { allowed } = answer;
      return `at most ${'runs' in allowed ? formatNumber(allowed.runs, 0) : percent(allowed.share)}`;
    }
  }
}

function needsText({ needs }: { needs?: number }, misses: number, has: number): string {
  if (needs === undefined || needs <= has) return '';
  const how = misses === 0 ? 'without a miss' : `with no more than ${countText(misses, 'miss', 'misses')}`;
  return `; needs ${runsText(needs)} ${how}, has ${formatNumber(has, 0)}`;
}

function passRateText(answer: PassRateAnswer, confidence: number): string {
  const { hits, n, interval, atLeast, atMost, required } = answer;
  if (interval === undefined) return `no run was decided${needsText(answer, 0, 0)}`;
  const sure = `${formatNumber(confidence * 100, 4)} %`;
  const shown = `shown with ${sure}: at least ${percent(atLeast, [required])}, at most ${percent(atMost, [required])}`;
  const span = `${sure} interval ${percent(interval.lo)} to ${percent(interval.hi)} (Clopper-Pearson)`;
  const rate = `${formatNumber(hits, 0)} of ${formatNumber(n, 0)} = ${percent(hits / n, [required])}`;
  return `${rate}; ${span}; ${shown}${needsText(answer, n - hits, n)}`;
}

function recoveryAnswerText(answer: RecoveryAnswer, confidence: number): string {
  const { atMost, atLeast, within, misses, n, quantile, unmeasured } = answer;
  const seconds = (value: number): string => `${formatNumber(value, 2, [within])} s`;
  const name = percentileText(quantile);
  const low = atLeast === null ? '' : ` and at least ${seconds(atLeast)}`;
  const limits =
    atMost === null
      ? `no upper limit of ${name} yet${atLeast === null ? '' : `, at least ${seconds(atLeast)}`}`
      : `${name} at most ${seconds(atMost)}${low}`;
  const late = `${formatNumber(misses, 0)} of ${runsText(n)} not shown to be within ${seconds(within)}`;
  const without = unmeasured === 0 ? '' : `; ${runsText(unmeasured)} without spec.expect.recoveryTime`;
  const sure = `${formatNumber(confidence * 100, 4)} %`;
  return `${limits} with ${sure} (order statistics); ${late}${without}${needsText(answer, misses, n)}`;
}

function errorsText({ bad, all, lo, hi, required }: ErrorsAnswer): string {
  if (all === 0) return 'no request was counted';
  const share = lo === hi ? percent(hi, [required]) : `${percent(lo, [required])} to ${percent(hi, [required])}`;
  const allowed = formatNumber(Math.floor(required * all + 1e-9), 0);
  return `${formatNumber(bad, 0)} of ${formatNumber(all, 0)} requests bad = ${share}, allowed ${allowed}`;
}

function undecidedText({ undecided, n }: UndecidedAnswer): string {
  return `${formatNumber(undecided, 0)} of ${runsText(n)}`;
}

/** What was found, in words. */
export function answerText(answer: Answer, confidence: number): string {
  switch (answer.name) {
    case 'everyRun':
      return `${formatNumber(answer.hits, 0)} of ${runsText(answer.n)}`;
    case 'passRate':
      return passRateText(answer, confidence);
    case 'recovery':
      return recoveryAnswerText(answer, confidence);
    case 'errors':
      return errorsText(answer);
    case 'undecidedRuns':
      return undecidedText(answer);
  }
}

const OUTCOME_WORDS: Readonly<Record<RunOutcome, string>> = {
  pass: 'pass',
  fail: 'fail',
  inconclusive: 'inconclusive',
  'not-tested': 'not tested',
  error: 'error',
};

/** `61 runs: 59 pass, 1 fail, 1 inconclusive, 0 not tested, 0 error` */
export function outcomesText({ runs, tally }: Pick<GateGroup, 'runs' | 'tally'>): string {
  const counts = Object.entries(tally.outcomes).map(
    ([outcome, count]) => `${formatNumber(count, 0)} ${OUTCOME_WORDS[outcome as RunOutcome]}`,
  );
  return `${runsText(runs)}: ${counts.join(', ')}`;
}

const MOST_VALUES = 5;

export function mixedText({ what, values }: Mixed): string {
  const shown = values.slice(0, MOST_VALUES).map(({ value, runs }) => `${value} (${formatNumber(runs, 0)})`);
  const more = values.length > MOST_VALUES ? ` and ${values.length - MOST_VALUES} more` : '';
  return `mixed: ${values.length} values of ${what}: ${shown.join(', ')}${more}`;
}

/** What is to be done about a run that has left something, by the path of its result. */
export function leftText(path: string): string {
  const out = join(dirname(path), '..');
  return `something is not put back: ${recoverCommand({ out, target: undefined })}`;
}

/** What must be known of the files, a line each. */
export function noticesOf({ unreadable, repeated, leftBehind, groups }: Gate): string[] {
  return [
    ...leftBehind.map((path) => `left behind: ${path}: ${leftText(path)}`),
    ...unreadable.map(({ path, problem }) => `unreadable: ${path}: ${problem}`),
    ...repeated.map((path) => `found twice, counted once: ${path}`),
    ...(groups.length > 1
      ? [`${groups.length} groups of runs, each judged by itself: all must meet what is required`]
      : []),
  ];
}

/** The one reason: the first answer that decided, in one sentence. */
export function reasonOf(gate: Gate): string {
  const { decision, groups, undecided, requirements } = gate;
  if (gate.leftBehind.length > 0) return `${runsText(gate.leftBehind.length)} left something behind`;
  const answers = groups.flatMap(({ scenario, answers: own }) => own.map((answer) => ({ scenario, answer })));
  const first = answers.find(({ answer }) => answer.decision === decision);
  if (first === undefined) return `undecided runs: ${undecidedText(undecided)}`;
  const { scenario, answer } = first;
  const where = groups.length > 1 ? `${scenario}: ` : '';
  return `${where}${ANSWER_TITLES[answer.name]}: ${answerText(answer, requirements.confidence)}`;
}
