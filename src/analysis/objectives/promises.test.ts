import { expect } from 'chai';
import type { PromisedExpectations } from '../../model/scenario.ts';
import type { Clause } from '../../schema/clause.ts';
import type { OBJECTIVES } from './index.ts';

type Asked = Extract<(typeof OBJECTIVES)[number], { readonly clause: Clause }>;
type ValueOf<E extends Asked> = ReturnType<E['clause']['read']>;

type ExpectationsOfList = {
  readonly [E in Asked as undefined extends ValueOf<E> ? never : E['name']]: ValueOf<E>;
} & {
  readonly [E in Asked as undefined extends ValueOf<E> ? E['name'] : never]?: Exclude<ValueOf<E>, undefined>;
};

/** Does not compile when an objective reads another value than result.json promises. */
const KEPT: [ExpectationsOfList] extends [PromisedExpectations] ? true : false = true;

describe('what the clauses of the objectives are read as', () => {
  it('is what result.json promises', () => {
    expect(KEPT).to.equal(true);
  });
});
