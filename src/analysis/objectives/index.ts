import { messageOf } from '../../model/errors.ts';
import { type Finding, OBJECTIVES, type Objective } from '../../model/finding.ts';
import type { Budget, Failback, Ladder, PutBack } from '../../model/result.ts';
import type { Case } from '../facts/case.ts';
import { remembered } from '../facts/remembered.ts';
import { judgeEjections } from './ejections.ts';
import { judgeErrorBudget, type Spending, spendingOf } from './error-budget.ts';
import { failbacksOf, judgeFailback } from './failback.ts';
import { judgeFailoverOrder, type OrderJudgement } from './failover-order.ts';
import { judgeFaultEffects } from './fault-effect.ts';
import { finding } from './finding.ts';
import { judgeLoadQuality } from './load-quality.ts';
import { judgePutBack, putBackOf } from './put-back.ts';
import { judgeRecoveryTime } from './recovery-time.ts';
import { judgeSteadyAfter } from './steady-after.ts';
import { judgeSteadyState } from './steady-state.ts';
import { judgeUnaffected } from './unaffected.ts';
import { judgeWayHome } from './way-home.ts';

export type Judgements = {
  /** In order of the objectives. */
  readonly findings: readonly Finding[];
  readonly putBack: PutBack;
  readonly budget: Budget;
  readonly ladders: readonly Ladder[];
  readonly failbacks: readonly Failback[];
};

/** What several parts of a result are made of. */
type Shared = { readonly spending: Spending; readonly orders: () => OrderJudgement };
type Judge = (it: Case, shared: Shared) => readonly (Finding | undefined)[];

/** Every objective and guard with its judge. */
const JUDGES: readonly (readonly [Objective, Judge])[] = [
  ['faultEffect', judgeFaultEffects],
  ['loadQuality', (it) => [judgeLoadQuality(it)]],
  ['steadyState', judgeSteadyState],
  ['steadyState', (it) => [judgeSteadyAfter(it)]],
  ['failoverOrder', (_, { orders }) => orders().findings],
  ['recoveryTime', judgeRecoveryTime],
  ['errorBudget', (it, { spending }) => judgeErrorBudget(it, spending)],
  ['unaffected', judgeUnaffected],
  ['ejections', judgeEjections],
  ['failback', judgeFailback],
  ['wayHome', (it) => [judgeWayHome(it)]],
];

/** A judge that throws costs its own finding, which is then open, and no other. */
export function safely(objective: Objective, work: () => readonly (Finding | undefined)[]): Finding[] {
  try {
    return work().filter((one) => one !== undefined);
  } catch (error) {
    return [
      finding({
        objective,
        id: `${objective}/judge`,
        subject: 'judge',
        verdict: 'inconclusive',
        title: `${objective} could not be judged`,
        story: `The judge of ${objective} failed: ${messageOf(error)}.`,
        samples: 0,
        evidence: [],
        cause: `a bug in faultline: ${messageOf(error)}`,
        hint: 'Keep the run folder: with it the run can be judged again by a newer version (faultline analyze).',
      }),
    ];
  }
}

/** The same for what is no finding. */
function orElse<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

/** Puts every objective of a run to its judge. */
export function judge(it: Case): Judgements {
  const nothing: Spending = { budget: emptyBudget(it), charged: [], leastPerCaller: 0 };
  const spending = orElse(() => spendingOf(it), nothing);
  const orderOf = remembered(judgeFailoverOrder);
  const shared = { spending, orders: () => orderOf(it) };
  const findings = JUDGES.flatMap(([objective, work]) => safely(objective, () => work(it, shared)));
  const after = findings.find(({ id }) => id === 'steadyState/after');
  const putBack = putBackOf(it.facts, after?.verdict);
  const all = [...findings, ...safely('putBack', () => [judgePutBack(it, putBack)])];
  const rank = (objective: Objective): number => OBJECTIVES.indexOf(objective);
  return {
    findings: all.sort((a, b) => rank(a.objective) - rank(b.objective)),
    putBack,
    budget: spending.budget,
    ladders: orElse(() => shared.orders().ladders, []),
    failbacks: orElse(() => failbacksOf(it), []),
  };
}

function emptyBudget(it: Case): Budget {
  return { window: it.windows.budget, good: 0, bad: 0, unknown: 0, paths: [], callers: [], notAsked: [], groups: [] };
}
