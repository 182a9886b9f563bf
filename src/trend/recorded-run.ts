import type { Finding } from '../model/finding.ts';
import { slowestRate } from '../model/rates.ts';
import type { RunResult } from '../model/result.ts';
import { faceOf } from '../report/face.ts';

/**
 * How a run ended. `fail`: it was judged so, or aborted because more requests were bad than it may cost. `not-tested`: no fault
 * was ever on. `error`: it was aborted for another reason or interrupted, failed by a bug, or has left something behind. These
 * two and `inconclusive` decide nothing.
 */
export const RUN_OUTCOMES = ['pass', 'fail', 'inconclusive', 'not-tested', 'error'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** Seconds; `hi: null` is longer than anybody looked. */
export type Interval = { readonly lo: number; readonly hi: number | null };

/** Bad requests of a run from its injection to the end of its undo, among all. */
export type Errors = {
  readonly bad: number;
  /** Of `bad`: those that noise of the baseline may explain. */
  readonly doubtful: number;
  readonly unknown: number;
  readonly all: number;
};

/** What is kept of a run where many are looked at. */
export type RecordedRun = {
  /** The file it was read from. */
  readonly path: string;
  readonly runId: string;
  readonly scenario: { readonly name: string; readonly sha256: string };
  readonly target: { readonly name: string; readonly kind: string };
  /** Of faultline, and of all that took part. */
  readonly versions: Readonly<Record<string, string>>;
  readonly startedAt: string;
  readonly outcome: RunOutcome;
  readonly exitCode: number;
  readonly reason: string;
  readonly findings: readonly Pick<Finding, 'id' | 'objective' | 'verdict'>[];
  /** The longest recovery of any path; absent where none was measured. */
  readonly recovery?: Interval;
  /** Seconds: what the scenario promises of it. */
  readonly recoveryWithin?: number;
  /** Absent where no fault was on. */
  readonly errors?: Errors;
};

/** What is kept of a result that was read from `path`. */
export function recordedRun(result: RunResult, path: string): RecordedRun {
  const { run, startedAt, exitCode, reason, findings } = result;
  const outcome = outcomeOf(result);
  const recovery = recoveryOf(result);
  const { scenario, target, tool, versions } = run;
  const promised = findings.find(({ objective }) => objective === 'recoveryTime');
  return {
    path,
    runId: run.runId,
    scenario: { name: scenario.name, sha256: scenario.source.sha256 },
    target: { name: target.name, kind: target.kind },
    versions: { faultline: tool.version, ...versions },
    startedAt,
    outcome,
    exitCode,
    reason,
    findings: findings.map(({ id, objective, verdict }) => ({ id, objective, verdict })),
    ...(recovery !== undefined && { recovery }),
    ...(promised?.target !== undefined && { recoveryWithin: promised.target.value }),
    ...(outcome !== 'not-tested' && { errors: errorsOf(result) }),
  };
}

function outcomeOf(result: RunResult): RunOutcome {
  if (result.putBack.state === 'incomplete') return 'error';
  const face = faceOf(result);
  if (face === 'untested') return 'not-tested';
  if (hasHurt(result)) return 'fail';
  return result.status === 'completed' ? face : 'error';
}

/** Left out, such a run would make the others look better. */
function hasHurt({ status, abortConditions = [] }: RunResult): boolean {
  return status === 'aborted' && abortConditions.some(({ condition, ends }) => ends && condition === 'errorShare');
}

function errorsOf({ budget }: RunResult): Errors {
  const { good, bad, unknown, paths } = budget;
  const doubtful = paths.reduce((sum, path) => sum + path.doubtful, 0);
  return { bad, doubtful: Math.min(bad, doubtful), unknown, all: good + bad + unknown };
}

function recoveryOf(result: RunResult): Interval | undefined {
  if (faceOf(result) === 'untested') return undefined;
  if (hasHurt(result)) return { lo: 0, hi: null };
  const gap = 1 / slowestRate(result.run.scenario.load);
  const spans = result.findings.flatMap((finding) =>
    finding.objective === 'recoveryTime' ? spanOf(finding, gap) : [],
  );
  if (spans.length === 0) return undefined;
  const ends = spans.map(({ hi }) => hi);
  if (result.recoveries.some(({ state }) => state === 'not-recovered')) ends.push(null);
  return {
    lo: Math.max(...spans.map(({ lo }) => lo)),
    hi: ends.includes(null) ? null : Math.max(...ends.map((hi) => hi ?? 0)),
  };
}

/**
 * A path that was not impacted had no outage longer than the gap between its requests. What a finding could not decide
 * may have been any time; where no outage was seen either, it says nothing of a recovery.
 */
function spanOf({ verdict, measured }: Finding, gap: number): Interval[] {
  if (verdict === 'inconclusive') return measured === undefined ? [] : [{ lo: 0, hi: null }];
  if (measured === undefined) return [{ lo: 0, hi: verdict === 'pass' ? gap : null }];
  return [{ lo: measured.lo, hi: measured.hi }];
}
