import { expect } from 'chai';
import type { AffectedPod } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Endpoint } from '../model/target.ts';
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

  it('is a Service by its whole name where a clause names its namespace, whatever it says besides', () => {
    const expected = { ejections: [{ service: 'shop/api:8080' }, { service: 'tokyo/shop/api' }, { service: 'mockb' }] };
    expect(namedBy(scenario([], expected), []).services).to.deep.equal(['shop/api', 'mockb']);
  });

  it('grows by the Services of the affected workloads, as the endpoints tell them, in their own cluster only', () => {
    const hit = { cluster: 'tokyo', namespace: 'default', workload: 'hit' } as AffectedPod;
    const services = new NamedServices({ services: [], affected: [hit] }, ['default', 'shop']);
    const endpoint = (service: string, more: Partial<Endpoint> = {}) => ({ ...hit, service, ...more }) as Endpoint;
    services.look([
      endpoint('struck'),
      endpoint('struck-too'),
      endpoint('far', { cluster: 'osaka' }),
      endpoint('other', { workload: 'spared' }),
      endpoint('away', { namespace: 'shop' }),
    ]);
    const wanted = ['struck', 'struck-too', 'far', 'other', 'away'].filter((name) => services.wants(name, 'default'));
    expect(wanted).to.deep.equal(['struck', 'struck-too']);
    expect(services.wants('struck', 'shop')).to.equal(false);
  });

  describe('is all that a proxy is asked for', () => {
    const PAGE = '/clusters?format=json';
    const pageOf = (services: readonly string[], namespaces = ['default'], affected: AffectedPod[] = []): string =>
      decodeURIComponent(new NamedServices({ services, affected }, namespaces).page());
    const many = (count: number) => Array.from({ length: count }, (_, index) => `mock-${index}`);

    it('by the names of its Services and namespaces', () => {
      expect(pageOf(['mock', 'shop/mock', 'shop/other'], ['default', 'shop'])).to.equal(
        `${PAGE}&filter=[|.](mock|other)[.](default|shop)[.]svc`,
      );
    });

    it('but not where no name is known yet, nor for more names than an address takes', () => {
      expect(pageOf([], ['default'], [{ pod: 'x' } as AffectedPod])).to.equal(PAGE);
      expect(pageOf(many(100))).to.contain('mock-99');
      expect(pageOf(many(101))).to.equal(PAGE);
    });

    it('nor where a name would mean something else in a regular expression', () => {
      expect(pageOf(['mock', 'a.b'])).to.equal(PAGE);
      expect(pageOf(['mock'], ['default', '.*'])).to.equal(PAGE);
    });
  });

  it('can be nothing', () => {
    expect(namedBy(scenario([], {}), [])).to.deep.equal({ services: [], affected: [] });
  });
});
