import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, RUN_LABEL } from '../../model/kubernetes.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem, RUN } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { meshFault } from './index.ts';

const NAME = `faultline-${RUN}-broken`;
const FILTER = { ...KINDS.envoyFilter, namespace: 'default', name: NAME };
const PERCENT = { numerator: 5000, denominator: 'TEN_THOUSAND' };

async function on(fields: Parameters<typeof planWith>[2] = {}, cluster = fakeSystem()) {
  const plan = await planWith(meshFault, cluster, fields);
  await meshFault.inject(plan, fakeContext(cluster));
  return { cluster, plan };
}

/** The gauges of every proxy, and what its inbound listener is said to have. */
function proxiesSay(cluster: FakeCluster, draining: number, filters: string): void {
  cluster.proxyAdmin = () => ({
    get: async (path) =>
      path.startsWith('/stats') ? `listener_manager.total_filter_chains_draining: ${draining}\n` : filters,
  });
}

describe('the plan of a mesh fault', () => {
  it('stops the pods where all is answered, and degrades them where some gets through', async () => {
    const signature = async (fields: Parameters<typeof planWith>[2]) =>
      (await planWith(meshFault, fakeSystem(), fields)).signature;
    expect(await signature({})).to.equal('stops-serving');
    const some = [
      { percent: 0.9999 },
      { headers: { 'x-drill': 'a' } },
      { port: 8000 },
      { status: undefined, delay: 1_000 },
    ];
    for (const fields of some) expect(await signature(fields), JSON.stringify(fields)).to.equal('degrades');
  });

  it('says how much it takes, save where only requests with some headers fail', async () => {
    const tolls = async (fields: Parameters<typeof planWith>[2]) =>
      (await planWith(meshFault, fakeSystem(), fields)).tolls;
    const to = { kind: 'affected' };
    expect(await tolls({ percent: 0.999 })).to.deep.equal([{ to, share: 0.999, ejects: 0.999 }]);
    expect(await tolls({ port: 8000 })).to.deep.equal([{ to, share: 1, port: 8000 }]);
    expect(await tolls({ delay: 2_000 }), 'late, and failed all the same').to.deep.equal([{ to, share: 1 }]);
    expect(await tolls({ status: undefined, delay: 2_000 })).to.deep.equal([{ to, share: 1, afterMs: 2_000 }]);
    expect(await tolls({ headers: { 'x-drill': 'a' }, percent: 0.5 })).to.deep.equal([{ to, share: 0, ejects: 0.5 }]);
    const slow = { status: undefined, delay: 2_000, headers: { 'x-drill': 'a' } };
    expect(await tolls(slow), 'late is no failing answer').to.deep.equal([]);
    expect(await tolls({ headers: { 'user-agent': 'all have it' } })).to.deep.equal([{ to, share: 1 }]);
  });

  it('says in words who is hit, and how', async () => {
    const fields = { percent: 0.5, headers: { 'x-drill': 'a' }, port: 8000, delay: 2_000 };
    const { summary, affected, expiresMs } = await planWith(meshFault, fakeSystem(), fields);
    expect(summary).to.equal(
      'let the sidecars of 1 pod in default (app=mockb,version=ap-northeast-1a) wait 2s, then answer 503 for 50 % of the requests with x-drill: a to port 8000',
    );
    expect([affected.map(({ zone }) => zone), expiresMs]).to.deep.equal([['ap-northeast-1a'], 900_000]);
  });

  it('is refused where no pod is, and where pods have no sidecar', async () => {
    expect(await errorOf(planWith(meshFault, fakeSystem(), { selector: { app: 'ghost' } }))).to.contain(
      'FAULT_NO_TARGET: cluster tokyo: meshFault broken matches no pod in default (kubectl -n default get pods -l app=ghost)',
    );
    const cluster = fakeSystem();
    for (const { metadata } of cluster.all(KINDS.pod)) delete metadata.annotations;
    expect(await errorOf(planWith(meshFault, cluster))).to.match(
      /no sidecar in mockb-ap-northeast-1a-\S+: nothing there acts/,
    );
    expect(await errorOf(planWith(meshFault, cluster, { selector: { app: 'mockb' } }))).to.match(
      /no sidecar in mockb-ap-northeast-1a-\S+, mockb-ap-northeast-1b-\S+: nothing there acts/,
    );
    for (const pod of cluster.all(KINDS.pod))
      pod.spec = { ...(pod.spec as object), initContainers: [{ name: 'istio-proxy' }] };
    expect(await errorOf(planWith(meshFault, cluster))).to.equal('none');
  });
});

