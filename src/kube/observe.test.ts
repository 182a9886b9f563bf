import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { KINDS } from '../model/kubernetes.ts';
import type { Clock, Cluster, ObserveTrouble } from '../model/ports.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { kubeCluster } from './cluster.ts';

const DISCOVERY = { resources: [{ name: 'pods', kind: 'Pod', namespaced: true }] };

/** What the server answers to discovery, a list and a watch. */
type Answers = { discovery: number; list: number; watch: number };

describe('observing where not everything is allowed', () => {
  let server: Server;
  let answers: Answers;
  let asked: string[];

  beforeEach(async () => {
    answers = { discovery: 200, list: 200, watch: 200 };
    asked = [];
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
      const what = pathname === '/api/v1' ? 'discovery' : searchParams.get('watch') === 'true' ? 'watch' : 'list';
      asked.push(what);
      const list = { items: [{ metadata: { name: 'p', uid: 'u' } }], metadata: { resourceVersion: '1' } };
      response.writeHead(answers[what], { 'content-type': 'application/json' });
      response.end(what === 'watch' ? '' : JSON.stringify(what === 'discovery' ? DISCOVERY : list));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  function open(clock: Clock): Cluster {
    const config = new KubeConfig();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    config.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u', token: 't' });
    return kubeCluster({ name: 'tokyo', region: 'r', config, clock });
  }

  /** Observes until so many pauses were made; nobody waits for them. */
  async function pauses(count: number, before: (made: number) => void = () => {}) {
    const ending = new AbortController();
    const made: number[] = [];
    const troubles: ObserveTrouble[] = [];
    const lists: number[] = [];
    const sleep = async (ms: number) => {
      made.push(ms);
      before(made.length);
      if (made.length === count) ending.abort();
    };
    const cluster = open({ ...virtualClock(), sleep });
    await cluster.observe(
      KINDS.pod,
      { namespace: 'default' },
      (objects) => lists.push(objects.length),
      ending.signal,
      (trouble) => troubles.push(trouble),
    );
    return { made, troubles, lists };
  }

  for (const status of [403, 405]) {
    it(`lists again at a calm pace where a watch gets ${status}, and says so once`, async () => {
      answers.watch = status;
      const { made, troubles, lists } = await pauses(6);
      expect(made).to.deep.equal([2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
      expect(troubles.map(({ cannot, reason }) => [cannot, reason.slice(0, 3)])).to.deep.equal([
        ['watch', `${status}`],
      ]);
      expect(lists).to.deep.equal([1, 1, 1, 1, 1, 1]);
    });
  }

  it('does not begin anew after every list where watches end at once', async () => {
    const { made, troubles } = await pauses(9);
    expect(made).to.deep.equal([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    expect(troubles).to.have.length(1);
    expect(troubles[0]?.cannot).to.equal('watch');
  });

  it('says that it may not list, and goes on asking', async () => {
    answers.list = 403;
    const { made, troubles } = await pauses(4);
    expect(made).to.deep.equal([2_000, 4_000, 8_000, 15_000]);
    expect(troubles.map(({ cannot }) => cannot)).to.deep.equal(['list']);
    expect(troubles[0]?.reason).to.contain('cluster tokyo: list Pod: 403');
  });

  it('asks soon again where a list fails that is not refused', async () => {
    answers.list = 404;
    const { made, troubles } = await pauses(4);
    expect(made).to.deep.equal([100, 200, 400, 800]);
    expect(troubles).to.deep.equal([]);
  });

  it('does not reject when the kind cannot be discovered, and finds it when it can', async () => {
    answers.discovery = 403;
    const { lists, troubles } = await pauses(3, (made) => {
      if (made === 2) answers.discovery = 200;
    });
    expect(asked.slice(0, 3)).to.deep.equal(['discovery', 'discovery', 'discovery']);
    expect(troubles[0]?.reason).to.contain('discover v1');
    expect(lists).to.deep.equal([1]);
  });
});
