import { expect } from 'chai';
import { KINDS, type KubeKind, type KubeObject } from '../model/kubernetes.ts';
import type { Clock, Cluster, ProxyAdmin } from '../model/ports.ts';
import { ejectedNow, ejectorsNow } from './ejected-now.ts';
import { clustersPage } from './testing/observed-callers.ts';
import { pod } from './testing/observed-cluster.ts';

const SCOPE = {
  namespaces: ['default'],
  gateways: [{ namespace: 'istio-system', selector: { istio: 'ingressgateway' } }],
};
const GATEWAY = pod('door', { namespace: 'istio-system', sidecar: 'none' });
const OUT = { ip: '1', ejected: true };

/** Time is over at once, or never. */
function clockThat(isOver: boolean): Clock {
  const sleep = (_: number, signal?: AbortSignal) =>
    isOver ? Promise.resolve() : new Promise<void>((end) => signal?.addEventListener('abort', () => end()));
  return { now: () => 0, wall: () => new Date(0), sleep };
}

/** A cluster whose callers answer so; who is not named here hangs until he is given up. */
function cluster(pages: Readonly<Record<string, string | Error>>, ...pods: KubeObject[]) {
  const signals: AbortSignal[] = [];
  const admin = (at: { pod: string }, signal: AbortSignal): ProxyAdmin => {
    signals.push(signal);
    const page = pages[at.pod];
    const get = async () => {
      if (page instanceof Error) throw page;
      if (page !== undefined) return page;
      return new Promise<string>((_, fail) => signal.addEventListener('abort', () => fail(new Error('given up'))));
    };
    return { get } as ProxyAdmin;
  };
  const list = async (kind: KubeKind, { namespace }: { namespace?: string }) => {
    expect(kind).to.equal(KINDS.pod);
    return [GATEWAY, ...pods].filter(({ metadata }) => metadata.namespace === namespace);
  };
  return { cluster: { name: 'tokyo', list, proxyAdmin: admin } as unknown as Cluster, signals };
}

const now = (one: ReturnType<typeof cluster>, services: readonly string[] = ['mock'], isOver = false) =>
  ejectedNow(one.cluster, SCOPE, services, clockThat(isOver));

describe('observe/ejected-now', () => {
  it('counts hosts once, and the callers that keep them out, gateways among them', async () => {
    const pages = {
      door: clustersPage([OUT, { ip: '2' }]),
      'web-0': clustersPage([OUT, { ip: '3', ejected: true }]),
      'web-1': clustersPage([{ ip: '1' }]),
    };
    const one = cluster(pages, pod('web-0'), pod('web-1'));
    expect(await now(one)).to.deep.equal([{ service: 'default/mock', hosts: 2, callers: 2 }]);
    expect(
      one.signals.map(({ aborted }) => aborted),
      'no way stays open',
    ).to.deep.equal([true, true, true]);
  });

  it('is of the Services that are named, or of any where none is', async () => {
    const pages = { door: clustersPage([OUT], 'other'), 'web-0': '{}' };
    expect(await now(cluster(pages, pod('web-0')))).to.deep.equal([]);
    expect(await now(cluster(pages, pod('web-0')), [])).to.deep.equal([
      { service: 'default/other', hosts: 1, callers: 1 },
    ]);
  });

  it('hears nothing from who does not answer, in time or at all', async () => {
    const pages = { door: new Error('closed'), 'web-0': clustersPage([OUT]) };
    expect(await now(cluster(pages, pod('web-0')))).to.deep.equal([{ service: 'default/mock', hosts: 1, callers: 1 }]);
    expect(await now(cluster({ door: '{}' }, pod('silent-0')), ['mock'], true)).to.deep.equal([]);
  });

  it('tells the callers that keep any host out, each once', async () => {
    const statuses = (service: string) => JSON.parse(clustersPage([OUT], service)).cluster_statuses;
    const pages = {
      door: clustersPage([OUT, { ip: '2', ejected: true }]),
      'web-0': clustersPage([{ ip: '1' }]),
      'web-1': JSON.stringify({ cluster_statuses: [...statuses('mock'), ...statuses('other')] }),
    };
    const one = cluster(pages, pod('web-0'), pod('web-1'));
    const found = await ejectorsNow(one.cluster, SCOPE, clockThat(false));
    expect(found.map((caller) => `${caller.namespace}/${caller.pod}`)).to.deep.equal([
      'istio-system/door',
      'default/web-1',
    ]);
  });

  it('rejects where pods cannot be listed', async () => {
    const { cluster: real } = cluster({});
    const refused = { ...real, list: () => Promise.reject(new Error('forbidden')) };
    const error = await ejectedNow(refused, SCOPE, [], clockThat(false)).catch((one: Error) => one.message);
    expect(error).to.equal('forbidden');
  });
});
