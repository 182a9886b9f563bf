import { expect } from 'chai';
import { KINDS } from '../model/kubernetes.ts';
import type { PodCluster } from '../model/ports.ts';
import type { Json } from '../model/scenario.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { kubeCluster } from './cluster.ts';
import { failure } from './testing/failure.ts';
import { type StubApi, stubApi } from './testing/stub-api.ts';

const POD = { ...KINDS.pod, namespace: 'default', name: 'p' };

describe('what the cluster port asks of an API server', () => {
  let api: StubApi;
  let cluster: PodCluster;
  beforeEach(async () => {
    api = await stubApi();
    cluster = kubeCluster({ name: 'tokyo', region: 'r', config: api.config, clock: virtualClock() });
  });
  afterEach(() => api.close());

  const last = () => api.asked.at(-1);

  it('is one object by its place, whatever is in its name', async () => {
    await cluster.get(POD);
    await cluster.get({ ...KINDS.node, name: 'n' });
    await cluster.get({ ...KINDS.deployment, namespace: 'a b', name: 'c/d' });
    expect(api.asked.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      'GET /api/v1/namespaces/default/pods/p',
      'GET /api/v1/nodes/n',
      'GET /apis/apps/v1/namespaces/a%20b/deployments/c%2Fd',
    ]);
  });

  it('is nothing where the object is not there, and an error where that is not known', async () => {
    api.answer = () => ({ status: 404, body: { kind: 'Status', reason: 'NotFound', message: 'no' } });
    expect(await cluster.get(POD)).to.equal(undefined);
    await cluster.delete(POD);
    const patched = await failure(cluster.patch(POD, []));
    expect([patched.code, patched.message]).to.deep.equal(['KUBE_API', 'cluster tokyo: patch Pod default/p: 404 no']);
    api.answer = () => ({ status: 400, body: { message: 'bad' } });
    expect((await failure(cluster.get({ ...KINDS.node, name: 'n' }))).message).to.equal(
      'cluster tokyo: get Node n: 400 bad',
    );
    expect((await failure(cluster.delete(POD))).message).to.equal('cluster tokyo: delete Pod default/p: 400 bad');
    expect((await failure(cluster.create({ ...KINDS.node, metadata: { name: 'n' } }))).message).to.equal(
      'cluster tokyo: create Node /n: 400 bad',
    );
  });

  it('is told from what is no API server, and says nothing of the cluster then', async () => {
    api.answer = () => ({ status: 404, body: { error: 'no such page' } });
    expect((await failure(cluster.get(POD))).message).to.contain('404 {"error":"no such page"}');
    for (const body of [{}, { ok: true }, { metadata: { name: 'q' } }, { kind: 'Pod' }]) {
      api.answer = () => ({ body });
      const got = await failure(cluster.get(POD));
      expect(got.message).to.equal('cluster tokyo: get Pod default/p: the answer is no object of that name');
      const writes = [
        cluster.create({ ...KINDS.pod, metadata: { name: 'p', namespace: 'default' } }),
        cluster.patch(POD, []),
      ];
      for (const write of writes) expect((await failure(write)).message).to.contain('is no object of that name');
      expect((await failure(cluster.list(KINDS.pod, {}))).message).to.equal(
        'cluster tokyo: list Pod: the answer is no list',
      );
    }
  });

  it('has no fields that are null, as Go writes what nobody has made', async () => {
    const sent = {
      metadata: { name: 'p', labels: null },
      endpoints: null,
      spec: { containers: [{ env: null, name: 'c' }] },
    };
    const whole = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }] } };
    api.answer = ({ query }) => ({ body: query.limit === undefined ? sent : { items: [sent] } });
    expect(await cluster.list(KINDS.pod, {})).to.deep.equal([{ ...KINDS.pod, ...whole }]);
    expect(await cluster.get(POD)).to.deep.equal(whole);
    expect(await cluster.patch(POD, [])).to.deep.equal(whole);
    for (const items of [[null], [{ metadata: null }], ['p']]) {
      api.answer = () => ({ body: { items } });
      expect((await failure(cluster.list(KINDS.pod, {}))).message).to.contain('the answer is no list of objects');
    }
  });

  it('is a list page by page, of whole objects', async () => {
    const pages: Json[] = [
      { items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }], metadata: { continue: 'next' } },
      { items: null, metadata: { continue: 'last' } },
      { items: [{ metadata: { name: 'c' } }], metadata: { continue: '' } },
    ];
    api.answer = () => ({ body: pages.shift() ?? { items: [] } });
    const found = await cluster.list(KINDS.pod, { namespace: 'default', labelSelector: 'a=b' });
    expect(found).to.deep.equal(['a', 'b', 'c'].map((name) => ({ ...KINDS.pod, metadata: { name } })));
    expect(api.asked.map(({ query }) => query)).to.deep.equal([
      { limit: '500', labelSelector: 'a=b' },
      { limit: '500', labelSelector: 'a=b', continue: 'next' },
      { limit: '500', labelSelector: 'a=b', continue: 'last' },
    ]);
    expect(last()?.path).to.equal('/api/v1/namespaces/default/pods');
    await cluster.list(KINDS.node, { namespace: 'default' });
    expect(last()?.path).to.equal('/api/v1/nodes');
    await cluster.list(KINDS.pod, {});
    expect([last()?.path, last()?.query]).to.deep.equal(['/api/v1/pods', { limit: '500' }]);
  });

  it('is a write with its kind of body', async () => {
    api.answer = ({ method }) => ({ body: { metadata: { name: method === 'POST' ? 'c' : 'p' } } });
    const object = { ...KINDS.configMap, metadata: { name: 'c', namespace: 'default' } };
    await cluster.create(object);
    expect(last()).to.deep.equal({
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps',
      query: { fieldManager: 'faultline' },
      contentType: 'application/json',
      body: object,
    });
    await cluster.create(object, { dryRun: true });
    expect(last()).to.deep.include({ method: 'POST', query: { dryRun: 'All', fieldManager: 'faultline' } });
    const ops = [{ op: 'remove', path: '/a' }] as const;
    await cluster.patch(POD, ops);
    expect(last()).to.deep.equal({
      method: 'PATCH',
      path: '/api/v1/namespaces/default/pods/p',
      query: { fieldManager: 'faultline' },
      contentType: 'application/json-patch+json',
      body: ops,
    });
  });

  it('is a deletion that names the very object and the time that it gets', async () => {
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
    await cluster.delete(POD);
    expect([last()?.method, last()?.body]).to.deep.equal(['DELETE', options]);
    await cluster.delete(POD, { uid: 'u', gracePeriodSeconds: 0 });
    expect(last()?.body).to.deep.equal({ ...options, gracePeriodSeconds: 0, preconditions: { uid: 'u' } });
    expect(last()?.query).to.deep.equal({});
    await cluster.delete(POD, { uid: 'u', foreground: true });
    expect(last()?.body).to.deep.equal({ ...options, propagationPolicy: 'Foreground', preconditions: { uid: 'u' } });
    await cluster.delete(POD, { foreground: false });
    expect(last()?.body).to.deep.equal(options);
  });

  it('is an eviction where that is asked for, which a disruption budget may forbid', async () => {
    await cluster.delete(POD, { uid: 'u', gracePeriodSeconds: 5, evict: true });
    expect([last()?.method, last()?.path, last()?.body]).to.deep.equal([
      'POST',
      '/api/v1/namespaces/default/pods/p/eviction',
      {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'p', namespace: 'default' },
        deleteOptions: { gracePeriodSeconds: 5, preconditions: { uid: 'u' } },
      },
    ]);
    api.answer = () => ({ status: 429, body: { message: 'the budget forbids it' } });
    expect((await failure(cluster.delete(POD, { evict: true }))).message).to.equal(
      'cluster tokyo: evict Pod default/p: 429 the budget forbids it',
    );
  });

  it('is whether it may, in the words of an access review', async () => {
    api.answer = () => ({ body: { status: { allowed: true } } });
    const attributes = async (...question: Parameters<PodCluster['can']>) => {
      expect(await cluster.can(...question)).to.equal(true);
      const body = last()?.body as { spec: { resourceAttributes: Json } } | undefined;
      return body?.spec.resourceAttributes;
    };
    expect(await attributes('patch', KINDS.deployment, 'shop')).to.deep.equal({
      verb: 'patch',
      group: 'apps',
      resource: 'deployments',
      namespace: 'shop',
    });
    expect(await attributes('get', { ...KINDS.pod, subresource: 'proxy' }, 'shop')).to.deep.equal({
      verb: 'get',
      group: '',
      resource: 'pods',
      namespace: 'shop',
      subresource: 'proxy',
    });
    expect(await attributes('list', KINDS.node, 'shop')).to.deep.equal({ verb: 'list', group: '', resource: 'nodes' });
    expect(await attributes('get', { ...KINDS.namespace, name: 'n' }, 'n')).to.deep.equal({
      verb: 'get',
      group: '',
      resource: 'namespaces',
      namespace: 'n',
      name: 'n',
    });
    expect(last()).to.deep.include({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    });
    for (const body of [{ status: { allowed: false } }, { status: {} }, {}]) {
      api.answer = () => ({ body });
      expect(await cluster.can('get', KINDS.pod, 'shop')).to.equal(false);
    }
    api.answer = () => ({ status: 400, body: { message: 'bad' } });
    expect((await failure(cluster.can('get', KINDS.pod, 'shop'))).message).to.equal(
      'cluster tokyo: ask whether get Pod is allowed: 400 bad',
    );
  });

  it('is who it is', async () => {
    const answers: Record<string, Json> = {
      '/version': { gitVersion: 'v1.36.0' },
      '/api/v1/namespaces/kube-system': { metadata: { name: 'kube-system', uid: 'u' } },
    };
    api.answer = ({ path }) => ({ body: answers[path] ?? {} });
    expect(await cluster.identity()).to.deep.equal({ uid: 'u', server: api.url, version: 'v1.36.0' });
    answers['/version'] = {};
    expect((await cluster.identity()).version).to.equal('unknown');
    answers['/api/v1/namespaces/kube-system'] = { metadata: { name: 'kube-system' } };
    const nameless = await failure(cluster.identity());
    expect([nameless.code, nameless.message]).to.deep.equal([
      'KUBE_API',
      `${api.url}: namespace kube-system has no UID`,
    ]);
    for (const answer of [{}, { metadata: {} }, null, 'busy']) {
      answers['/api/v1/namespaces/kube-system'] = answer;
      const { code, message } = await failure(cluster.identity());
      expect(code).to.equal('KUBE_API');
      expect(message).to.match(/^cluster tokyo: get Namespace kube-system: the answer is (no object|not JSON)/);
    }
  });

  it('is repeated where it only reads and the trouble may pass, and never where it writes', async () => {
    const times = async (status: number, act: () => Promise<unknown>) => {
      let left = 1;
      api.asked.length = 0;
      api.answer = () => (left-- > 0 ? { status, body: { message: 'busy' } } : { body: {} });
      await act().catch(() => undefined);
      return api.asked.length;
    };
    expect(await times(429, () => cluster.get(POD))).to.equal(2);
    expect(await times(503, () => cluster.can('get', KINDS.pod, 'shop'))).to.equal(2);
    expect(await times(400, () => cluster.get(POD))).to.equal(1);
    expect(await times(503, () => cluster.patch(POD, []))).to.equal(1);
    expect(await times(503, () => cluster.delete(POD))).to.equal(1);
    expect(await times(503, () => cluster.create({ ...KINDS.pod, metadata: {} }))).to.equal(1);
  });

  it('is given up after five times', async () => {
    api.answer = () => ({ status: 503, body: { message: 'busy' } });
    expect((await failure(cluster.get(POD))).message).to.equal('cluster tokyo: get Pod default/p: 503 busy');
    expect(api.asked).to.have.length(5);
  });

  it('is understood only as JSON, and only with success', async () => {
    api.answer = () => ({ body: '<html>' });
    const error = await failure(cluster.get(POD));
    expect(error.message).to.equal('cluster tokyo: get Pod default/p: the answer is not JSON');
    expect(error.hint).to.equal(`Is ${api.url} a Kubernetes API server?`);
    for (const status of [200, 201, 299]) {
      api.answer = () => ({ status, body: { metadata: { name: 'p' } } });
      expect((await cluster.get(POD))?.metadata.name, `${status}`).to.equal('p');
    }
    for (const status of [300, 304]) {
      api.answer = () => ({ status, body: '{}' });
      expect((await failure(cluster.get(POD))).message, `${status}`).to.contain(`: ${status} `);
    }
  });

  it('goes to a pod by its port, in reading and in writing', async () => {
    api.answer = () => ({ body: 'text' });
    expect(await cluster.podProxy('a', 'p', 15020, '/stats')).to.equal('text');
    expect([last()?.method, last()?.path]).to.deep.equal(['GET', '/api/v1/namespaces/a/pods/p:15020/proxy/stats']);
    await cluster.podPatch('a', 'p', 6565, '/v1/status', { paused: true });
    expect([last()?.method, last()?.path, last()?.body]).to.deep.equal([
      'PATCH',
      '/api/v1/namespaces/a/pods/p:6565/proxy/v1/status',
      { paused: true },
    ]);
  });
});
