import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { effectiveRule } from './destination-rules.ts';

type Made = { readonly namespace?: string; readonly host?: string; readonly created?: string };

/** A rule whose connect timeout names it. */
function rule(
  name: string,
  { namespace = 'default', host = 'mockb', created = '1' }: Made,
  more: { [key: string]: Json } = {},
) {
  const spec = { host, trafficPolicy: { named: name }, ...more };
  const metadata = { name, namespace, creationTimestamp: `2026-01-01T00:00:0${created}Z` };
  return { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata, spec } as KubeObject;
}

const HOST = 'mockb.default.svc.cluster.local';
const WIDE = '*.default.svc.cluster.local';

function policyOf(
  rules: readonly KubeObject[],
  clientNamespace = 'default',
  clientLabels: Record<string, string> = {},
) {
  return effectiveRule(rules, 'istio-system', { host: HOST, clientNamespace, clientLabels })?.trafficPolicy.named;
}

describe('destination rules', () => {
  it("are the client's, else the service's, else the root namespace's", () => {
    const root = rule('root', { namespace: 'istio-system', host: WIDE });
    const service = rule('service', {});
    const client = rule('client', { namespace: 'shop', host: HOST });
    const third = rule('third', { namespace: 'platform', host: HOST });
    expect(policyOf([root, service, client, third], 'shop')).to.equal('client');
    expect(policyOf([root, service, third], 'shop')).to.equal('service');
    expect(policyOf([root, third], 'shop')).to.equal('root');
    expect(policyOf([third], 'shop'), 'a third namespace').to.equal(undefined);
  });

  it('of the root namespace are not the first for a client that lives there, as a gateway may', () => {
    const root = rule('root', { namespace: 'istio-system', host: WIDE });
    expect(policyOf([root, rule('service', {})], 'istio-system')).to.equal('service');
    const own = rule('own', { namespace: 'istio-system', host: HOST }, { exportTo: ['.'] });
    expect(policyOf([own, rule('service', {})], 'istio-system')).to.equal('own');
  });

  it('hold for those they are exported to', () => {
    const kept = rule('kept', {}, { exportTo: ['.'] });
    expect(policyOf([kept], 'istio-system')).to.equal(undefined);
    expect(policyOf([kept], 'default')).to.equal('kept');
    expect(policyOf([rule('given', {}, { exportTo: ['shop'] })], 'shop')).to.equal('given');
    expect(policyOf([rule('given', {}, { exportTo: ['shop'] })], 'other')).to.equal(undefined);
    expect(policyOf([rule('open', {}, { exportTo: ['*'] })], 'other')).to.equal('open');
  });

  it('for the most specific host win, whatever they are called and however old they are', () => {
    const wide = rule('a-wide', { host: WIDE, created: '0' });
    const wider = rule('a-wider', { host: '*.svc.cluster.local', created: '0' });
    expect(policyOf([wider, wide, rule('z-exact', {})])).to.equal('z-exact');
    expect(policyOf([wider, wide])).to.equal('a-wide');
  });

  it('of the same host are one: the oldest policy stays, subsets add up', () => {
    const subset = (name: string, version: string): Json => ({ name, labels: { version } });
    const older = rule('z', { created: '1' }, { subsets: [subset('a', '1')] });
    const later = rule('a', { created: '2' }, { subsets: [subset('a', '2'), subset('b', '2')] });
    const key = { host: HOST, clientNamespace: 'default', clientLabels: {} };
    expect(effectiveRule([later, older], 'istio-system', key)).to.deep.equal({
      trafficPolicy: { named: 'z' },
      subsets: [subset('a', '1'), subset('b', '2')],
      from: [older, later],
      hides: [],
    });
  });

  it('with a workload selector hold for the clients it names', () => {
    const some = rule('some', {}, { workloadSelector: { matchLabels: { app: 'mocka' } } });
    expect(policyOf([some], 'default', { app: 'mocka' })).to.equal('some');
    expect(policyOf([some], 'default', { app: 'other' })).to.equal(undefined);
  });

  const A: Record<string, string> = { app: 'mocka', version: 'a' };
  const B: Record<string, string> = { app: 'mocka', version: 'b' };
  const PRIVATE = { exportTo: ['.'] };
  const forOnes = (version: string): { [key: string]: Json } => ({
    workloadSelector: { matchLabels: { app: 'mocka', version } },
  });
  const old = { created: '1' };
  const young = { created: '3' };
  const wideForA = { host: WIDE, created: '0' };
  const inShop = { namespace: 'shop', host: HOST };
  const cases: readonly {
    readonly name: string;
    readonly rules: readonly KubeObject[];
    /** Whose policy holds for A and for B of this namespace. */
    readonly a: string | undefined;
    readonly b: string | undefined;
    readonly of?: string;
  }[] = [
    { name: 'an older rule for all', rules: [rule('all', old), rule('one', young, forOnes('a'))], a: 'one', b: 'all' },
    { name: 'a younger rule for all', rules: [rule('all', young), rule('one', old, forOnes('a'))], a: 'one', b: 'all' },
    {
      name: 'several that select: the oldest that does',
      rules: [
        rule('all', {}),
        rule('two', young, { workloadSelector: { matchLabels: { app: 'mocka' } } }),
        rule('one', old, forOnes('a')),
      ],
      a: 'one',
      b: 'two',
    },
    {
      name: 'several that select alike: the policy of the older',
      rules: [rule('later', young, forOnes('a')), rule('one', old, forOnes('a'))],
      a: 'one',
      b: undefined,
    },
    {
      name: 'one that selects by nothing',
      rules: [rule('all', old), rule('any', young, { workloadSelector: {} })],
      a: 'any',
      b: 'any',
    },
    {
      name: 'one for a more specific host leaves the others without any',
      rules: [rule('wide', wideForA), rule('one', young, forOnes('a'))],
      a: 'one',
      b: undefined,
    },
    {
      name: 'one for a less specific host is not for them',
      rules: [rule('wide', wideForA, forOnes('a')), rule('all', young)],
      a: 'all',
      b: 'all',
    },
    {
      name: 'one of the client hides those of the service from the others',
      rules: [rule('all', {}), rule('one', inShop, forOnes('a'))],
      of: 'shop',
      a: 'one',
      b: undefined,
    },
    {
      name: 'one of the service is not for those of other namespaces',
      rules: [rule('one', {}, { ...forOnes('a'), exportTo: ['.'] })],
      of: 'shop',
      a: undefined,
      b: undefined,
    },
    {
      name: 'one of the root namespace is not for others',
      rules: [
        rule('one', { namespace: 'istio-system', host: WIDE }, forOnes('a')),
        rule('root', { namespace: 'istio-system', host: '*.local' }),
      ],
      a: 'root',
      b: 'root',
    },
    {
      name: 'one of the root namespace is for clients there',
      rules: [rule('one', { namespace: 'istio-system', host: WIDE }, forOnes('a')), rule('all', {})],
      of: 'istio-system',
      a: 'one',
      b: undefined,
    },
    {
      name: 'a rule for all that is exported to its own namespace joins one that selects, and is not for all any more',
      rules: [rule('all', old, PRIVATE), rule('one', young, forOnes('a'))],
      a: 'one',
      b: undefined,
    },
    {
      name: 'a rule for all that is exported to its own namespace and others joins it too, and stays',
      rules: [rule('all', old, { exportTo: ['.', 'shop'] }), rule('one', young, forOnes('a'))],
      a: 'one',
      b: 'all',
    },
    {
      name: 'rules for all that are exported otherwise are apart, and the youngest holds',
      rules: [rule('first', old), rule('second', young, PRIVATE)],
      a: 'second',
      b: 'second',
    },
    {
      name: 'rules for all that are exported to more join an older one',
      rules: [rule('first', old, PRIVATE), rule('second', young, { exportTo: ['.', 'shop'] })],
      a: 'first',
      b: 'first',
    },
    {
      name: 'of the most specific host that are exported to others hide what is wider',
      rules: [rule('exact', {}, { exportTo: ['third'] }), rule('wide', wideForA)],
      of: 'shop',
      a: undefined,
      b: undefined,
    },
  ];
  for (const { name, rules, a, b, of = 'default' } of cases) {
    it(`of a host, where some select workloads or are exported otherwise: ${name}`, () => {
      for (const order of [rules, [...rules].reverse()]) {
        expect(policyOf(order, of, A), 'a').to.equal(a);
        expect(policyOf(order, of, B), 'b').to.equal(b);
      }
    });
  }

  it('that select clients take no subsets of rules for all, and give them none', () => {
    const of = (name: string) => ({ subsets: [{ name, labels: { version: name } }] as Json });
    const rules = [rule('all', old, of('x')), rule('one', young, { ...forOnes('a'), ...of('y') })];
    const subsetsFor = (clientLabels: Record<string, string>) =>
      effectiveRule(rules, 'istio-system', { host: HOST, clientNamespace: 'default', clientLabels })?.subsets.map(
        ({ name }) => name,
      );
    expect(subsetsFor(A)).to.deep.equal(['y']);
    expect(subsetsFor(B)).to.deep.equal(['x']);
  });

  it('that a younger one with another exportTo hides are told', () => {
    const [first, second] = [rule('first', old), rule('second', young, PRIVATE)];
    const key = { host: HOST, clientNamespace: 'default', clientLabels: {} };
    expect(effectiveRule([first, second], 'istio-system', key)?.hides).to.deep.equal([first]);
  });
});
