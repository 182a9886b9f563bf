import type { Finding } from '../../model/finding.ts';
import type { ObjectiveWords } from '../../model/objective.ts';
import type { PutBack } from '../../model/result.ts';
import type { Clause } from '../../schema/clause.ts';
import type { Case } from '../facts/case.ts';
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

/** Something that every run is judged by, whatever its scenario asks for. Its findings name it as their objective. */
export type Guard<N extends string = string> = ObjectiveWords & {
  readonly name: N;
  readonly judge: (run: Case, shared: Shared) => Findings;
};

/** What a run is judged by when its scenario has the clause; `V` is the clause in the expectations of the run. */
type Objective<N extends string = string, V = unknown> = Guard<N> & { readonly clause: Clause<V> };

/** What an objective states; its judge is only asked where the clause is there. */
type ObjectiveDescription<N extends string, V> = ObjectiveWords & {
  readonly name: N;
  readonly clause: Clause<V>;
  readonly judge: (run: Case, asked: Exclude<V, undefined>, shared: Shared) => Findings;
};

/** Makes an objective of its description. */
export function objective<const N extends string, V>(description: ObjectiveDescription<N, V>): Objective<N, V> {
  const { name, judge } = description;
  return {
    ...description,
    judge: (run, shared) => {
      const asked = run.scenario.expect[name] as V;
      return asked === undefined ? [] : judge(run, asked as Exclude<V, undefined>, shared);
    },
  };
}

/** Makes a guard of its description. */
export function guard<const N extends string>(description: Guard<N>): Guard<N> {
  return description;
}
