import { expect } from 'chai';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import type { PodRef } from '../model/kubernetes.ts';
import type { ProxyAdmin } from '../model/ports.ts';
import { clustersPage } from '../observe/testing/observed-callers.ts';
import { pod } from '../observe/testing/observed-cluster.ts';
import { RunStopped } from './stop.ts';
import { virtualClock } from './testing/virtual-clock.ts';
import { waitUntilHome } from './wait-home.ts';

const SCOPE = {
  namespaces: ['default'],
  gateways: [{ namespace: 'istio-system', selector: { istio: 'ingressgateway' } }],
};

/** A cluster whose proxies say what a spec tells them to. */
class Callers extends FakeCluster {
  page: (pod: string, path: string) => string | Promise<string> = () => '{}';
  ways = 0;

  override proxyAdmin({ pod: name }: PodRef, signal?: AbortSignal): ProxyAdmin {
    this.ways += 1;
    signal?.addEventListener('abort', () => (this.ways -= 1), { once: true });
    return { get: async (path) => this.page(name, path) };
  }
}

describe('waiting for ejected hosts', () => {
  const clock = virtualClock();
  let cluster: Callers;
  let said: string[];
  let stop: AbortController;
  beforeEach(() => {
    cluster = new Callers();
    cluster.add(pod('web-0'));
    cluster.add(pod('web-1'));
    cluster.add(pod('door-0', { namespace: 'istio-system', sidecar: 'none', labels: { istio: 'ingressgateway' } }));
    said = [];
    stop = new AbortController();
  });

  /** Resolves to the seconds that it took. */
  async function wait(seconds: number, services: readonly string[] = ['mock']): Promise<number> {
    const began = clock.now();
    const ports = {
      clock,
      until: began + seconds * 1e6,
      stop: stop.signal,
      say: (text: string) => void said.push(text),
    };
    await waitUntilHome([cluster], { scope: SCOPE, services }, ports);
    expect(cluster.ways, 'ways that are kept open').to.equal(0);
    return (clock.now() - began) / 1e6;
  }

  const ejectedUntil = (seconds: number, who: (name: string) => boolean = () => true, service = 'mock') => {
    const end = clock.now() + seconds * 1e6;
    cluster.page = (name) => clustersPage([{ ip: '1', ejected: clock.now() < end && who(name) }, { ip: '2' }], service);
  };

  it('is over at once where none is', async () => {
    ejectedUntil(0);
    expect(await wait(600)).to.equal(0);
    expect(said).to.deep.equal([]);
  });

  it('goes on until every caller has them back, gateways too, and says once for which', async () => {
    ejectedUntil(100, (name) => name !== 'web-1');
    expect(await wait(600)).to.be.within(100, 104);
    expect(said).to.deep.equal([
      'cluster tokyo: hosts of default/mock are ejected (1, by 2 callers); waiting until they are back',
    ]);
  });

  it('counts one caller as one', async () => {
    ejectedUntil(100, (name) => name === 'web-0');
    await wait(600);
    expect(said[0]).to.contain('(1, by 1 caller);');
  });

  it('does not wait for Services that the run is not about', async () => {
    ejectedUntil(100, () => true, 'other');
    expect(await wait(600)).to.equal(0);
    expect(await wait(600, ['default/other'])).to.be.within(100, 104);
  });

  it('ends with its time, or after six minutes: what is ejected then may be so for good', async () => {
    ejectedUntil(10_000);
    expect(await wait(60)).to.be.within(60, 64);
    expect(said.at(-1)).to.contain('waited for long enough');
    expect(await wait(3_600)).to.be.within(360, 364);
  });

  it('does not wait for a proxy that cannot be read', async () => {
    cluster.page = async (name) => {
      if (name === 'web-0') throw new Error('refused');
      return 'no page of Envoy';
    };
    expect(await wait(600)).to.equal(0);
  });

  it('ends when the run is stopped', async () => {
    ejectedUntil(10_000);
    void clock.sleep(20_000).then(() => stop.abort({ kind: 'signal', signal: 'SIGINT' }));
    expect(await wait(600).catch((error: unknown) => error)).to.be.instanceOf(RunStopped);
  });
});
