import { expect } from 'chai';
import type { AffectedPod } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { namedBy } from './named.ts';

const scenario = (chain: string[], expected: object): Scenario =>
  ({ load: { good: { chain }, paths: [] }, expect: expected }) as unknown as Scenario;

describe('what a run names', () => {
  it('is the Services of the chain and of the clauses, each once, and the pods of its faults', () => {
    const affected = [{ pod: 'x' } as AffectedPod];
    const expected = {
      steadyState: { goodAtLeast: 0.99 },
      failoverOrder: [{ service: 'mockb' }, { service: 'mockd' }],
      ejections: [{ service: 'mocke', atLeast: 1 }],
      wayHome: { service: 'mockf' },
      errorBudget: undefined,
      other: 'service',
    };
    expect(namedBy(scenario(['mocka', 'mockb'], expected), affected)).to.deep.equal({
      services: ['mocka', 'mockb', 'mockd', 'mocke', 'mockf'],
      affected,
    });
  });

  it('can be nothing', () => {
    expect(namedBy(scenario([], {}), [])).to.deep.equal({ services: [], affected: [] });
  });
});
