import { expect } from 'chai';
import { at } from '../api/json.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { type Role, userWith } from './users.ts';

const REVIEW = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const ROLES: readonly Role[] = [
  {
    namespace: 'default',
    rules: [
      { verbs: ['get', 'list', 'create'], apiGroups: [''], resources: ['configmaps'] },
      { verbs: ['get', 'patch'], apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'] },
      { verbs: ['get'], apiGroups: [''], resources: ['pods/proxy'] },
    ],
  },
  { rules: [{ verbs: ['list'], apiGroups: [''], resources: ['nodes'] }] },
];

describe('users with roles', () => {
  let api: TestServer;
  beforeEach(async () => {
    api = await startTestServer();
    api.users.add('bobs', userWith('bob', ROLES));
  });
  afterEach(async () => api.close());

  const ask = (method: string, path: string, body?: unknown) =>
    api.call(method, path, body, { authorization: 'Bearer bobs' });
  const code = async (method: string, path: string, body?: unknown) => (await ask(method, path, body)).status;
  const may = async (attributes: object): Promise<unknown> =>
    at((await ask('POST', REVIEW, { spec: { resourceAttributes: attributes } })).body, 'status');

  it('are refused what no role allows, in the words of Kubernetes', async () => {
    const refused = await ask('GET', '/api/v1/namespaces/default/pods');
    expect(refused.status).to.equal(403);
    expect(refused.body).to.deep.include({
      reason: 'Forbidden',
      message: 'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
      details: { name: '', kind: 'pods' },
    });
    const named = await ask('GET', '/apis/apps/v1/namespaces/default/deployments/other');
    expect(named.body.message).to.equal(
      'deployments.apps "other" is forbidden: User "bob" cannot get resource "deployments" in API group "apps" in the namespace "default"',
    );
    const cluster = await ask('GET', '/api/v1/namespaces');
    expect(cluster.body.message).to.match(/^namespaces is forbidden: .* at the cluster scope$/);
    const home = await ask('GET', '/api/v1/namespaces/kube-system');
    expect(home.body.message).to.match(/^namespaces "kube-system" is forbidden: .* in the namespace "kube-system"$/);
    expect(api.users.refused('bobs')).to.deep.equal([
      'list pods in default',
      'get deployments.apps other in default',
      'list namespaces',
      'get namespaces kube-system in kube-system',
    ]);
  });

  it('may do what a role allows: by namespace, verb, subresource and name', async () => {
    expect(await code('GET', CONFIG_MAPS)).to.equal(200);
    expect(await code('GET', CONFIG_MAPS.replace('default', 'kube-system'))).to.equal(403);
    expect(await code('GET', '/api/v1/configmaps'), 'a Role is no ClusterRole').to.equal(403);
    expect(await code('GET', `${CONFIG_MAPS}?watch=true`)).to.equal(403);
    expect(await code('DELETE', CONFIG_MAPS)).to.equal(403);
    expect(await code('GET', '/api/v1/nodes')).to.equal(200);
    expect(await code('GET', '/apis/apps/v1/namespaces/default/deployments/web')).to.equal(404);
    expect(await code('GET', '/apis/apps/v1/namespaces/default/deployments')).to.equal(403);
    expect(await code('GET', '/api/v1/namespaces/default/pods/p:15020/proxy/stats')).to.not.equal(403);
    expect(await code('GET', '/api/v1/namespaces/default/pods/p')).to.equal(403);
    expect(await code('POST', '/api/v1/namespaces/default/pods/p:15020/proxy/stats')).to.equal(403);
  });

  it('are told the same by an access review, and everybody may discover', async () => {
    const pods = { verb: 'get', resource: 'pods', namespace: 'default' };
    expect(await may(pods)).to.deep.equal({ allowed: false });
    expect(await may({ ...pods, subresource: 'proxy' })).to.deep.equal({ allowed: true });
    const web = { verb: 'patch', group: 'apps', resource: 'deployments', namespace: 'default' };
    expect(await may(web)).to.deep.equal({ allowed: false });
    expect(await may({ ...web, name: 'web' })).to.deep.equal({ allowed: true });
    expect(await may({ verb: 'list', resource: 'nodes' })).to.deep.equal({ allowed: true });
    for (const path of ['/version', '/api', '/apis', '/apis/apps/v1']) expect(await code('GET', path)).to.equal(200);
    expect(api.users.refused('bobs')).to.deep.equal([]);
  });

  it('are who they are', async () => {
    const who = await ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(at(who.body, 'status', 'userInfo')).to.deep.include({ username: 'bob', groups: ['system:authenticated'] });
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const { body } = await ask('POST', path, { spec: { namespace: 'kube-system' } });
    expect(at(body, 'status', 'resourceRules')).to.deep.equal(ROLES[1]?.rules);
    const stranger = await api.call('GET', CONFIG_MAPS, undefined, { authorization: 'Bearer strangers' });
    expect(stranger.status).to.equal(401);
  });
});
