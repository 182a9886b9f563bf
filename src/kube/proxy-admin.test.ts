import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { Clock, PodCluster, ProxyAdmin } from '../model/ports.ts';
import { kubeCluster } from './cluster.ts';
import { failure } from './testing/failure.ts';
import { type Forwarded, type ForwardingApi, startForwardingApi } from './testing/forwarding-api.ts';

const clock: Clock = { now: () => 0, wall: () => new Date(), sleep: async () => undefined };
const FORWARD = '/api/v1/namespaces/default/pods/web-0/portforward?ports=15000';

/** Envoy's answer, chunked as its admin port gives it. */
const answer = (text: string) =>
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;

/** Paths of the requests that came over a connection. */
const paths = ({ received }: Forwarded) => [...received.matchAll(/GET (\S+) HTTP/g)].map(([, path]) => path);

describe('the admin port of a proxy', () => {
  let api: ForwardingApi;
  let cluster: PodCluster;
  let admin: ProxyAdmin;
  let ending: AbortController;

  beforeEach(async () => {
    api = await startForwardingApi();
    api.onData = (connection) => connection.send(0, answer(`${paths(connection).at(-1)} 東京`));
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: 'c', server: `http://127.0.0.1:${api.port}`, skipTLSVerify: true },
      { name: 'u', token: 't' },
    );
    ending = new AbortController();
    cluster = kubeCluster({ name: 'tokyo', region: 'r', config, clock });
    admin = cluster.proxyAdmin({ namespace: 'default', pod: 'web-0' }, ending.signal);
  });
  afterEach(async () => {
    ending.abort();
    await api.close();
  });

  it('is asked over one forwarded connection, request after request', async () => {
    expect(api.asked).to.deep.equal([]);
    expect(await admin.get('/clusters?format=json')).to.equal('/clusters?format=json 東京');
    expect(await Promise.all([admin.get('/a'), admin.get('/b')])).to.deep.equal(['/a 東京', '/b 東京']);
    expect(api.asked).to.deep.equal([FORWARD]);
    expect(api.taken.map(paths)).to.deep.equal([['/clusters?format=json', '/a', '/b']]);
  });

  it('is asked again over another one where the kept one turns out to be broken', async () => {
    await admin.get('/a');
    api.onData = (connection) => {
      if (paths(connection).length > 1) connection.cut();
      else connection.send(0, answer('again'));
    };
    expect(await admin.get('/b')).to.equal('again');
    expect(api.taken.map(paths)).to.deep.equal([['/a', '/b'], ['/b']]);
  });

  it('is asked over another one after one was closed in between', async () => {
    await admin.get('/a');
    api.taken[0]?.cut();
    while (api.open > 0) await new Promise(setImmediate);
    expect(await admin.get('/b')).to.equal('/b 東京');
    expect(api.taken).to.have.length(2);
  });

  it('is not asked again where a fresh connection breaks, and says so', async () => {
    api.onData = (connection) => {
      connection.send(0, 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf');
      setImmediate(() => connection.cut());
    };
    const error = await failure(admin.get('/a'));
    expect(error.code).to.equal('TARGET_UNREACHABLE');
    expect(error.message).to.contain('cluster tokyo: read port 15000 of pod default/web-0 by port-forward: ');
    expect(api.taken).to.have.length(1);
  });

  it('is not asked again where a fresh connection breaks at once, or a kept one within its answer', async () => {
    api.onData = (connection) => connection.cut();
    expect((await failure(admin.get('/a'))).code).to.equal('TARGET_UNREACHABLE');
    expect(api.taken).to.have.length(1);
    api.onData = (connection) => {
      if (paths(connection).length === 1) return connection.send(0, answer('one'));
      connection.send(0, 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf');
      setImmediate(() => connection.cut());
    };
    expect(await admin.get('/b')).to.equal('one');
    expect((await failure(admin.get('/c'))).code).to.equal('TARGET_UNREACHABLE');
    expect(api.taken.map(paths)).to.deep.equal([['/a'], ['/b', '/c']]);
  });

  it('says what the kubelet says, be it with the upgrade or later', async () => {
    const refuse = (connection: Forwarded) =>
      connection.send(1, 'error forwarding port 15000 to pod abc: connection refused');
    api.onData = refuse;
    expect((await failure(admin.get('/a'))).message).to.contain('connection refused');
    api.onTaken = refuse;
    expect((await failure(admin.get('/a'))).message).to.contain('connection refused');
  });

  it('says what Envoy says', async () => {
    api.onData = (connection) => connection.send(0, 'HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\n\r\nno path');
    const error = await failure(admin.get('/a'));
    expect([error.code, error.message.split('port-forward: ')[1]]).to.deep.equal(['KUBE_API', '404 no path']);
    const long = 'x'.repeat(300);
    api.onData = (connection) => connection.send(0, `HTTP/1.1 503 No\r\ncontent-length: 300\r\n\r\n${long}`);
    expect((await failure(admin.get('/a'))).message.split('port-forward: ')[1]).to.equal(`503 ${long.slice(0, 200)}`);
  });

  it('says that the pod is gone', async () => {
    api.take = () => 404;
    const error = await failure(admin.get('/a'));
    expect(error.message).to.contain('port-forward to pod default/web-0: 404');
    expect(api.asked).to.deep.equal([FORWARD]);
  });

  it('is asked by exec where port-forward is forbidden, and says both where that is, too; port-forward is not tried again', async () => {
    api.take = () => 403;
    const error = await failure(admin.get('/clusters?format=json'));
    expect(error.code).to.equal('PERMISSION_DENIED');
    expect(error.hint).to.contain('Grant the verb');
    expect(error.message).to.match(
      /port-forward to pod default\/web-0: 403 .*; cluster tokyo: exec pilot-agent in istio-proxy .* 403/,
    );
    await failure(admin.get('/a'));
    const [forward, ...execs] = api.asked.map((url) => new URL(url, 'http://x'));
    expect(forward?.pathname).to.contain('/portforward');
    expect(execs.map(({ searchParams }) => searchParams.getAll('command').join(' '))).to.deep.equal([
      'pilot-agent request GET clusters?format=json',
      'pilot-agent request GET a',
    ]);
    expect(execs[0]?.searchParams.get('container')).to.equal('istio-proxy');
    expect(execs[0]?.pathname).to.equal('/api/v1/namespaces/default/pods/web-0/exec');
  });

  for (const status of [200, 400, 405, 426, 501]) {
    it(`is asked by exec where something on the way answers port-forward with ${status}`, async () => {
      api.take = (url) => (url.includes('/portforward') ? status : 404);
      const { message } = await failure(admin.get('/a'));
      expect(message).to.contain(`${status} `).and.contain('exec pilot-agent in istio-proxy');
    });
  }

  for (const status of [401, 500, 503]) {
    it(`is not asked by exec where port-forward gets ${status}, which may pass`, async () => {
      api.take = () => status;
      expect((await failure(admin.get('/a'))).message).to.contain(`${status} `);
      expect(api.asked).to.deep.equal([FORWARD]);
    });
  }

  it('says how pilot-agent ended, with the beginning of what it said', async () => {
    api.take = (url) => (url.includes('/portforward') ? 403 : 101);
    api.onTaken = (connection) => {
      const causes = [{ reason: 'ExitCode', message: '255' }];
      connection.send(2, `\n${'no such path '.repeat(20)}token=abc\n`);
      connection.send(3, JSON.stringify({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes } }));
    };
    const { code, message } = await failure(admin.get('/a'));
    expect(code).to.equal('KUBE_API');
    const said = `${'no such path '.repeat(20)}token=[redacted]`;
    expect(message.split('; ').at(-1)).to.equal(
      `cluster tokyo: pilot-agent in pod default/web-0 ended with 255: ${said}`,
    );
  });

  it('gives the answer of exec, without the log of pilot-agent before it', async () => {
    api.take = (url) => (url.includes('/portforward') ? 403 : 101);
    const asking = admin.get('/a');
    while (api.taken.length === 0) await new Promise(setImmediate);
    api.taken[0]?.send(1, '2026-11-29T15:29:00.432347Z\twarn\tOS CA Cert could not be found for agent\n');
    api.taken[0]?.send(1, '{"a":1}');
    api.taken[0]?.send(3, '{"status":"Success"}');
    expect(await asking).to.equal('{"a":1}');
  });

  it('is given back at the signal, and with it what was under way', async () => {
    await admin.get('/a');
    expect(api.open).to.equal(1);
    api.onData = () => ending.abort();
    expect((await failure(admin.get('/b'))).code).to.equal('TARGET_UNREACHABLE');
    while (api.open > 0) await new Promise(setImmediate);
    await failure(admin.get('/c'));
    expect(api.taken).to.have.length(1);
  });

  it('is given back at the signal though nothing is asked', async () => {
    await admin.get('/a');
    ending.abort();
    while (api.open > 0) await new Promise(setImmediate);
    expect(api.taken).to.have.length(1);
  });

  it('is given back where the signal comes while it is being opened', async () => {
    api.onTaken = () => ending.abort();
    await failure(admin.get('/a'));
    expect(api.taken).to.have.length(1);
    while (api.open > 0) await new Promise(setImmediate);
    await failure(admin.get('/b'));
    expect(api.asked).to.deep.equal([FORWARD]);
  });

  it('is not waited for without end, neither for the connection nor for the answer', async function () {
    this.timeout(20_000);
    api.onData = () => undefined;
    api.take = (url) => (url.includes('web-0') ? 101 : 'hang');
    const other = cluster.proxyAdmin({ namespace: 'default', pod: 'web-1' }, ending.signal);
    const errors = await Promise.all([failure(admin.get('/a')), failure(other.get('/b'))]);
    expect(errors.map(({ code }) => code)).to.deep.equal(['TARGET_UNREACHABLE', 'TARGET_UNREACHABLE']);
    expect(errors[0]?.message).to.contain('no whole answer within 5 s');
  });
});
