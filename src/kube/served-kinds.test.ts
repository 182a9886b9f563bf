import { expect } from 'chai';
import { KINDS } from '../model/kubernetes.ts';
import type { PodCluster } from '../model/ports.ts';
import type { Json } from '../model/scenario.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { kubeCluster } from './cluster.ts';
import { failure } from './testing/failure.ts';
import { type StubApi, stubApi } from './testing/stub-api.ts';

const POD = { ...KINDS.pod, namespace: 'default', name: 'p' };

const FILTER = { ...KINDS.envoyFilter, namespace: 'shop', name: 'f' };

describe('the kinds that an API server serves, as the cluster port asks for them,', () => {
  let api: StubApi;
  let cluster: PodCluster;
  beforeEach(async () => {
    api = await stubApi();
    cluster = kubeCluster({ name: 'tokyo', region: 'r', config: api.config, clock: virtualClock() });
  });
  afterEach(() => api.close());

  it('is each group version once, and again after it could not be had', async () => {
    api.discovery = () => ({ status: 403, body: { message: 'no' } });
    expect((await failure(cluster.get(POD))).message).to.equal('cluster tokyo: discover v1: 403 no');
    api.discovery = () => ({ body: { resources: [{ kind: 'Pod', name: 'pods', namespaced: true }] } });
    await Promise.all([cluster.get(POD), cluster.get(POD), cluster.list(KINDS.pod, {})]);
    expect(api.discoveries).to.equal(2);
    const unknown = await failure(cluster.list(KINDS.configMap, {}));
    expect(unknown.message).to.equal(`${api.url} does not serve v1 ConfigMap`);
    expect(unknown.code).to.equal('KIND_NOT_SERVED');
    expect(unknown.hint).to.contain('API group ');
    await failure(cluster.list(KINDS.deployment, {}));
    expect(api.discoveries).to.equal(3);
    const missing = { kind: 'Status', reason: 'NotFound', message: 'no such group' };
    api.answer = ({ path }) =>
      path === '/apis' ? { body: { kind: 'APIGroupList', groups: null } } : { status: 404, body: missing };
    expect((await failure(cluster.get(FILTER))).code).to.equal('KIND_NOT_SERVED');
    expect((await failure(cluster.can('list', FILTER, 'shop'))).code).to.equal('KIND_NOT_SERVED');
    api.answer = ({ path }) => (path === '/apis' ? { body: {} } : { status: 404, body: missing });
    expect((await failure(cluster.get(FILTER))).message).to.equal(
      'cluster tokyo: discover the groups: the answer is no list of groups',
    );
  });

  it('knows nothing of a kind where the answer lists no resources: that is no cluster without it', async () => {
    for (const body of [{}, { kind: 'APIResourceList' }, null, 7, 'x'] as const) {
      api.discovery = () => ({ body });
      const { code, message } = await failure(cluster.list(KINDS.pod, {}));
      expect(code, JSON.stringify(body)).to.equal('KUBE_API');
      expect(message).to.match(/^cluster tokyo: discover v1: the answer is (no object|no list of resources|not JSON)$/);
    }
    api.discovery = () => ({ body: { resources: null } });
    expect((await failure(cluster.list(KINDS.pod, {}))).code).to.equal('KIND_NOT_SERVED');
  });

  it('is asked anew where a list is answered 404: a kind that is served no more has no objects, one that still is may have', async () => {
    const served = { body: { resources: [{ kind: 'EnvoyFilter', name: 'envoyfilters', namespaced: true }] } };
    const gone = { status: 404, body: '404 page not found' };
    const others = { kind: 'APIGroupList', groups: [{ name: 'g', versions: [{ groupVersion: 'apps/v1' }] }] };
    for (const later of [gone, { body: { resources: [] } }]) {
      let discovered: typeof served | typeof later = served;
      let isThere = true;
      api.answer = ({ path }) => {
        if (path === '/apis') return { body: others };
        if (path === `/apis/${FILTER.apiVersion}`) return discovered;
        return isThere ? { body: { items: [] } } : gone;
      };
      const asks = [(c: PodCluster) => c.list(KINDS.envoyFilter, {}), (c: PodCluster) => c.get(FILTER)];
      for (const ask of asks) {
        const fresh = kubeCluster({ name: 'tokyo', region: 'r', config: api.config, clock: virtualClock() });
        [isThere, discovered] = [true, served];
        expect(await fresh.list(KINDS.envoyFilter, {})).to.deep.equal([]);
        isThere = false;
        expect((await failure(ask(fresh))).code, 'it is served').to.equal('KUBE_API');
        isThere = true;
        expect(await fresh.list(KINDS.envoyFilter, {})).to.deep.equal([]);
        [isThere, discovered] = [false, later];
        expect((await failure(ask(fresh))).code, 'it is served no more').to.equal('KIND_NOT_SERVED');
        fresh.close();
      }
    }
  });

  it('is without a group only where the list of groups says so: a 404 page may be of something on the way', async () => {
    const listed = (...versions: readonly string[]): Json => ({
      kind: 'APIGroupList',
      groups: [{ name: 'g', versions: versions.map((groupVersion) => ({ groupVersion })) }],
    });
    const codeWith = async (groups: Json): Promise<string> => {
      api.answer = ({ path }) => (path === '/apis' ? { body: groups } : { status: 404, body: '404 page not found' });
      return (await failure(cluster.list(KINDS.rollout, {}))).code;
    };
    expect(await codeWith(listed('apps/v1'))).to.equal('KIND_NOT_SERVED');
    expect(await codeWith(listed('apps/v1', KINDS.rollout.apiVersion))).to.equal('KUBE_API');
    expect(await codeWith({})).to.equal('KUBE_API');
    expect(await codeWith({ kind: 'APIGroupList' })).to.equal('KUBE_API');
    expect(await codeWith({ kind: 'APIGroupList', groups: [{ name: 'g' }] })).to.equal('KIND_NOT_SERVED');
    expect(await codeWith({ ...(listed('apps/v1') as object), kind: 'List' })).to.equal('KUBE_API');
    expect(await codeWith(listed('argoproj.io/v1beta1')), 'another version, which does not answer').to.equal(
      'KUBE_API',
    );
    api.answer = ({ path }) => ({ status: path === '/apis' ? 403 : 404, body: 'no' });
    expect((await failure(cluster.list(KINDS.rollout, {}))).message).to.equal(
      'cluster tokyo: discover the groups: 403 no',
    );
  });

  it('is in another version of its group where its own is served no more: what lives under that is read and deleted there, and not written', async () => {
    const [own, other] = [FILTER.apiVersion, 'networking.istio.io/v1'];
    const stored = {
      apiVersion: other,
      kind: FILTER.kind,
      metadata: { name: FILTER.name, namespace: 'shop', uid: 'u' },
    };
    const kinds = (...names: readonly string[]) => ({
      body: { resources: names.map((kind) => ({ kind, name: `${kind.toLowerCase()}s`, namespaced: true })) },
    });
    const asked: string[] = [];
    const answers: Record<string, () => { status?: number; body: Json }> = {
      '/apis': () => ({
        body: {
          kind: 'APIGroupList',
          groups: [
            {
              versions: [
                { groupVersion: 'a.example/v1' },
                { groupVersion: 'networking.istio.io/v1beta1' },
                { groupVersion: other },
              ],
            },
          ],
        },
      }),
      '/apis/a.example/v1': () => kinds('EnvoyFilter'),
      [`/apis/${own}`]: () => ({ status: 404, body: '404 page not found' }),
      '/apis/networking.istio.io/v1beta1': () => kinds('Sidecar'),
      [`/apis/${other}`]: () => kinds('EnvoyFilter'),
      [`/apis/${other}/namespaces/shop/envoyfilters`]: () => ({ body: { items: [stored] } }),
      [`/apis/${other}/namespaces/shop/envoyfilters/${FILTER.name}`]: () => ({ body: stored }),
    };
    api.answer = ({ method, path }) => {
      asked.push(`${method} ${path}`);
      return answers[path]?.() ?? { status: 404, body: '404 page not found' };
    };
    const ref = { apiVersion: own, kind: FILTER.kind, namespace: 'shop', name: FILTER.name };
    // Its own version has gone, or another kind is all that is left in it.
    for (const gone of [answers[`/apis/${own}`], () => kinds('Sidecar')]) {
      if (gone !== undefined) answers[`/apis/${own}`] = gone;
      const fresh = kubeCluster({ name: 'tokyo', region: 'r', config: api.config, clock: virtualClock() });
      expect((await fresh.get(ref))?.metadata.uid).to.equal('u');
      expect(await fresh.list(KINDS.envoyFilter, { namespace: 'shop' })).to.have.length(1);
      await fresh.delete(ref, { uid: 'u' });
      expect(asked).to.include(`DELETE /apis/${other}/namespaces/shop/envoyfilters/${FILTER.name}`);
      for (const write of [
        fresh.create({ ...stored, apiVersion: own }),
        fresh.patch(ref, []),
        fresh.can('create', KINDS.envoyFilter, 'shop'),
      ]) {
        expect((await failure(write)).code).to.equal('KIND_NOT_SERVED');
      }
      fresh.close();
    }
    answers[`/apis/${other}`] = () => ({ status: 503, body: 'busy' });
    const fresh = kubeCluster({ name: 'tokyo', region: 'r', config: api.config, clock: virtualClock() });
    expect((await failure(fresh.get(ref))).code, 'nobody knows').to.equal('KUBE_API');
    answers[`/apis/${other}`] = () => kinds('EnvoyFilter');
    expect((await fresh.get(ref))?.metadata.uid).to.equal('u');
    answers[`/apis/${other}`] = () => kinds('Sidecar');
    delete answers[`/apis/${other}/namespaces/shop/envoyfilters/${FILTER.name}`];
    expect((await failure(fresh.get(ref))).code, 'the other one has gone as well').to.equal('KIND_NOT_SERVED');
    fresh.close();
  });
});
