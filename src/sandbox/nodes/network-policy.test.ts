import { expect } from 'chai';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { type NetworkPeer, policiesAllow } from './network-policy.ts';

function pod(ip: string, namespace: string, labels: Record<string, string>, cluster = 'tokyo'): NetworkPeer {
  return { ip, pod: { cluster, namespace, labels, namespaceLabels: { name: namespace } } };
}

function policy(spec: { [key: string]: Json }, namespace = 'default'): KubeObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p', namespace }, spec };
}

const A = pod('127.30.1.10', 'default', { app: 'mocka' });
const B = pod('127.30.1.11', 'default', { app: 'mockb' });
const REMOTE = pod('127.30.3.10', 'default', { app: 'mocka' }, 'hangzhou');
const OUTSIDE: NetworkPeer = { ip: '127.0.0.1' };
const DENY = policy({ podSelector: { matchLabels: { app: 'mockb' } }, policyTypes: ['Ingress', 'Egress'] });

const into = (policies: KubeObject[], peer: NetworkPeer, port = 8000) =>
  policiesAllow(policies, 'Ingress', B, peer, port);

describe('network policies', () => {
  it('leave pods open that none selects', () => {
    expect(into([], A)).to.equal(true);
    expect(policiesAllow([DENY], 'Ingress', A, B, 8000)).to.equal(true);
    expect(policiesAllow([policy({ podSelector: {} }, 'other')], 'Ingress', B, A, 8000)).to.equal(true);
  });

  it('without any rule deny everything in their directions, and an empty selector selects the namespace', () => {
    expect(into([DENY], A)).to.equal(false);
    expect(into([DENY], OUTSIDE)).to.equal(false);
    expect(policiesAllow([DENY], 'Egress', B, A, 8000)).to.equal(false);
    expect(into([policy({ podSelector: {} })], A)).to.equal(false);
    expect(policiesAllow([policy({ podSelector: {} })], 'Egress', B, A, 8000)).to.equal(true);
  });

  it('add up: one rule of any policy is enough', () => {
    const allow = policy({
      podSelector: {},
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'mocka' } } }] }],
    });
    expect(into([DENY, allow], A)).to.equal(true);
    expect(into([DENY, allow], OUTSIDE)).to.equal(false);
  });

  it('see pods of the other cluster as addresses only', () => {
    const bySelector = policy({ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] });
    const byAddress = policy({ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '127.30.3.0/24' } }] }] });
    expect(into([bySelector], REMOTE)).to.equal(false);
    expect(into([byAddress], REMOTE)).to.equal(true);
    expect(into([byAddress], A)).to.equal(false);
  });

  it('honour ipBlock exceptions, namespace selectors and ports', () => {
    const block = { cidr: '127.30.0.0/16', except: ['127.30.1.0/24'] };
    expect(into([policy({ podSelector: {}, ingress: [{ from: [{ ipBlock: block }] }] })], A)).to.equal(false);
    const other = policy({
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { name: 'istio-system' } } }], ports: [{ port: 8000 }] }],
    });
    const gateway = pod('127.30.1.12', 'istio-system', {});
    expect(into([other], gateway)).to.equal(true);
    expect(into([other], gateway, 8001)).to.equal(false);
    expect(into([other], A)).to.equal(false);
    const range = policy({ podSelector: {}, ingress: [{ ports: [{ port: 8000, endPort: 8010 }] }] });
    expect([7999, 8000, 8010, 8011].map((port) => into([range], A, port))).to.deep.equal([false, true, true, false]);
  });
});
