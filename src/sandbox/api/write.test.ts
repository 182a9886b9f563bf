import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { deployment } from '../testing/controllers-harness.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { asMap, at, type JsonMap, mapsOf } from './json.ts';

describe('writing over HTTP', () => {
  let api: TestServer;
  beforeEach(async () => {
    api = await startTestServer();
    api.store.create({
      ...KINDS.configMap,
      metadata: { name: 'cm', namespace: 'default', labels: { a: 'b' } },
      data: { key: 'value' },
    });
  });
  afterEach(() => api.close());

  const configMaps = '/api/v1/namespaces/default/configmaps';
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const rules = '/apis/networking.istio.io/v1/namespaces/default/destinationrules';
  const configMap = (name: string, more: JsonMap = {}): JsonMap => ({
    ...KINDS.configMap,
    metadata: { name },
    ...more,
  });

  it('creates, and refuses what is there, misplaced or malformed', async () => {
    expect((await api.call('POST', configMaps, configMap('new'))).status).to.equal(201);
    expect((await api.call('POST', configMaps, configMap('new'))).body).to.include({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "new" already exists',
    });
    const abroad = configMap('x', { metadata: { name: 'x', namespace: 'kube-system' } });
    expect((await api.call('POST', configMaps, abroad)).status).to.equal(400);
    expect((await api.call('POST', configMaps, { metadata: { name: 'kindless' } })).body).to.include(KINDS.configMap);
    expect((await api.call('POST', rules, { metadata: { name: 'kindless' } })).status).to.equal(400);
    expect((await api.call('POST', configMaps, { ...configMap('x'), kind: 'Secret' })).status).to.equal(400);
    expect((await api.call('POST', configMaps, '{"kind":')).status).to.equal(400);
    expect((await api.call('POST', configMaps, 'x', { 'content-type': 'text/plain' })).body).to.include({
      code: 415,
      reason: 'UnsupportedMediaType',
    });
    expect(
      (await api.call('POST', configMaps, configMap('big', { data: { k: 'x'.repeat(4_000_000) } }))).status,
    ).to.equal(413);
    expect((await api.call('POST', configMaps, configMap('Bad_Name'))).body).to.include({
      code: 422,
      reason: 'Invalid',
    });
    expect((await api.call('POST', '/api/v1/namespaces/nowhere/configmaps', configMap('x'))).status).to.equal(404);
  });

  it('replaces under optimistic concurrency', async () => {
    const { body } = await api.call('GET', `${configMaps}/cm`);
    expect((await api.call('PUT', `${configMaps}/cm`, { ...body, data: { key: '1' } })).status).to.equal(200);
    const stale = await api.call('PUT', `${configMaps}/cm`, { ...body, data: { key: '2' } });
    expect(stale.body).to.include({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "cm": the object has been modified; please apply your changes to the latest version and try again',
    });
    expect((await api.call('PUT', `${configMaps}/cm`, configMap('other'))).status).to.equal(400);
    expect((await api.call('PUT', `${configMaps}/none`, configMap('none'))).status).to.equal(404);
  });

  it('asks for a version when a custom resource is replaced', async () => {
    const rule = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'dr' },
      spec: { host: 'a' },
    };
    expect((await api.call('POST', rules, rule)).status).to.equal(201);
    expect((await api.call('PUT', `${rules}/dr`, rule)).status).to.equal(422);
  });

  it('applies JSON patches as a whole or not at all', async () => {
    const path = `${configMaps}/cm`;
    const good = await api.patch(path, 'json-patch+json', [
      { op: 'test', path: '/data/key', value: 'value' },
      { op: 'replace', path: '/data/key', value: 'new' },
      { op: 'add', path: '/metadata/annotations', value: { 'faultline.dev/run': 'r-1' } },
    ]);
    expect(good.body.data).to.deep.equal({ key: 'new' });
    const failed = await api.patch(path, 'json-patch+json', [
      { op: 'replace', path: '/data/key', value: 'lost' },
      { op: 'test', path: '/metadata/annotations/faultline.dev~1run', value: 'r-2' },
    ]);
    expect(failed.body).to.include({
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
    });
    expect((await api.call('GET', path)).body.data).to.deep.equal({ key: 'new' });
    expect((await api.patch(path, 'json-patch+json', [{ op: 'remove', path: '/data/none' }])).status).to.equal(422);
    expect((await api.patch(path, 'json-patch+json', { op: 'remove' })).status).to.equal(400);
    expect((await api.patch(path, 'json-patch+json', [{ op: 'add', path: '/__proto__/x', value: 1 }])).status).to.equal(
      400,
    );
    expect(({} as JsonMap).x).to.equal(undefined);
    const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' }));
    expect((await api.patch(path, 'json-patch+json', many)).status).to.equal(413);
  });

  it('tests uid and resourceVersion of the live object', async () => {
    const path = `${configMaps}/cm`;
    const { uid, resourceVersion } = (await api.call('GET', path)).body.metadata as JsonMap;
    const tests = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ];
    const patch = [...tests, { op: 'replace', path: '/data/key', value: 'x' }];
    expect((await api.patch(path, 'json-patch+json', patch)).status).to.equal(200);
    expect((await api.patch(path, 'json-patch+json', patch)).status).to.equal(422);
    expect((await api.patch(path, 'merge-patch+json', { metadata: { resourceVersion } })).status).to.equal(409);
  });

  it('applies merge patches, and strategic ones only to built-in kinds', async () => {
    const merged = await api.patch(`${configMaps}/cm`, 'merge-patch+json', { data: { key: null, other: 'x' } });
    expect(merged.body.data).to.deep.equal({ other: 'x' });
    api.store.create(deployment('web', 1));
    const patch = {
      spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'A', value: '1' }] }] } } },
    };
    const strategic = await api.patch(`${deployments}/web`, 'strategic-merge-patch+json', patch);
    expect(at(strategic.body, 'spec', 'template', 'spec', 'containers', 0)).to.deep.include({
      image: 'web:1',
      env: [{ name: 'A', value: '1' }],
    });
    const rule = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'dr' },
      spec: { host: 'a' },
    };
    await api.call('POST', rules, rule);
    expect((await api.patch(`${rules}/dr`, 'strategic-merge-patch+json', { spec: {} })).status).to.equal(415);
    expect((await api.patch(`${rules}/dr`, 'json', { spec: {} })).status).to.equal(415);
  });

  it('renames nothing by a patch', async () => {
    expect((await api.patch(`${configMaps}/cm`, 'merge-patch+json', { metadata: { name: 'other' } })).status).to.equal(
      400,
    );
    expect((await api.patch(`${configMaps}/none`, 'merge-patch+json', {})).status).to.equal(404);
  });

  it('has no server-side apply, and names the apply there is', async () => {
    const object = asMap(deployment('web', 1));
    const refused = await api.patch(`${deployments}/web?fieldManager=one`, 'apply-patch+yaml', object);
    expect(refused.body).to.include({ code: 415, reason: 'UnsupportedMediaType' });
    expect(refused.body.message).to.include('kubectl apply -f without --server-side');
    expect((await api.patch(`${deployments}/web?force=true`, 'merge-patch+json', {})).status).to.equal(422);
  });

  it('stores nothing with dryRun=All, and refuses other values', async () => {
    const before = api.store.revision();
    expect((await api.call('POST', `${configMaps}?dryRun=All`, configMap('dry'))).status).to.equal(201);
    const patched = await api.patch(`${configMaps}/cm?dryRun=All`, 'merge-patch+json', { data: { key: 'dry' } });
    expect(patched.body.data).to.deep.equal({ key: 'dry' });
    expect((await api.call('DELETE', `${configMaps}/cm?dryRun=All`)).status).to.equal(200);
    expect((await api.call('DELETE', `${configMaps}/cm`, { dryRun: ['All'] })).status).to.equal(200);
    expect(api.store.revision()).to.equal(before);
    expect((await api.call('DELETE', `${configMaps}/cm?dryRun=Some`)).status).to.equal(400);
  });

  it('deletes under preconditions', async () => {
    const path = `${configMaps}/cm`;
    const wrong = await api.call('DELETE', path, { preconditions: { uid: 'other' } });
    expect(wrong.body).to.include({ code: 409, reason: 'Conflict' });
    expect(wrong.body.message).to.match(
      /^Operation cannot be fulfilled on ConfigMap "cm": the UID in the precondition \(other\) does not match the UID in record /,
    );
    expect((await api.call('DELETE', path, { propagationPolicy: 'Sideways' })).status).to.equal(400);
    const gone = await api.call('DELETE', path);
    expect(gone.body).to.deep.include({ kind: 'Status', status: 'Success' });
    expect(at(gone.body, 'details', 'name')).to.equal('cm');
    expect((await api.call('DELETE', path)).status).to.equal(404);
  });

  it('deletes collections by selector', async () => {
    for (const name of ['x', 'y'])
      await api.call('POST', configMaps, configMap(name, { metadata: { name, labels: { run: 'r-1' } } }));
    const { body } = await api.call('DELETE', `${configMaps}?labelSelector=run%3Dr-1`);
    expect(mapsOf(body.items)).to.have.length(2);
    expect(api.store.list(KINDS.configMap, 'default').map((one) => one.metadata.name)).to.deep.equal(['cm']);
  });

  it('scales', async () => {
    api.store.create(deployment('web', 2));
    const scale = await api.call('GET', `${deployments}/web/scale`);
    expect(scale.body).to.deep.include({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 2 } });
    expect(at(scale.body, 'status', 'selector')).to.equal('app=web');
    expect(
      (await api.patch(`${deployments}/web/scale`, 'merge-patch+json', { spec: { replicas: 0 } })).body.spec,
    ).to.deep.equal({ replicas: 0 });
    expect(
      (await api.patch(`${deployments}/web/scale`, 'merge-patch+json', { spec: { replicas: -1 } })).status,
    ).to.equal(422);
    expect((await api.call('GET', `${deployments}/web`)).body).to.have.nested.property('spec.replicas', 0);
    expect((await api.call('PUT', `${deployments}/web/scale`, scale.body)).status).to.equal(409);
  });

  it('evicts within the disruption budget', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'x' }] };
    const pod = api.store.create({
      ...KINDS.pod,
      metadata: { name: 'p', namespace: 'default', labels: { app: 'p' } },
      spec,
    });
    const ready = { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] };
    api.store.update({ ...pod, status: ready }, { subresource: 'status' });
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } },
    };
    await api.call('POST', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', budget);
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } };
    const refused = await api.call('POST', `${pods}/p/eviction`, eviction);
    expect(refused.status).to.equal(429);
    expect(refused.headers.get('retry-after')).to.equal('10');
    expect(at(refused.body, 'details', 'causes', 0, 'reason')).to.equal('DisruptionBudget');
    await api.call('DELETE', '/apis/policy/v1/namespaces/default/poddisruptionbudgets/b');
    expect((await api.call('POST', `${pods}/p/eviction`, eviction)).status).to.equal(201);
  });

  it('binds a pod once', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    api.store.create({
      ...KINDS.pod,
      metadata: { name: 'p', namespace: 'default' },
      spec: { schedulerName: 'mine', containers: [{ name: 'c', image: 'x' }] },
    });
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } };
    expect((await api.call('POST', `${pods}/p/binding`, binding)).status).to.equal(201);
    expect((await api.call('POST', `${pods}/p/binding`, binding)).status).to.equal(409);
  });

  it('answers access reviews from the deny list, and enforces it', async () => {
    const review = async (resourceAttributes: JsonMap): Promise<unknown> => {
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      };
      const answer = await api.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body);
      expect(answer.status).to.equal(201);
      return at(answer.body, 'status', 'allowed');
    };
    expect(await review({ verb: 'delete', resource: 'configmaps', namespace: 'default' })).to.equal(true);
    api.users.denials.push({ verb: 'delete', resource: 'configmaps', namespace: 'default' });
    expect(await review({ verb: 'delete', resource: 'configmaps', namespace: 'default' })).to.equal(false);
    expect(await review({ verb: 'get', resource: 'configmaps', namespace: 'default' })).to.equal(true);
    expect((await api.call('DELETE', `${configMaps}/cm`)).body).to.include({ code: 403, reason: 'Forbidden' });
    api.users.denials.length = 0;
    expect((await api.call('DELETE', `${configMaps}/cm`)).status).to.equal(200);
  });
});
