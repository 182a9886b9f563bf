import {
  ApiException,
  AppsV1Api,
  AuthorizationV1Api,
  BatchV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  DiscoveryV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import { expect } from 'chai';
import { deployment, node, service } from '../testing/controllers-harness.ts';
import { startTestServer, type TestServer, until } from '../testing/test-server.ts';

/** The official JavaScript client must take the sandbox for a cluster. */
describe('@kubernetes/client-node', () => {
  let api: TestServer;
  let config: KubeConfig;
  beforeEach(async () => {
    api = await startTestServer();
    api.store.create(node('node-a', 'zone-a'));
    config = new KubeConfig();
    config.loadFromString(`
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "${api.server.url}", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: secret}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
`);
  });
  afterEach(() => api.close());

  const namespace = 'default';
  const configMap = (name: string, data: Record<string, string> = {}): V1ConfigMap => ({ metadata: { name }, data });
  const codeOf = async (work: Promise<unknown>): Promise<number> => {
    try {
      await work;
      return 200;
    } catch (error) {
      if (error instanceof ApiException) return error.code;
      throw error;
    }
  };

  it('creates, reads, replaces, lists and deletes typed objects', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const created = await core.createNamespacedConfigMap({ namespace, body: configMap('cm', { a: '1' }) });
    expect(created.metadata?.creationTimestamp).to.be.instanceOf(Date);
    const replaced = await core.replaceNamespacedConfigMap({
      namespace,
      name: 'cm',
      body: { ...created, data: { a: '2' } },
    });
    expect(replaced.data).to.deep.equal({ a: '2' });
    expect(await codeOf(core.replaceNamespacedConfigMap({ namespace, name: 'cm', body: created }))).to.equal(409);
    const list = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=cm' });
    expect(list.items.map((one) => one.metadata?.name)).to.deep.equal(['cm']);
    const preconditions = { uid: 'other' };
    expect(await codeOf(core.deleteNamespacedConfigMap({ namespace, name: 'cm', body: { preconditions } }))).to.equal(
      409,
    );
    await core.deleteNamespacedConfigMap({ namespace, name: 'cm' });
    expect(await codeOf(core.readNamespacedConfigMap({ namespace, name: 'cm' }))).to.equal(404);
  });

  it('patches in all four ways', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    api.store.create(deployment('web', 1));
    const patch = (strategy: PatchStrategy, body: object, more: object = {}) =>
      apps.patchNamespacedDeployment(
        { namespace, name: 'web', body, ...more },
        setHeaderOptions('Content-Type', strategy),
      );
    const json = await patch(PatchStrategy.JsonPatch, [
      { op: 'test', path: '/spec/template/spec/containers/0/name', value: 'main' },
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'curl:8' },
    ]);
    expect(json.spec?.template.spec?.containers[0]?.image).to.equal('curl:8');
    const failing = [{ op: 'test', path: '/spec/replicas', value: 9 }];
    expect(await codeOf(patch(PatchStrategy.JsonPatch, failing))).to.equal(422);
    const merged = await patch(PatchStrategy.MergePatch, { metadata: { annotations: { 'faultline.dev/run': 'r' } } });
    expect(merged.metadata?.annotations?.['faultline.dev/run']).to.equal('r');
    const strategic = await patch(PatchStrategy.StrategicMergePatch, {
      spec: { template: { spec: { containers: [{ name: 'main', command: ['sleep', '3600'] }] } } },
    });
    expect(strategic.spec?.template.spec?.containers[0]).to.deep.include({
      image: 'curl:8',
      command: ['sleep', '3600'],
    });
    const dry = await patch(PatchStrategy.MergePatch, { spec: { replicas: 7 } }, { dryRun: 'All' });
    expect(dry.spec?.replicas).to.equal(7);
    expect((await apps.readNamespacedDeployment({ namespace, name: 'web' })).spec?.replicas).to.equal(1);
  });

  it('sees a deployment become pods and endpoints', async () => {
    const apps = config.makeApiClient(AppsV1Api);
    const discovery = config.makeApiClient(DiscoveryV1Api);
    api.store.create(service('web'));
    await apps.createNamespacedDeployment({ namespace, body: deployment('web', 2) as never });
    await until('two ready endpoints', async () => {
      const slices = await discovery.listNamespacedEndpointSlice({
        namespace,
        labelSelector: 'kubernetes.io/service-name=web',
      });
      const endpoints = slices.items.flatMap((slice) => slice.endpoints ?? []);
      return endpoints.filter((one) => one.conditions?.ready === true && one.zone === 'zone-a').length === 2;
    });
    await apps.patchNamespacedDeploymentScale(
      { namespace, name: 'web', body: { spec: { replicas: 0 } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    const core = config.makeApiClient(CoreV1Api);
    await until('no pods', async () => (await core.listNamespacedPod({ namespace })).items.length === 0);
  });

  it('follows objects with a watch and with an informer', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const seen: string[] = [];
    const watch = new Watch(config);
    const abort = await watch.watch(
      '/api/v1/namespaces/default/configmaps',
      { allowWatchBookmarks: true },
      (phase, object) => seen.push(`${phase} ${object.metadata.name}`),
      () => undefined,
    );
    const informer = makeInformer<V1ConfigMap>(config, '/api/v1/namespaces/default/configmaps', () =>
      core.listNamespacedConfigMap({ namespace }),
    );
    const events: string[] = [];
    for (const verb of ['add', 'update', 'delete'] as const)
      informer.on(verb, (object) => events.push(`${verb} ${object.metadata?.name}`));
    await informer.start();
    await core.createNamespacedConfigMap({ namespace, body: configMap('cm') });
    await core.patchNamespacedConfigMap(
      { namespace, name: 'cm', body: { data: { a: '1' } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    await core.deleteNamespacedConfigMap({ namespace, name: 'cm' });
    await until('watch', () => seen.length === 3);
    await until('informer', () => events.length === 3);
    await informer.stop();
    abort.abort();
    expect(seen).to.deep.equal(['ADDED cm', 'MODIFIED cm', 'DELETED cm']);
    expect(events).to.deep.equal(['add cm', 'update cm', 'delete cm']);
  });

  it('keeps an informer right over broken and expired watches', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const informer = makeInformer<V1ConfigMap>(config, '/api/v1/namespaces/default/configmaps', () =>
      core.listNamespacedConfigMap({ namespace }),
    );
    const names = (): string =>
      informer
        .list()
        .map((one) => one.metadata?.name)
        .sort()
        .join();
    let running = true;
    informer.on('error', () => {
      if (running) void informer.start();
    });
    await informer.start();
    for (const [index, fault] of (['drop', 'expire', 'drop'] as const).entries()) {
      await core.createNamespacedConfigMap({ namespace, body: configMap(`cm-${index}`) });
      await until('informer', () => names().split(',').includes(`cm-${index}`));
      api.misbehave.breakWatches(fault);
    }
    await core.deleteNamespacedConfigMap({ namespace, name: 'cm-1' });
    await until('informer', () => names() === 'cm-0,cm-2');
    running = false;
    await informer.stop();
  });

  it('handles any object, custom ones too', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const rule = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'dr', namespace },
      spec: { host: 'web' },
    };
    await objects.create(rule);
    const custom = config.makeApiClient(CustomObjectsApi);
    const coordinates = { group: 'networking.istio.io', version: 'v1beta1', namespace, plural: 'destinationrules' };
    const list = await custom.listNamespacedCustomObject(coordinates);
    expect(list.items[0]).to.include({ kind: 'DestinationRule', apiVersion: 'networking.istio.io/v1beta1' });
    await objects.delete(rule);
    expect((await custom.listNamespacedCustomObject(coordinates)).items).to.deep.equal([]);
  });

  it('asks for permissions, versions and leases', async () => {
    api.users.denials.push({ verb: 'delete', resource: 'pods' });
    const authorization = config.makeApiClient(AuthorizationV1Api);
    const can = async (verb: string): Promise<boolean | undefined> => {
      const body = { spec: { resourceAttributes: { verb, resource: 'pods', namespace } } };
      return (await authorization.createSelfSubjectAccessReview({ body })).status?.allowed;
    };
    expect(await can('list')).to.equal(true);
    expect(await can('delete')).to.equal(false);
    expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).to.include('faultline-sandbox');
    const leases = config.makeApiClient(CoordinationV1Api);
    const spec = { holderIdentity: 'me', leaseDurationSeconds: 15 };
    const lease = await leases.createNamespacedLease({ namespace, body: { metadata: { name: 'lock' }, spec } });
    expect(await codeOf(leases.createNamespacedLease({ namespace, body: { metadata: { name: 'lock' } } }))).to.equal(
      409,
    );
    await leases.replaceNamespacedLease({
      namespace,
      name: 'lock',
      body: { ...lease, spec: { holderIdentity: 'other' } },
    });
    expect(await codeOf(leases.replaceNamespacedLease({ namespace, name: 'lock', body: lease }))).to.equal(409);
  });

  it('orphans what a job owns unless told to cascade', async () => {
    const batch = config.makeApiClient(BatchV1Api);
    const core = config.makeApiClient(CoreV1Api);
    const body = {
      metadata: { name: 'switch' },
      spec: {
        parallelism: 0,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'none', image: 'pause' }] } },
      },
    };
    for (const [name, propagationPolicy] of [
      ['kept', undefined],
      ['gone', 'Background'],
    ] as const) {
      const job = await batch.createNamespacedJob({ namespace, body });
      const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'switch', uid: job.metadata?.uid ?? '' }];
      await core.createNamespacedConfigMap({ namespace, body: { metadata: { name, ownerReferences } } });
      await batch.deleteNamespacedJob({
        namespace,
        name: 'switch',
        ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
      });
      await until('the job is gone', async () => (await batch.listNamespacedJob({ namespace })).items.length === 0);
    }
    await until(
      'the dependent is gone',
      async () => (await codeOf(core.readNamespacedConfigMap({ namespace, name: 'gone' }))) === 404,
    );
    expect((await core.readNamespacedConfigMap({ namespace, name: 'kept' })).metadata?.ownerReferences).to.equal(
      undefined,
    );
  });

  it('hears what went wrong in the words of a real server', async () => {
    const core = config.makeApiClient(CoreV1Api);
    api.misbehave.request = () => ({ kind: 'status', code: 429, retryAfter: 1 });
    try {
      await core.readNamespacedConfigMap({ namespace, name: 'cm' });
      expect.fail('should have been refused');
    } catch (error) {
      expect(error).to.be.instanceOf(ApiException);
      const { code, headers, body } = error as ApiException<string>;
      expect(code).to.equal(429);
      expect(headers['retry-after']).to.equal('1');
      expect(JSON.parse(body)).to.include({ kind: 'Status', reason: 'TooManyRequests' });
    }
  });
});
