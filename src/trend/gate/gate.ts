import { EXIT } from '../../model/exit.ts';
import type { RecordedRun } from '../recorded-run.ts';
import {
  type Answer,
  answerErrors,
  answerEveryRun,
  answerPassRate,
  answerRecovery,
  answerUndecided,
  type Decision,
  type Risks,
  worstDecision,
} from './answers.ts';
import type { FoundRuns, Gate, GateGroup, Mixed } from './found.ts';
import { isAnythingRequired, type Requirements } from './requirements.ts';
import { completed, type Settled, type Tally, tallyOf } from './tally.ts';
import { answerText } from './words.ts';

const CODES: Readonly<Record<Decision, number>> = {
  met: EXIT.pass,
  'not-met': EXIT.objectiveFailed,
  undecided: EXIT.inconclusive,
};

/**
 * Decides whether many runs show what is required. Runs of each scenario on each target are a group, and every group must
 * show all of it, so that met is no less certain for there being several; of not met the risk is shared among the
 * questions.
 */
export function gate(found: FoundRuns, requirements: Requirements): Gate {
  const parted = groupsOf(found.runs);
  const risks = risksOf(requirements, parted.length);
  const groups = parted.map((runs) => groupOf(runs, requirements, risks));
  const open = groups.reduce((sum, { tally }) => sum + tally.undecided, found.unreadable.length);
  const all = found.runs.length + found.unreadable.length;
  const undecided = answerUndecided(requirements.maxUndecided, open, all);
  const isShowable = groups.length > 0 && found.leftBehind.length === 0;
  const answered = worstDecision([...groups.map((group) => group.decision), undecided.decision]);
  const decision = answered === 'met' && !isShowable ? 'undecided' : answered;
  const { unreadable, repeated, leftBehind } = found;
  const exitCode = leftBehind.length > 0 ? EXIT.undoIncomplete : CODES[decision];
  return {
    format: 'faultline/gate/v1',
    decision,
    exitCode,
    requirements,
    groups,
    undecided,
    unreadable,
    repeated,
    leftBehind,
  };
}

/**
 * Whether no outcome of `remaining` further runs of one scenario can change what the gate says, so that a series may end
 * here (curtailment). Every decision is the one of the whole series, so ending early adds nothing to its risks. The best, the
 * worst and only undecided runs stand for all: a run that ends as it must never makes a decision worse, one that does not
 * never better.
 */
export function isFinal(runs: readonly RecordedRun[], remaining: number, requirements: Requirements): boolean {
  const tally = tallyOf(runs, requirements.expected);
  const risks = risksOf(requirements, 1);
  const decide = (counts: Tally): Decision =>
    worstDecision(answersOf(counts, requirements, risks).map(({ decision }) => decision));
  const now = decide(tally);
  const ways: readonly Settled[] = ['hit', 'miss', 'undecided'];
  return ways.every((how) => decide(completed(tally, remaining, how)) === now);
}

/** Whether more runs have decided nothing than may of `times`, so that the rest of a series could not meet it. */
export function isBeyondBound(runs: readonly RecordedRun[], times: number, requirements: Requirements): boolean {
  const { undecided } = tallyOf(runs, requirements.expected);
  return answerUndecided(requirements.maxUndecided, undecided, times).decision === 'undecided';
}

/**
 * Why no outcome of so many runs could meet what is required, or undefined: better said before the first of them.
 */
export function hopeless(runs: number, requirements: Requirements): string | undefined {
  const best = completed(tallyOf([]), runs, 'hit');
  const answers = answersOf(best, requirements, risksOf(requirements, 1));
  const short = answers.find(({ decision }) => decision !== 'met');
  return short === undefined ? undefined : answerText(short, requirements.confidence);
}

function risksOf({ confidence, passRate, recovery }: Requirements, groups: number): Risks {
  const questions = groups * [passRate, recovery].filter((one) => one !== undefined).length;
  const met = 1 - confidence;
  return { met, notMet: met / Math.max(1, questions) };
}

function answersOf(tally: Tally, requirements: Requirements, risks: Risks): Answer[] {
  const { passRate, recovery, errors, maxUndecided } = requirements;
  const { hits, misses, undecided } = tally;
  return [
    ...(isAnythingRequired(requirements) ? [] : [answerEveryRun(tally)]),
    ...(passRate === undefined ? [] : [answerPassRate(passRate, tally, risks)]),
    ...(recovery === undefined ? [] : [answerRecovery(recovery, tally, risks)]),
    ...(errors === undefined ? [] : [answerErrors(errors, tally)]),
    answerUndecided(maxUndecided, undecided, hits + misses + undecided),
  ];
}

function groupOf(runs: readonly RecordedRun[], requirements: Requirements, risks: Risks): GateGroup {
  const [first] = runs as [RecordedRun];
  const tally = tallyOf(runs, requirements.expected);
  const answers = answersOf(tally, requirements, risks);
  return {
    scenario: first.scenario.name,
    target: first.target,
    runs: runs.length,
    tally,
    mixed: mixedOf(runs),
    answers,
    decision: worstDecision(answers.map(({ decision }) => decision)),
  };
}

/** Runs of one scenario on one target each, by name. */
export function groupsOf(runs: readonly RecordedRun[]): RecordedRun[][] {
  const groups = Map.groupBy(runs, ({ scenario, target }) => JSON.stringify([scenario.name, target.kind, target.name]));
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** What differs between runs that are taken for repetitions of one another. */
function mixedOf(runs: readonly RecordedRun[]): Mixed[] {
  const names = [...new Set(runs.flatMap(({ versions }) => Object.keys(versions)))].sort();
  const facts = [
    { what: 'scenario file', of: ({ scenario }: RecordedRun) => scenario.sha256.slice(0, 12) },
    ...names.map((name) => ({ what: name, of: ({ versions }: RecordedRun) => versions[name] ?? 'unknown' })),
  ];
  return facts.flatMap(({ what, of }) => {
    const values = [...Map.groupBy(runs, of)].map(([value, group]) => ({ value, runs: group.length }));
    return values.length < 2 ? [] : [{ what, values: values.sort((a, b) => b.runs - a.runs) }];
  });
}
