import type { Finding } from '../../model/finding.ts';
import type { ObjectiveWords } from '../../model/objective.ts';
import type { PutBack } from '../../model/result.ts';
import type { RecordedScenario } from '../../model/scenario.ts';
import type { Clause } from '../../schema/clause.ts';
import type { Case } from '../facts/case.ts';
import type { Breadth } from '../facts/comparisons.ts';
import type { Spending } from './error-budget/spending.ts';
import type { OrderJudgement } from './failover-order/judge.ts';

/** What tables of a result are made of, too: each worked out once in a run. */
type Shared = {
  readonly spending: () => Spending;
  readonly orders: () => OrderJudgement;
  /** By what was judged before. */
  readonly putBack: () => PutBack;
};

type Findings = readonly (Finding | undefined)[];

/** What a run is judged by: an objective of its scenario, or an invariant. Its findings name it as their objective. */
export type Criterion<N extends string = string> = ObjectiveWords & {
  readonly name: N;
  /** How many of its comparisons with a target can fail a healthy run by chance: all judgements share that risk. */
  readonly comparisons?: (scenario: RecordedScenario, over: Breadth) => number;
  readonly judge: (run: Case, shared: Shared) => Findings;
};

/** What a run is judged by when its scenario has the clause; `V` is the clause in the expectations of the run. */
type Objective<N extends string = string, V = unknown> = Criterion<N> & { readonly clause: Clause<V> };

/** What an objective states; its judge is only asked where the clause is there. */
type ObjectiveDescription<N extends string, V> = ObjectiveWords & {
  readonly name: N;
  readonly clause: Clause<V>;
  readonly comparisons?: (asked: Exclude<V, undefined>, over: Breadth) => number;
  readonly judge: (run: Case, asked: Exclude<V, undefined>, shared: Shared) => Findings;
};

/** Makes an objective of its description. */
export function objective<const N extends string, V>(description: ObjectiveDescription<N, V>): Objective<N, V> {
  const { name, judge, comparisons } = description;
  type Asked = Exclude<V, undefined>;
  const askedBy = ({ expect }: RecordedScenario): Asked | undefined => expect[name] as Asked | undefined;
  return {
    ...description,
    comparisons: (scenario, over) => {
      const asked = askedBy(scenario);
      return asked === undefined ? 0 : (comparisons?.(asked, over) ?? 0);
    },
    judge: (run, shared) => {
      const asked = askedBy(run.scenario);
      return asked === undefined ? [] : judge(run, asked, shared);
    },
  };
}

/** Makes an invariant of its description: every run is judged by it, whatever its scenario asks for. */
export function invariant<const N extends string>(description: Criterion<N>): Criterion<N> {
  return description;
}