describe('a mesh fault', () => {
  it("puts Envoy's fault filter in front of the inbound router of the pods, and its Job owns it", async () => {
    const { cluster } = await on({ percent: 0.5, headers: { 'x-drill': 'a' }, port: 8000, delay: 1_500 });
    const filter = await cluster.get(FILTER);
    const job = await cluster.get({ ...KINDS.job, namespace: 'default', name: NAME });
    expect(filter?.metadata.ownerReferences?.[0]).to.deep.include({ kind: 'Job', name: NAME, uid: job?.metadata.uid });
    expect(filter?.metadata.labels?.[RUN_LABEL]).to.equal(RUN);
    const http = 'envoy.filters.network.http_connection_manager';
    expect(filter?.spec).to.deep.equal({
      workloadSelector: { labels: { app: 'mockb', version: 'ap-northeast-1a' } },
      configPatches: [
        {
          applyTo: 'HTTP_FILTER',
          match: {
            context: 'SIDECAR_INBOUND',
            listener: {
              filterChain: {
                destinationPort: 8000,
                filter: { name: http, subFilter: { name: 'envoy.filters.http.router' } },
              },
            },
          },
          patch: {
            operation: 'INSERT_BEFORE',
            value: {
              name: `faultline.${RUN}.broken`,
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
                abort: { http_status: 503, percentage: PERCENT },
                delay: { fixed_delay: '1.5s', percentage: PERCENT },
                headers: [{ name: 'x-drill', string_match: { exact: 'a' } }],
              },
            },
          },
        },
      ],
    });
  });

  it('is proven by what the proxies have, when they have let go of every connection from before', async () => {
    const { cluster, plan } = await on();
    const prove = async () => (await meshFault.prove(plan, fakeContext(cluster))).detail;
    const name = JSON.stringify(`faultline.${RUN}.broken`);
    proxiesSay(cluster, 0, '[]');
    expect(await prove()).to.match(/not all proxies have it for all that they do: mockb-\S+ \(has not\)$/);
    proxiesSay(cluster, 1, name);
    expect(await prove()).to.match(/\(taking over\)$/);
    proxiesSay(cluster, 0, name);
    expect(await prove()).to.match(/^the EnvoyFilter is there, and the proxies of mockb-\S+ have it$/);
  });

  it('is not proven any more when somebody changes or takes it', async () => {
    const { cluster, plan } = await on();
    const filter = await cluster.get(FILTER);
    if (filter === undefined) throw new Error('it is there');
    cluster.put({ ...filter, spec: {} });
    expect((await meshFault.prove(plan, fakeContext(cluster))).detail).to.contain('was changed by somebody else');
    cluster.objects.delete(`EnvoyFilter default/${NAME}`);
    expect((await meshFault.prove(plan, fakeContext(cluster))).detail).to.contain('is gone');
  });

  it('says of its undo whether the proxies have let go', async () => {
    const { cluster, plan } = await on();
    proxiesSay(cluster, 3, '[]');
    const { state, detail } = await meshFault.undo(plan, fakeContext(cluster));
    expect([state, detail]).to.deep.equal([
      'undone',
      'EnvoyFilter and Job are deleted, the proxies may still have it for some connections',
    ]);
    proxiesSay(cluster, 0, '[]');
    expect((await meshFault.undo(plan, fakeContext(cluster))).detail).to.contain('have let go of it');
  });

  it('is not undone while proxies have it, in a hurry or not, and is when they have let go', async () => {
    for (const draining of [0, 1]) {
      for (const signal of [undefined, AbortSignal.abort()]) {
        const { cluster, plan } = await on();
        const { proxyAdmin } = cluster;
        proxiesSay(cluster, draining, JSON.stringify(`faultline.${RUN}.broken`));
        const context = fakeContext(cluster, signal);
        const { state, detail, objects, commands } = await meshFault.undo(plan, context);
        expect([state, context.now() / 1e6 >= 60], `${draining}: ${detail}`).to.deep.equal(['failed', true]);
        expect(detail).to.match(
          /still on in the proxies of mockb-\S+ of tokyo: the istiod of tokyo has to run and reach them/,
        );
        expect(objects.map((object) => object.state)).to.have.members(['left-behind', 'put-back']);
        expect(commands.join()).to.contain('app=istiod');
        expect([cluster.all(KINDS.envoyFilter), cluster.all(KINDS.job)]).to.deep.equal([[], []]);
        expect((await meshFault.undo(plan, fakeContext(cluster))).state, 'looked at again').to.equal('failed');
        cluster.proxyAdmin = proxyAdmin;
        expect((await meshFault.undo(plan, fakeContext(cluster))).detail).to.contain('have let go of it');
      }
    }
  });

  it('names what else puts it into the proxies, and says to look at the istiod where nothing does, or nobody may look', async () => {
    const { cluster, plan } = await on();
    const filter = await cluster.get(FILTER);
    if (filter === undefined) throw new Error('it is there');
    cluster.add({ ...filter, metadata: { name: 'copy', namespace: 'default' } });
    cluster.add({
      ...filter,
      metadata: { name: 'another', namespace: 'default' },
      spec: { configPatches: [], workloadSelector: { labels: {} } },
    });
    const undo = () => meshFault.undo(plan, fakeContext(cluster, AbortSignal.abort()));
    const { state, detail, commands } = await undo();
    expect(state).to.equal('failed');
    expect(detail).to.contain(
      `: EnvoyFilter default/copy, which the run has not made, puts it there as well (faultline.${RUN}.broken): delete that`,
    );
    expect(detail).to.not.contain('istiod');
    expect(commands).to.deep.equal(['kubectl -n default get envoyfilter/copy -o yaml']);
    cluster.before = ({ verb, kind }) => {
      if (verb === 'list' && kind === KINDS.envoyFilter.kind) throw new FaultlineError('PERMISSION_DENIED', '403 no');
    };
    expect((await undo()).detail).to.contain('unless another EnvoyFilter puts');
    cluster.before = () => {};
    cluster.objects.delete('EnvoyFilter default/copy');
    expect((await undo()).state).to.equal('undone');
  });

  it('is undone in a hurry when the proxies let go of it a little later, or are gone with their pods', async () => {
    const { cluster, plan } = await on();
    proxiesSay(cluster, 0, JSON.stringify(`faultline.${RUN}.broken`));
    const context = fakeContext(cluster, AbortSignal.abort());
    const { proxyAdmin } = cluster;
    cluster.proxyAdmin = (...where) => ({
      get: async (path) => (context.now() > 20e6 ? '[]' : proxyAdmin(...where).get(path)),
    });
    expect((await meshFault.undo(plan, context)).detail).to.contain('have let go of it');
    cluster.proxyAdmin = proxyAdmin;
    for (const { metadata } of cluster.all(KINDS.pod)) cluster.objects.delete(`Pod default/${metadata.name}`);
    expect((await meshFault.undo(plan, fakeContext(cluster))).state).to.equal('undone');
  });

  it('leaves an object of its name that another run has marked', async () => {
    const { cluster, plan } = await on();
    const filter = await cluster.get(FILTER);
    if (filter === undefined) throw new Error('it is there');
    const { annotations: _, ...metadata } = filter.metadata;
    cluster.put({ ...filter, metadata: { ...metadata, labels: { [RUN_LABEL]: 'another' } } });
    const { state, detail, objects } = await meshFault.undo(plan, fakeContext(cluster));
    expect([state, detail]).to.deep.equal(['conflict', `not of this run and left alone: EnvoyFilter default/${NAME}`]);
    expect(objects.map((object) => object.state)).to.deep.equal(['conflict', 'put-back']);
  });
});
