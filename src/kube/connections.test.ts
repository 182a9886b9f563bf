import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster as ClusterEntry, KubeConfig, type User } from '@kubernetes/client-node';
import { expect } from 'chai';
import { KINDS } from '../model/kubernetes.ts';
import type { PodCluster } from '../model/ports.ts';
import { until } from '../sandbox/testing/until.ts';
import { kubeCluster } from './cluster.ts';
import { PAIRS, startTlsServer, type TlsServer } from './testing/tls-server.ts';

const clock = { now: () => 0, wall: () => new Date(), sleep: async () => undefined };
const [first, second] = PAIRS;

const base64 = (text: string) => Buffer.from(text).toString('base64');

function load(config: KubeConfig, server: string, user: Partial<User>, cluster: Partial<ClusterEntry> = {}): void {
  config.loadFromOptions({
    clusters: [{ name: 'c', server, skipTLSVerify: true, ...cluster }],
    users: [{ name: 'u', ...user }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
}

function open(config: KubeConfig): PodCluster {
  return kubeCluster({ name: 'tokyo', region: 'ap-northeast-1', config, clock });
}

/** Reads from two clusters whose kubeconfigs say nothing about connections, says so, and has nothing more to do. */
const READS_TWICE = `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { KubeConfig } from '@kubernetes/client-node';
  import { kubeCluster } from './cluster.ts';
  for (const name of ['tokyo', 'osaka']) {
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name, server: process.argv[1] }, { name: 'u' });
    await kubeCluster({ name, region: '', config }).podProxy('load', 'k6-1', 6565, '/');
    await sleep(5);
  }
  console.log('read');
`;

for (const protocol of ['HTTP/1.1', 'HTTP/2'] as const) {
  describe(`connections to an API server that speaks ${protocol}`, () => {
    let server: TlsServer;
    let config: KubeConfig;
    let cluster: PodCluster;

    beforeEach(async () => {
      server = await startTlsServer(protocol);
      config = new KubeConfig();
      load(config, server.url, { token: 'secret' });
      cluster = open(config);
    });

    afterEach(() => server.close());

    /** A connection is free again one turn of the event loop after the answer; readings are not that close. */
    const read = async (from = cluster) => {
      await from.podProxy('load', 'k6-1', 6565, '/v1/metrics');
      await sleep(5);
    };
    const write = (to = cluster) => to.podPatch('load', 'k6-1', 6565, '/v1/status', { data: null });
    const connections = () => [...new Set(server.seen.map(({ connection }) => connection))];

    it('reads over one connection', async () => {
      for (let count = 0; count < 5; count++) await read();
      expect(server.seen).to.have.length(5);
      expect(connections()).to.have.length(1);
    });

    it('asks what is allowed over it too, and repeats that as a read', async () => {
      let refused = 0;
      server.answer = ({ method }) => (method === 'POST' && refused++ === 0 ? 503 : 200);
      await read();
      expect(await cluster.can('get', KINDS.pod, 'default')).to.equal(true);
      expect(server.seen.map(({ method }) => method)).to.deep.equal(['GET', 'GET', 'POST', 'POST']);
      expect(connections()).to.have.length.of.at.most(protocol === 'HTTP/2' ? 1 : 2);
    });

    it('shares none between clusters, though they are the same', async () => {
      const another = new KubeConfig();
      load(another, server.url, { token: 'secret' });
      await read();
      await read(open(another));
      expect(connections()).to.have.length(2);
    });

    it('believes a server no more whose CA the kubeconfig has replaced', async () => {
      load(config, server.url, { token: 'secret' }, { skipTLSVerify: false, caData: base64(first.cert) });
      await read();
      load(config, server.url, { token: 'secret' }, { skipTLSVerify: false, caData: base64(second.cert) });
      await read().then(
        () => expect.fail('another CA was believed'),
        (error: Error) => expect(error.message).to.contain('self-signed'),
      );
      expect(server.seen).to.have.length(1);
    });

    it('sends the token there is now, over the connection there is', async () => {
      await read();
      load(config, server.url, { token: 'newer' });
      await read();
      expect(server.seen.map(({ authorization }) => authorization)).to.deep.equal(['Bearer secret', 'Bearer newer']);
      expect(connections()).to.have.length(1);
    });

    it('connects anew with another client certificate, and closes the old connection once it is idle', async () => {
      const held = Promise.withResolvers<number>();
      load(config, server.url, { certData: base64(first.cert), keyData: base64(first.key) });
      server.answer = () => held.promise;
      const reading = read();
      await until('the first request', () => server.seen.length === 1);
      server.answer = () => 200;
      load(config, server.url, { certData: base64(second.cert), keyData: base64(second.key) });
      await read();
      expect(server.open).to.have.length(2);
      held.resolve(200);
      await reading;
      await until('only the kept connection', () => server.open.size === 1, 2_000);
      await read();
      const wanted = [first, second, second].map(({ cert }) => new X509Certificate(cert).fingerprint256);
      expect(server.seen.map(({ fingerprint }) => fingerprint)).to.deep.equal(wanted);
      expect(connections()).to.have.length(2);
    });

    it('writes once, on a connection of its own, although every used connection breaks', async () => {
      server.answer = ({ before }) => (before > 0 ? undefined : 200);
      await read();
      await write();
      await write();
      expect(server.seen.map(({ method }) => method)).to.deep.equal(['GET', 'PATCH', 'PATCH']);
      expect(connections()).to.have.length(3);
      await until('only the kept connection', () => server.open.size === 1, 2_000);
    });

    it('does not send a write again whose answer was lost', async () => {
      server.answer = ({ method }) => (method === 'PATCH' ? undefined : 200);
      await read();
      await write().then(
        () => expect.fail('there was no answer'),
        (error: Error) => expect(error.message).to.contain('does not answer'),
      );
      expect(server.seen.map(({ method }) => method)).to.deep.equal(['GET', 'PATCH']);
    });

    it('goes on when the server has closed what was idle', async () => {
      await read();
      for (const socket of server.open) socket.destroy();
      await write();
      await read();
      expect(server.seen.map(({ method }) => method)).to.deep.equal(['GET', 'PATCH', 'GET']);
    });

    it('does not take a connection again that did not answer', async () => {
      await read();
      const dead = server.seen[0]?.connection;
      server.answer = ({ connection }) => (connection === dead ? undefined : 200);
      await read();
      expect(server.seen).to.have.length(3);
      expect(connections()).to.have.length(2);
    });

    it('lets a process end, in which plain clusters share nothing either', async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', READS_TWICE, server.url], {
        cwd: import.meta.dirname,
        env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const exit = once(child, 'exit');
      await once(child.stdout, 'data');
      const since = performance.now();
      expect(await exit).to.deep.equal([0, null]);
      expect(performance.now() - since).to.be.below(1_000);
      expect(connections()).to.have.length(2);
    });
  });
}
