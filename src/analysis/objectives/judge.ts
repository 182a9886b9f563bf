import { messageOf } from '../../model/errors.ts';
import type { Finding } from '../../model/finding.ts';
import type { Budget, Failback, Ladder, PutBack } from '../../model/result.ts';
import type { RecordedScenario } from '../../model/scenario.ts';
import type { Case } from '../facts/case.ts';
import type { Comparisons } from '../facts/comparisons.ts';
import { remembered } from '../facts/remembered.ts';
import { spendingOf } from './error-budget/spending.ts';
import { failbacksOf } from './failback/judge.ts';
import { judgeFailoverOrder } from './failover-order/judge.ts';
import { finding } from './finding.ts';
import type { Criterion } from './objective.ts';
import type { Parts } from './parts.ts';
import { putBackOf } from './put-back.ts';

export type Judgements = {
  /** In the order of the list. */
  readonly findings: readonly Finding[];
  readonly putBack: PutBack;
  readonly budget: Budget;
  readonly ladders: readonly Ladder[];
  readonly failbacks: readonly Failback[];
};

/** A judge that throws costs its own finding, which is then open, and no other. */
function safely({ name, subject = 'judge' }: Criterion, work: () => readonly (Finding | undefined)[]): Finding[] {
  try {
    return work().filter((one) => one !== undefined);
  } catch (error) {
    return [
      finding({
        objective: name,
        subject,
        verdict: 'inconclusive',
        title: `${name} could not be judged`,
        story: `The judge of ${name} failed: ${messageOf(error)}.`,
        samples: 0,
        evidence: [],
        cause: `a bug in faultline: ${messageOf(error)}`,
        hint: 'Keep the run folder: with it the run can be judged again by a newer version (faultline analyze).',
      }),
    ];
  }
}

/** A clause that nobody in the list judges must not pass in silence: another version wrote the run. */
function unknown(run: Case, objectives: readonly Criterion[]): Finding[] {
  const names = Object.keys(run.scenario.expect).filter((key) => objectives.every(({ name }) => name !== key));
  return names.map((objective) =>
    finding({
      objective,
      subject: 'judge',
      verdict: 'inconclusive',
      title: `${objective} could not be judged`,
      story: `The scenario asks for ${objective}, which is no objective of this version of faultline.`,
      samples: 0,
      evidence: [],
      cause: 'this version of faultline does not know the objective',
      hint: `Judge it with the version that made the run: ${run.facts.header.tool.version}.`,
    }),
  );
}

/** Where it cannot be told, nothing is taken for put back. */
const UNKNOWN_PUT_BACK: PutBack = {
  state: 'incomplete',
  objects: [],
  leftovers: [],
  steadyAfter: null,
  detail: 'A bug in faultline keeps from telling whether everything was put back.',
};

/** What the objectives of a list add to the comparisons of a run. */
export function comparisonsOf(scenario: RecordedScenario, objectives: readonly Criterion[]): Comparisons {
  return (over) => objectives.reduce((sum, { comparisons }) => sum + (comparisons?.(scenario, over) ?? 0), 0);
}

/** Puts every objective and invariant of a list to its judge. */
export function judge(run: Case, objectives: readonly Criterion[], parts: Parts): Judgements {
  const findings: Finding[] = [];
  const spending = remembered(spendingOf);
  const orders = remembered(judgeFailoverOrder);
  const putBack = remembered(() => {
    const after = findings.find(({ id }) => id === 'steadyState/after');
    return parts.make('put back', () => putBackOf(run.facts, after?.verdict), UNKNOWN_PUT_BACK);
  });
  const shared = { spending: () => spending(run), orders: () => orders(run), putBack: () => putBack(run) };
  for (const objective of objectives) findings.push(...safely(objective, () => objective.judge(run, shared)));
  findings.push(...unknown(run, objectives));
  return {
    findings,
    putBack: shared.putBack(),
    budget: parts.make('budget', () => shared.spending().budget, emptyBudget(run)),
    ladders: parts.make('failover ladders', () => shared.orders().ladders, []),
    failbacks: parts.make('failbacks', () => failbacksOf(run), []),
  };
}

function emptyBudget(run: Case): Budget {
  return {
    window: { start: 0, end: run.facts.end },
    good: 0,
    bad: 0,
    unknown: 0,
    paths: [],
    callers: [],
    notAsked: [],
    groups: [],
  };
}
