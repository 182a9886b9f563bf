import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { ObservedScope } from '../../model/target.ts';
import { checkProxies } from './check-proxies.ts';

const SCOPE: ObservedScope = {
  namespaces: ['default', 'shop'],
  gateways: [{ namespace: 'istio-system', selector: { istio: 'ingressgateway' } }],
};

function pod(name: string, image: string, ready = true): KubeObject {
  return {
    ...KINDS.pod,
    metadata: { name },
    spec: { containers: [{ name: 'istio-proxy', image }] },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

/** A cluster with pods by namespace, whose proxies answer by the name of the pod. */
function cluster(pods: Readonly<Record<string, readonly KubeObject[]>>, answer: (pod: string) => string) {
  const asked: string[] = [];
  const signals: AbortSignal[] = [];
  const one: Pick<Cluster, 'name' | 'list' | 'proxyAdmin'> = {
    name: 'tokyo',
    list: async (_, { namespace = '' }) =>
      (pods[namespace] ?? []).map((each) => ({ ...each, metadata: { ...each.metadata, namespace } })),
    proxyAdmin: (where, signal) => {
      signals.push(signal);
      return {
        get: async (path) => {
          asked.push(`${where.namespace}/${where.pod}${path}`);
          return answer(where.pod);
        },
      };
    },
  };
  return { asked, signals, check: () => checkProxies(one as Cluster, SCOPE) };
}

const info = (istio: string, envoy: string): string =>
  JSON.stringify({ version: `c0ffee/${envoy}/Clean/RELEASE/BoringSSL`, node: { metadata: { ISTIO_VERSION: istio } } });

describe('what doctor says of proxies', () => {
  const pods = {
    'istio-system': [pod('gateway-1', 'proxyv2'), pod('gateway-2', 'proxyv2')],
    default: [pod('starting', 'proxyv2', false), pod('mockb', 'proxyv2')],
    shop: [],
  };

  it('keeps no connection to them', async () => {
    const { signals, check } = cluster(pods, () => info('1.31.0', '1.39.0'));
    await check();
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true, true]);
  });

  it('is which Istio and Envoy they are, by one of each place', async () => {
    const { asked, check } = cluster(pods, (name) => info(name === 'mockb' ? '1.30.1' : '1.31.0', '1.39.0'));
    const { ok, detail } = await check();
    expect([ok, detail]).to.deep.equal([
      true,
      'Istio 1.30.1 and 1.31.0, Envoy 1.39.0 (2 of them asked, one of each place)',
    ]);
    expect(asked.toSorted()).to.deep.equal(['default/mockb/server_info', 'istio-system/gateway-1/server_info']);
  });

  it('is the version of their image where they do not tell it, and else that nothing tells', async () => {
    const told = { ...pods, default: [pod('mockb', 'docker.io/istio/proxyv2:1.31.2')] };
    expect((await cluster(told, () => '{}').check()).detail).to.contain(
      'Istio 1.31.2, Envoy of a version that nothing',
    );
    expect((await cluster(pods, () => '{}').check()).detail).to.contain('Istio of a version that nothing tells');
  });

  it('is who cannot be read and what grants it, and no run hangs on it', async () => {
    const refused = cluster(pods, (name) => {
      if (name === 'mockb') throw new Error('pods "mockb" is forbidden');
      return info('1.31.0', '1.39.0');
    });
    const one = await refused.check();
    expect([one.ok, one.optional, one.detail]).to.deep.equal([
      false,
      true,
      'not read: default/mockb: pods "mockb" is forbidden',
    ]);
    expect(one.fix).to.contain('pods/portforward');
    const { detail } = await cluster(pods, () => '<html>').check();
    expect(detail).to.match(/not read: istio-system\/gateway-1: .*JSON/);
  });

  it('is that there are none, with the label that injects them', async () => {
    const none = await cluster({}, () => '').check();
    expect([none.ok, none.optional]).to.deep.equal([false, true]);
    expect(none.fix).to.contain('istio-injection=enabled');
  });
});
