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
import { judgeOrderHome } from './order-home.ts';
import type { Parts } from './parts.ts';
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

/** What several parts of a result are made of, each worked out once. */
type Shared = { readonly spending: () => Spending; readonly orders: () => OrderJudgement };
type Judge = (it: Case, shared: Shared) => readonly (Finding | undefined)[];

/** Every objective and guard with its judge, and the subject of its one finding where it has only one. */
const JUDGES: readonly (readonly [Objective, Judge, subject?: string])[] = [
  ['faultEffect', judgeFaultEffects],
  ['loadQuality', (it) => [judgeLoadQuality(it)], 'load'],
  ['steadyState', judgeSteadyState],
  ['steadyState', (it) => [judgeSteadyAfter(it)], 'after'],
  ['failoverOrder', (_, { orders }) => orders().findings],
  ['recoveryTime', judgeRecoveryTime],
  ['errorBudget', (it, { spending }) => judgeErrorBudget(it, spending)],
  ['unaffected', judgeUnaffected],
  ['ejections', judgeEjections],
  ['failback', judgeFailback],
  ['wayHome', (it) => [judgeWayHome(it)], 'paths'],
  ['wayHome', judgeOrderHome, 'order'],
];

/** A judge that throws costs its own finding, which is then open, and no other. */
function safely(objective: Objective, work: () => readonly (Finding | undefined)[], subject = 'judge'): Finding[] {
  try {
    return work().filter((one) => one !== undefined);
  } catch (error) {
    return [
      finding({
        objective,
        subject,
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

/** Where it cannot be told, nothing is taken for put back. */
const UNKNOWN_PUT_BACK: PutBack = {
  state: 'incomplete',
  objects: [],
  leftovers: [],
  steadyAfter: null,
  detail: 'A bug in faultline keeps from telling whether everything was put back.',
};

/** Puts every objective of a run to its judge. */
export function judge(it: Case, parts: Parts): Judgements {
  const spendingOnce = remembered(spendingOf);
  const ordersOnce = remembered(judgeFailoverOrder);
  const shared: Shared = { spending: () => spendingOnce(it), orders: () => ordersOnce(it) };
  const findings = JUDGES.flatMap(([objective, work, subject]) => safely(objective, () => work(it, shared), subject));
  const after = findings.find(({ id }) => id === 'steadyState/after');
  const putBack = parts.make('put back', () => putBackOf(it.facts, after?.verdict), UNKNOWN_PUT_BACK);
  const all = [...findings, ...safely('putBack', () => [judgePutBack(it, putBack)], 'clusters')];
  const rank = (objective: Objective): number => OBJECTIVES.indexOf(objective);
  return {
    findings: all.sort((a, b) => rank(a.objective) - rank(b.objective)),
    putBack,
    budget: parts.make('budget', () => shared.spending().budget, emptyBudget(it)),
    ladders: parts.make('failover ladders', () => shared.orders().ladders, []),
    failbacks: parts.make('failbacks', () => failbacksOf(it), []),
  };
}

function emptyBudget(it: Case): Budget {
  return {
    window: { start: 0, end: it.facts.end },
    good: 0,
    bad: 0,
    unknown: 0,
    paths: [],
    callers: [],
    notAsked: [],
    groups: [],
  };
}
