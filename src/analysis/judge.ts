import type { Finding, Objective } from '../model/finding.ts';
import { OBJECTIVES, worstVerdict } from '../model/finding.ts';
import type { Budget, Failback, Ladder, PutBack } from '../model/result.ts';
import type { Case } from './case.ts';
import { judgeEjections } from './objectives/ejections.ts';
import { budgetOf, judgeErrorBudget } from './objectives/error-budget.ts';
import { judgeFailback } from './objectives/failback.ts';
import { judgeFailoverOrder } from './objectives/failover-order.ts';
import { judgeFaultEffects } from './objectives/fault-effect.ts';
import { judgeLoadQuality } from './objectives/load-quality.ts';
import { judgePutBack, putBackOf } from './objectives/put-back.ts';
import { judgeRecoveryTime } from './objectives/recovery-time.ts';
import { judgeSteadyAfter } from './objectives/steady-after.ts';
import { judgeSteadyState } from './objectives/steady-state.ts';
import { judgeUnaffected } from './objectives/unaffected.ts';

export type Judgements = {
  /** In order of the objectives. */
  readonly findings: readonly Finding[];
  readonly putBack: PutBack;
  readonly budget: Budget;
  readonly ladders: readonly Ladder[];
  readonly failbacks: readonly Failback[];
};

/** Puts every objective of a run to its judge. */
export function judge(it: Case): Judgements {
  const after = judgeSteadyAfter(it);
  const putBack = putBackOf(it.facts, after?.verdict);
  const budget = budgetOf(it);
  const effects = judgeFaultEffects(it);
  const order = judgeFailoverOrder(it);
  const failback = judgeFailback(it);
  const isProven = effects.length > 0 && worstVerdict(effects.map((finding) => finding.verdict)) === 'pass';
  const findings = [
    ...effects,
    judgeLoadQuality(it),
    ...judgeSteadyState(it),
    ...(after === undefined ? [] : [after]),
    ...order.findings,
    ...it.outcomes.flatMap((outcome) => judgeRecoveryTime(it, outcome)),
    ...judgeErrorBudget(it, budget),
    ...judgeUnaffected(it),
    ...judgeEjections(it, isProven),
    ...failback.findings,
    judgePutBack(it, putBack),
  ];
  const rank = (objective: Objective): number => OBJECTIVES.indexOf(objective);
  return {
    findings: findings.sort((a, b) => rank(a.objective) - rank(b.objective)),
    putBack,
    budget,
    ladders: order.ladders,
    failbacks: failback.failbacks,
  };
}
