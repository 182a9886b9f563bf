import { expect } from 'chai';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { at, mapsOf } from './json.ts';

describe('discovery', () => {
  let api: TestServer;
  before(async () => {
    api = await startTestServer();
  });
  after(() => api.close());
  const get = async (path: string, accept = 'application/json'): ReturnType<TestServer['call']> =>
    api.call('GET', path, undefined, { accept });

  it('lists groups, versions and resources that all can be listed', async () => {
    const groups = mapsOf((await get('/apis')).body.groups);
    const versions = groups.flatMap((group) =>
      mapsOf(group.versions).map((version) => `/apis/${version.groupVersion}`),
    );
    expect(versions).to.include.members([
      '/apis/apps/v1',
      '/apis/networking.istio.io/v1alpha3',
      '/apis/discovery.k8s.io/v1',
    ]);
    for (const root of ['/api/v1', ...versions]) {
      const { body, status } = await get(root);
      expect(status, root).to.equal(200);
      const listable = mapsOf(body.resources).filter((one) => String(one.verbs).includes('list'));
      for (const { name } of listable) expect((await get(`${root}/${name}`)).status, `${root}/${name}`).to.equal(200);
    }
  });

  it('says the same in the aggregated form', async () => {
    const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const answer = await get('/apis', type);
    expect(answer.headers.get('content-type')).to.equal(type);
    for (const group of mapsOf(answer.body.items)) {
      for (const version of mapsOf(group.versions)) {
        const name = `${at(group, 'metadata', 'name')}/${version.version}`;
        const plain = mapsOf((await get(`/apis/${name}`)).body.resources).filter(
          (one) => !String(one.name).includes('/'),
        );
        const aggregated = mapsOf(version.resources).map((one) => [
          one.resource,
          at(one, 'responseKind', 'kind'),
          one.scope,
        ]);
        expect(aggregated, name).to.deep.equal(
          plain.map((one) => [one.name, one.kind, one.namespaced ? 'Namespaced' : 'Cluster']),
        );
      }
    }
  });

  it('prefers v1 of Istio and serves EnvoyFilter in v1alpha3 only', async () => {
    const { body } = await get('/apis/networking.istio.io');
    expect(at(body, 'preferredVersion', 'version')).to.equal('v1');
    const kinds = async (version: string): Promise<unknown[]> =>
      mapsOf((await get(`/apis/networking.istio.io/${version}`)).body.resources).map((one) => one.kind);
    expect(await kinds('v1'))
      .to.include('DestinationRule')
      .and.not.include('EnvoyFilter');
    expect(await kinds('v1alpha3'))
      .to.include('DestinationRule')
      .and.include('EnvoyFilter');
  });

  it('serves the kind of the k6 operator, with its CustomResourceDefinition', async () => {
    const { body } = await get('/apis/k6.io/v1alpha1');
    expect(mapsOf(body.resources).map(({ name, kind, namespaced }) => [name, kind, namespaced])).to.deep.equal([
      ['testruns', 'TestRun', true],
      ['testruns/status', 'TestRun', true],
    ]);
    const definition = await get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/testruns.k6.io');
    expect(at(definition.body, 'spec', 'names', 'kind')).to.equal('TestRun');
  });

  it('answers for a group that is not installed with the page of a web server, and lists no such group', async () => {
    const paths = [
      '/apis/argoproj.io/v1alpha1',
      '/apis/argoproj.io',
      '/apis/argoproj.io/v1alpha1/namespaces/x/rollouts',
    ];
    for (const path of [...paths, '/apis/apps/v9', '/nobody']) {
      const { status, headers, text } = await get(path);
      const page = [status, headers.get('content-type'), text];
      expect(page, path).to.deep.equal([404, 'text/plain; charset=utf-8', '404 page not found\n']);
    }
    const groups = mapsOf((await get('/apis')).body.groups).map(({ name }) => name);
    expect(groups).to.include('k6.io').and.not.include('argoproj.io');
    expect(Object.keys(((await get('/openapi/v3')).body.paths ?? {}) as object).join()).to.not.contain('argoproj');
  });

  it('serves a custom kind from the moment on at which its CustomResourceDefinition is there, and no longer', async () => {
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const path = '/apis/argoproj.io/v1alpha1/rollouts';
    const metadata = { name: 'rollouts.argoproj.io' };
    const spec = {
      group: 'argoproj.io',
      names: { plural: 'rollouts', kind: 'Rollout' },
      scope: 'Namespaced',
      versions: [],
    };
    const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata, spec };
    expect((await api.call('POST', definitions, definition)).status).to.equal(201);
    expect((await get(path)).status).to.equal(200);
    const groups = async () => mapsOf((await get('/apis')).body.groups).map(({ name }) => name);
    expect(await groups()).to.include('argoproj.io');
    expect((await api.call('DELETE', `${definitions}/rollouts.argoproj.io`)).status).to.equal(200);
    expect(await groups()).to.not.include('argoproj.io');
  });

  it('takes every method for the pod proxy', async () => {
    const { body } = await get('/api/v1');
    const proxy = mapsOf(body.resources).find(({ name }) => name === 'pods/proxy');
    expect(proxy?.verbs).to.deep.equal(['create', 'delete', 'get', 'patch', 'update']);
  });

  it('tells its version and that it is no real server', async () => {
    expect((await get('/version')).body.gitVersion).to.match(/^v1\.\d+\.\d+\+faultline-sandbox$/);
  });

  it('offers dryRun and fieldValidation in OpenAPI v3 for every kind', async () => {
    const index = (await get('/openapi/v3')).body;
    const url = String(at(index, 'paths', 'apis/apps/v1', 'serverRelativeURL'));
    const { body } = await get(url);
    const patch = at(body, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}', 'patch');
    expect(mapsOf(at(patch, 'parameters')).map((one) => one.name)).to.include.members(['dryRun', 'fieldValidation']);
    expect(at(patch, 'x-kubernetes-group-version-kind')).to.deep.equal({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
    });
  });

  it('gives an empty OpenAPI v2 document, also in protobuf', async () => {
    expect((await get('/openapi/v2')).body.swagger).to.equal('2.0');
    const answer = await get('/openapi/v2', 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    expect(answer.text.slice(0, 5)).to.equal('\n\u00032.0');
  });

  it('is healthy', async () => {
    for (const path of ['/healthz', '/livez', '/readyz']) expect((await get(path)).text).to.equal('ok');
  });
});
