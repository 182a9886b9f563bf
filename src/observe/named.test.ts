import { expect } from 'chai';
import type { AffectedPod } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { NamedServices, namedBy } from './named.ts';

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

  it('is a Service by its whole name where the scenario states one', () => {
    const stated = { ...scenario(['mocka', 'mockb'], {}), services: { mockb: 'shop/shop-mockb', mockd: 'shop/mockd' } };
    const named = namedBy(stated, []);
    expect(named.services).to.deep.equal(['mocka', 'shop/shop-mockb', 'shop/mockd']);
    const services = new NamedServices(named, ['default', 'shop']);
    expect(services.wants('shop-mockb', 'shop')).to.equal(true);
    expect(services.wants('shop-mockb', 'default')).to.equal(false);
    expect(services.wants('mockb', 'shop')).to.equal(false);
    expect(services.wants('mocka', 'default')).to.equal(true);
    expect(decodeURIComponent(services.page())).to.contain('[|.](mocka|shop-mockb|mockd)[.](default|shop)[.]svc');
  });

  it('can be nothing', () => {
    expect(namedBy(scenario([], {}), [])).to.deep.equal({ services: [], affected: [] });
  });
});
