import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { at, type JsonMap, mapsOf } from './json.ts';

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

describe('reading over HTTP', () => {
  let api: TestServer;
  before(async () => {
    api = await startTestServer();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      api.store.create({
        ...KINDS.configMap,
        metadata: { name, namespace: 'default', labels: { name } },
        data: { k: 'v' },
      });
    }
    api.store.create({ ...KINDS.configMap, metadata: { name: 'z', namespace: 'kube-system' } });
  });
  after(() => api.close());

  const configMaps = '/api/v1/namespaces/default/configmaps';
  const names = (body: JsonMap): unknown[] => mapsOf(body.items).map((item) => at(item, 'metadata', 'name'));

  it('gets one object, and answers 404 as apimachinery does', async () => {
    const found = await api.call('GET', `${configMaps}/a`);
    expect(found.body).to.include({ kind: 'ConfigMap', apiVersion: 'v1' });
    const missing = await api.call('GET', '/apis/apps/v1/namespaces/default/deployments/none');
    expect(missing.status).to.equal(404);
    expect(missing.body).to.deep.equal({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'deployments.apps "none" not found',
      reason: 'NotFound',
      details: { name: 'none', group: 'apps', kind: 'deployments' },
      code: 404,
    });
  });

  it('lists one namespace or all, without kind in the items of built-in lists', async () => {
    const one = await api.call('GET', configMaps);
    expect(one.body).to.include({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(names(one.body)).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
    expect(mapsOf(one.body.items)[0]).to.not.have.any.keys('kind', 'apiVersion');
    const all = await api.call('GET', '/api/v1/configmaps');
    expect(names(all.body)).to.deep.equal(['a', 'b', 'c', 'd', 'e', 'z']);
  });

  it('selects by labels and fields', async () => {
    const labels = await api.call('GET', `${configMaps}?labelSelector=${encodeURIComponent('name in (a,c),!x')}`);
    expect(names(labels.body)).to.deep.equal(['a', 'c']);
    const fields = await api.call('GET', `${configMaps}?fieldSelector=${encodeURIComponent('metadata.name!=a')}`);
    expect(names(fields.body)).to.deep.equal(['b', 'c', 'd', 'e']);
    expect((await api.call('GET', `${configMaps}?fieldSelector=data.k%3Dv`)).status).to.equal(400);
    expect((await api.call('GET', `${configMaps}?labelSelector=a%20b`)).status).to.equal(400);
  });

  it('pages through the state of the first page', async () => {
    const first = await api.call('GET', `${configMaps}?limit=2`);
    expect(names(first.body)).to.deep.equal(['a', 'b']);
    expect(at(first.body, 'metadata', 'remainingItemCount')).to.equal(3);
    api.store.create({ ...KINDS.configMap, metadata: { name: 'bb', namespace: 'default' } });
    const token = encodeURIComponent(String(at(first.body, 'metadata', 'continue')));
    const second = await api.call('GET', `${configMaps}?limit=2&continue=${token}`);
    expect(names(second.body)).to.deep.equal(['c', 'd']);
    expect(at(second.body, 'metadata', 'resourceVersion')).to.equal(at(first.body, 'metadata', 'resourceVersion'));
    api.store.delete({ ...KINDS.configMap, namespace: 'default', name: 'bb' });
    const invented = await api.call('GET', `${configMaps}?limit=2&continue=AAAAAAAAAA`);
    expect(invented.body).to.include({ code: 410, reason: 'Expired' });
  });

  it('follows the rules of resourceVersion', async () => {
    const future = await api.call('GET', `${configMaps}?resourceVersion=99999`);
    expect(future.body).to.include({ code: 504, reason: 'Timeout' });
    expect(at(future.body, 'details', 'causes', 0, 'reason')).to.equal('ResourceVersionTooLarge');
    const exact = await api.call('GET', `${configMaps}?resourceVersion=1&resourceVersionMatch=Exact`);
    expect(exact.body).to.include({ code: 410, reason: 'Expired' });
    expect((await api.call('GET', `${configMaps}?resourceVersion=0`)).status).to.equal(200);
    expect((await api.call('GET', `${configMaps}?resourceVersion=abc`)).status).to.equal(400);
  });

  it('prints tables', async () => {
    const { body } = await api.call('GET', `${configMaps}?limit=1`, undefined, TABLE);
    expect(body).to.include({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    expect(mapsOf(body.columnDefinitions).map((column) => column.name)).to.deep.equal(['Name', 'Data', 'Age']);
    expect(at(body, 'rows', 0, 'cells', 0)).to.equal('a');
    expect(at(body, 'rows', 0, 'object', 'kind')).to.equal('PartialObjectMetadata');
    expect(at(body, 'metadata', 'continue')).to.be.a('string');
    const whole = await api.call('GET', `${configMaps}/a?includeObject=Object`, undefined, TABLE);
    expect(at(whole.body, 'rows', 0, 'object', 'data')).to.deep.equal({ k: 'v' });
    const none = await api.call('GET', `${configMaps}/a?includeObject=None`, undefined, TABLE);
    expect(at(none.body, 'rows', 0)).to.have.all.keys('cells');
  });

  it('answers in YAML, in metadata only, and in JSON to those who prefer protobuf', async () => {
    const yaml = await api.call('GET', `${configMaps}/a`, undefined, { accept: 'application/yaml' });
    expect(yaml.text).to.match(/^kind: ConfigMap$/m);
    const partial = await api.call('GET', configMaps, undefined, {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    expect(partial.body.kind).to.equal('PartialObjectMetadataList');
    expect(mapsOf(partial.body.items)[0]).to.have.all.keys('kind', 'apiVersion', 'metadata');
    const fallback = await api.call('GET', configMaps, undefined, {
      accept: 'application/vnd.kubernetes.protobuf,application/json',
    });
    expect(fallback.body.kind).to.equal('ConfigMapList');
    const only = await api.call('GET', configMaps, undefined, { accept: 'application/vnd.kubernetes.protobuf' });
    expect(only.status).to.equal(406);
  });

  it('knows what it does not serve', async () => {
    const unknown = [
      '/api/v1/namespaces/default/toasters',
      '/apis/example.com/v1/things',
      '/api/v2',
      '/nothing',
      '/api/v1/pods/p',
    ];
    for (const path of unknown) expect((await api.call('GET', path)).status, path).to.equal(404);
    expect((await api.call('PUT', configMaps, {})).status).to.equal(405);
    expect((await api.call('DELETE', '/api/v1/configmaps')).status).to.equal(405);
    expect((await api.call('GET', `${configMaps}/__proto__`)).status).to.equal(404);
    expect((await api.call('GET', `${configMaps}/%`)).status).to.equal(404);
  });

  it('accepts its own token and none, and no other', async () => {
    expect((await api.call('GET', configMaps, undefined, { authorization: 'Bearer wrong' })).status).to.equal(401);
    expect((await fetch(`${api.server.url}${configMaps}`)).status).to.equal(200);
    expect((await fetch(`${api.server.url}/readyz`, { headers: { authorization: 'Bearer wrong' } })).status).to.equal(
      200,
    );
  });

  it('serves logs and the pod proxy', async () => {
    const spec = {
      nodeName: 'n',
      containers: [
        { name: 'one', image: 'x' },
        { name: 'two', image: 'x' },
      ],
    };
    api.store.create({ ...KINDS.pod, metadata: { name: 'p', namespace: 'default' }, spec });
    const pod = '/api/v1/namespaces/default/pods/p';
    expect((await api.call('GET', `${pod}/log`)).body.message).to.equal(
      'a container name must be specified for pod p, choose one of: [one two]',
    );
    expect((await api.call('GET', `${pod}/log?container=two&tailLines=1`)).text).to.equal('second line\n');
    expect((await api.call('GET', `${pod}/log?container=three`)).status).to.equal(400);
    const proxied = await api.call('GET', `${pod}:15000/proxy/stats/prometheus?filter=a%20b`);
    expect(proxied.text).to.equal('default p 15000 /stats/prometheus?filter=a+b');
    expect((await api.call('GET', `${pod}:15000/proxy/missing`)).status).to.equal(404);
    expect((await api.call('GET', '/api/v1/namespaces/default/pods/none:1/proxy/')).status).to.equal(404);
  });
});
