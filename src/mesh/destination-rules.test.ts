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
    });
  });

  it('with a workload selector hold for the clients it names', () => {
    const some = rule('some', {}, { workloadSelector: { matchLabels: { app: 'mocka' } } });
    expect(policyOf([some], 'default', { app: 'mocka' })).to.equal('some');
    expect(policyOf([some], 'default', { app: 'other' })).to.equal(undefined);
  });
});
