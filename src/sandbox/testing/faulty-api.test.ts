import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import type { SeenRequest } from './faulty-api.ts';
import { startTestServer, type TestServer } from './test-server.ts';

describe('misbehaviour on demand', () => {
  let api: TestServer;
  beforeEach(async () => {
    api = await startTestServer();
  });
  afterEach(() => api.close());

  const configMaps = '/api/v1/namespaces/default/configmaps';
  const create = (name: string): ReturnType<TestServer['call']> =>
    api.call('POST', configMaps, { ...KINDS.configMap, metadata: { name } });
  const stored = (name: string): boolean =>
    api.store.get({ ...KINDS.configMap, namespace: 'default', name }) !== undefined;
  const failed = (work: Promise<unknown>): Promise<boolean> =>
    work.then(
      () => false,
      () => true,
    );

  it('sees what is asked for, and counts attempts', async () => {
    const seen: SeenRequest[] = [];
    api.misbehave.request = (request) => {
      seen.push(request);
      return undefined;
    };
    await api.call('GET', `${configMaps}/a`);
    await api.call('GET', `${configMaps}/a`);
    await create('a');
    await api.call('GET', '/apis/apps/v1/namespaces/default/deployments/d/scale');
    await api.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: {} });
    expect(
      seen.map(({ verb, kind, name, subresource, attempt }) => [verb, kind.kind, name, subresource, attempt]),
    ).to.deep.equal([
      ['get', 'ConfigMap', 'a', undefined, 1],
      ['get', 'ConfigMap', 'a', undefined, 2],
      ['create', 'ConfigMap', undefined, undefined, 1],
      ['get', 'Deployment', 'd', 'scale', 1],
      ['create', 'SelfSubjectAccessReview', undefined, undefined, 1],
    ]);
  });

  it('answers with a status, and Retry-After where there is one', async () => {
    api.misbehave.request = ({ attempt }) => (attempt === 1 ? { kind: 'status', code: 429, retryAfter: 3 } : undefined);
    const first = await create('a');
    expect(first.status).to.equal(429);
    expect(first.headers.get('retry-after')).to.equal('3');
    expect(first.body).to.deep.include({
      kind: 'Status',
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 3 },
    });
    expect(stored('a')).to.equal(false);
    expect((await create('a')).status).to.equal(201);
  });

  it('resets before or after the change is stored', async () => {
    api.misbehave.request = () => ({ kind: 'reset-before' });
    expect(await failed(create('before'))).to.equal(true);
    expect(stored('before')).to.equal(false);
    api.misbehave.request = () => ({ kind: 'reset-after' });
    expect(await failed(create('after'))).to.equal(true);
    expect(stored('after')).to.equal(true);
  });

  it('delays, and cuts the answer off', async () => {
    api.misbehave.request = () => ({ kind: 'delay', ms: 1 });
    expect((await create('slow')).status).to.equal(201);
    api.misbehave.request = () => ({ kind: 'truncate' });
    expect(await failed(create('half'))).to.equal(true);
    expect(stored('half')).to.equal(true);
  });

  it('answers with what is no Kubernetes object', async () => {
    api.misbehave.request = () => ({
      kind: 'garbage',
      code: 502,
      contentType: 'text/html',
      text: '<h1>Bad Gateway</h1>',
    });
    const answer = await api.call('GET', `${configMaps}/a`);
    expect(answer.status).to.equal(502);
    expect(answer.text).to.equal('<h1>Bad Gateway</h1>');
  });

  it('is well again as soon as the hook is gone', async () => {
    api.misbehave.request = () => ({ kind: 'status', code: 500 });
    expect((await create('a')).status).to.equal(500);
    api.misbehave.request = undefined;
    expect((await create('a')).status).to.equal(201);
  });
});
