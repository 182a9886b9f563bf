import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Clock } from '../model/ports.ts';
import { WrittenLog } from '../sandbox/api/container-log.ts';
import { type ApiServer, startApiServer } from '../sandbox/api/server.ts';
import { createStore, type ObjectStore } from '../sandbox/api/store.ts';
import { FaultyApi } from '../sandbox/testing/faulty-api.ts';
import type { KubeCluster } from './cluster.ts';
import { openCluster } from './kubeconfig.ts';
import { failure } from './testing/failure.ts';

const TOKEN = 's3cret/token==';

const clock: Clock = {
  now: () => Number(process.hrtime.bigint() / 1000n),
  wall: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { ...KINDS.configMap, metadata: { name, namespace: 'default', labels: { app: name } }, data };
}

describe('the cluster port over a real API server', function () {
  this.timeout(20_000);
  let dir: string;
  let store: ObjectStore;
  let server: ApiServer;
  let cluster: KubeCluster;
  const misbehave = new FaultyApi();
  const ref = (name: string) => ({ ...KINDS.configMap, namespace: 'default', name });

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-kube-'));
    store = createStore({ clock, random: Math.random });
    const podProxy = async (_namespace: string, pod: string, port: number, path: string) => ({
      status: 200,
      contentType: 'text/plain',
      body: `${pod} ${port} ${path}`,
    });
    server = await startApiServer({
      store,
      clock,
      random: Math.random,
      host: '127.0.0.1',
      port: 0,
      token: TOKEN,
      clusterName: 'tokyo',
      podProxy,
      podLog: () => new WrittenLog(),
      parts: { handler: misbehave.handler },
    });
    const user = `users: [{name: u, user: {token: "${TOKEN}"}}]`;
    const contexts = 'contexts: [{name: tokyo, context: {cluster: c, user: u}}]';
    const clusters = `clusters: [{name: c, cluster: {server: "${server.url}", insecure-skip-tls-verify: true}}]`;
    writeFileSync(join(dir, 'kubeconfig'), ['apiVersion: v1', 'kind: Config', clusters, user, contexts].join('\n'));
    cluster = open('tokyo');
  });

  after(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  afterEach(() => {
    misbehave.request = undefined;
    misbehave.watch = undefined;
  });

  function open(context: string, kubeconfig = join(dir, 'kubeconfig')): KubeCluster {
    return openCluster({ name: 'tokyo', region: 'ap-northeast-1', kubeconfig, context, gateways: [] }, clock);
  }

  it('creates, reads, lists, patches and deletes, and keeps every field', async () => {
    const created = await cluster.create(configMap('one', { a: '1' }));
    expect(created.metadata.uid).to.be.a('string');
    expect(await cluster.get(ref('one'))).to.deep.equal(created);
    expect(await cluster.list(KINDS.configMap, { namespace: 'default', labelSelector: 'app=one' })).to.deep.equal([
      created,
    ]);
    const patched = await cluster.patch(ref('one'), [{ op: 'replace', path: '/data/a', value: '2' }]);
    expect(patched.data).to.deep.equal({ a: '2' });
    await cluster.delete(ref('one'), { uid: created.metadata.uid ?? '' });
    expect(await cluster.get(ref('one'))).to.equal(undefined);
    await cluster.delete(ref('one'));
  });

  it('calls a failed test and a wrong uid conflicts, and names cluster and object', async () => {
    await cluster.create(configMap('two', { a: '1' }));
    const test = await failure(cluster.patch(ref('two'), [{ op: 'test', path: '/data/a', value: '9' }]));
    expect(test.code).to.equal('FAULT_CONFLICT');
    expect(test.message).to.contain('cluster tokyo').and.contain('ConfigMap default/two');
    expect((await failure(cluster.delete(ref('two'), { uid: 'another' }))).code).to.equal('FAULT_CONFLICT');
  });

  it('reads over errors that pass, and gives up on those that do not', async () => {
    await cluster.create(configMap('three'));
    misbehave.request = ({ verb, attempt }) =>
      verb === 'get' && attempt % 3 !== 0 ? { kind: 'status', code: 503 } : undefined;
    expect((await cluster.get(ref('three')))?.metadata.name).to.equal('three');
    misbehave.request = () => ({ kind: 'status', code: 403, message: 'no' });
    expect((await failure(cluster.get(ref('three')))).code).to.equal('PERMISSION_DENIED');
  });

  it('leaves a server alone for as long as it asks, and tells whoever may try a write again', async () => {
    const slept: number[] = [];
    const patient = openCluster(
      {
        name: 'tokyo',
        region: 'ap-northeast-1',
        kubeconfig: join(dir, 'kubeconfig'),
        context: 'tokyo',
        gateways: [],
      },
      { ...clock, sleep: async (ms) => void slept.push(ms) },
    );
    misbehave.request = ({ verb, attempt }) =>
      verb === 'get' && attempt > 1 ? undefined : { kind: 'status', code: 429, retryAfter: 3 };
    await patient.get(ref('patient'));
    expect(slept).to.have.length(1);
    expect(slept[0]).to.be.within(2_000, 3_000);
    expect((await failure(patient.create(configMap('patient')))).retryAfterMs).to.equal(3_000);
    expect(slept).to.have.length(1);
  });

  it('sends a write once: an answer that is lost is an error, and the caller decides', async () => {
    let writes = 0;
    misbehave.request = ({ verb }) => {
      if (verb !== 'create') return undefined;
      writes++;
      return { kind: 'reset-after' };
    };
    expect((await failure(cluster.create(configMap('four')))).code).to.equal('TARGET_UNREACHABLE');
    misbehave.request = undefined;
    expect(writes).to.equal(1);
    expect(await cluster.get(ref('four'))).to.not.equal(undefined);
  });

  it('says what is wrong when something else than an API server answers', async () => {
    misbehave.request = () => ({ kind: 'garbage', code: 200, contentType: 'text/html', text: '<html>login</html>' });
    const error = await failure(cluster.list(KINDS.configMap, { namespace: 'default' }));
    expect(error.message).to.contain('is not JSON');
  });

  it('says back nothing that a request was signed with, in whatever spelling something on the way repeats it', async () => {
    const said: string[] = [];
    for (const text of [
      '<p>Bearer s3cret/token==</p>',
      '{"you":"Bearer s3cret\\/token\\u003d="}',
      's3cret%2Ftoken%3d%3d',
    ]) {
      misbehave.request = () => ({ kind: 'garbage', code: 403, contentType: 'text/html', text });
      said.push((await failure(cluster.list(KINDS.configMap, { namespace: 'default' }))).message);
      said.push((await failure(cluster.patch(ref('one'), []))).message);
      const logs = cluster.podLog(
        { namespace: 'default', pod: 'p', container: 'c' },
        () => undefined,
        AbortSignal.timeout(9_000),
      );
      said.push((await failure(logs)).message);
    }
    expect(said.filter((message) => !message.includes('403'))).to.deep.equal([]);
    expect(said.filter((message) => /token|s3cret/.test(message))).to.deep.equal([]);
  });

  it('knows itself, asks what it may do, and reads through pods', async () => {
    const identity = await cluster.identity();
    expect(identity.uid).to.equal(store.get({ ...KINDS.namespace, name: 'kube-system' })?.metadata.uid);
    expect(await cluster.can('patch', KINDS.deployment, 'default')).to.equal(true);
    store.create({
      ...KINDS.pod,
      metadata: { name: 'p', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    expect(await cluster.podProxy('default', 'p', 15020, '/stats/prometheus')).to.equal('p 15020 /stats/prometheus');
  });

  for (const trouble of ['none', 'drop', 'expire'] as const) {
    it(`observes every change although watches suffer: ${trouble}`, async () => {
      let delivered = 0;
      misbehave.watch = () => (trouble !== 'none' && ++delivered % 3 === 0 ? trouble : undefined);
      const ending = new AbortController();
      const { promise, resolve } = Promise.withResolvers<void>();
      const label = { labelSelector: 'app' };
      const wanted = Array.from({ length: 6 }, (_, index) => `${trouble}-${index}`);
      const observing = cluster.observe(
        KINDS.configMap,
        { namespace: 'default', ...label },
        (objects) => {
          const names = objects.map((object) => object.metadata.name);
          if (wanted.every((name) => names.includes(name))) resolve();
        },
        ending.signal,
      );
      for (const name of wanted) await cluster.create(configMap(name));
      await promise;
      ending.abort();
      await observing;
    });
  }

  it('never uses the current context, and names the contexts there are', () => {
    expect(() => open('osaka'))
      .to.throw(FaultlineError, 'no context osaka')
      .with.property('hint', 'It has: tokyo');
    expect(() => open('tokyo', join(dir, 'nobody'))).to.throw(FaultlineError, 'does not exist');
  });

  it('says who does not answer', async () => {
    const path = join(dir, 'dead');
    const free = await freePort();
    writeFileSync(
      path,
      `apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: "http://127.0.0.1:${free}", insecure-skip-tls-verify: true}}]\nusers: [{name: u, user: {}}]\ncontexts: [{name: tokyo, context: {cluster: c, user: u}}]\n`,
    );
    const error = await failure(open('tokyo', path).identity());
    expect(error.code).to.equal('TARGET_UNREACHABLE');
    expect(error.message).to.contain(`http://127.0.0.1:${free}`).and.contain('ECONNREFUSED');
  });
});
