import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { fakeContext, fakeSystem, RUN } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { clientFault } from './index.ts';

const NAME = `faultline-${RUN}-broken`;
const HOST = 'mockb.default.svc.cluster.local';

/** Somebody's routes. */
function routes(spec: Json, namespace = 'default') {
  const cluster = fakeSystem();
  cluster.add({ ...KINDS.virtualService, metadata: { name: 'theirs', namespace }, spec });
  return planWith(clientFault, cluster);
}

describe('a client fault', () => {
  it('says that it never ejects, and that its callers go on answering', async () => {
    const plan = await planWith(clientFault, fakeSystem(), { headers: { 'x-drill': 'a' }, delay: 250 });
    expect(plan.summary).to.equal(
      `let calls of ${HOST} by 1 pod in default (app=mocka) wait 250ms, then answer 503 for 100 % of the requests with x-drill: a`,
    );
    expect([plan.signature, plan.affected.map(({ workload }) => workload)]).to.deep.equal([
      'degrades',
      ['mocka-ap-northeast-1a'],
    ]);
    expect(plan.warnings.join()).to.contain('nothing is ejected, nothing is retried, and nobody fails over');
    expect(plan.routes, 'no other fault may bring them').to.deep.equal([{ host: HOST, namespace: 'default' }]);
  });

  it('takes calls of a Service, and of no other host', async () => {
    const to = { kind: 'service', service: 'shop/cart' };
    const of = async (host: string) =>
      (await planWith(clientFault, fakeSystem(), { host })).tolls.map((toll) => toll.to);
    expect(await of('cart.shop.svc.cluster.local')).to.deep.equal([to]);
    expect(await of('api.example.com')).to.deep.equal([]);
  });

  it("puts a faulty route before the callers' own, for them alone", async () => {
    const cluster = fakeSystem();
    const fields = { headers: { 'x-drill': 'a' }, delay: 250, percent: 0.5 };
    const plan = await planWith(clientFault, cluster, fields);
    await clientFault.inject(plan, fakeContext(cluster));
    const object = await cluster.get({ ...KINDS.virtualService, namespace: 'default', name: NAME });
    const route = [{ destination: { host: HOST } }];
    expect(object?.spec).to.deep.equal({
      hosts: [HOST],
      exportTo: ['.'],
      gateways: ['mesh'],
      http: [
        {
          name: `faultline.${RUN}.broken`,
          match: [{ sourceLabels: { app: 'mocka' }, headers: { 'x-drill': { exact: 'a' } } }],
          fault: {
            abort: { httpStatus: 503, percentage: { value: 50 } },
            delay: { fixedDelay: '0.25s', percentage: { value: 50 } },
          },
          route,
        },
        { route },
      ],
    });
    expect(object?.metadata.ownerReferences?.[0]).to.deep.include({ kind: 'Job', name: NAME });
  });

  it('is refused where the host has routes already, since a second VirtualService would do nothing', async () => {
    for (const hosts of [['mockb'], [HOST], ['*.default.svc.cluster.local'], ['*'], ['other', 'mockb']]) {
      expect(await errorOf(routes({ hosts })), hosts.join()).to.contain(
        `FAULT_NO_TARGET: cluster tokyo: VirtualService default/theirs routes ${HOST} already: of two for one host only the older one counts`,
      );
    }
    for (const spec of [{ hosts: ['mockc'] }, { hosts: ['mockb'], gateways: ['shop/entry'] }]) {
      expect(await errorOf(routes(spec)), JSON.stringify(spec)).to.equal('none');
    }
    expect(await errorOf(routes({ hosts: ['mockb'], gateways: ['shop/entry', 'mesh'] }))).to.contain('already');
    expect(await errorOf(routes({ hosts: ['mockb'] }, 'shop')), 'another host').to.equal('none');
  });

  it('is not proven while the callers do not have the route, as where an older VirtualService counts', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(clientFault, cluster);
    await clientFault.inject(plan, fakeContext(cluster));
    expect((await clientFault.prove(plan, fakeContext(cluster))).detail).to.match(
      /^the VirtualService is there, and the proxies of mocka-\S+ have it$/,
    );
    cluster.proxyAdmin = () => ({ get: async () => '[{"name":"theirs"}]' });
    expect((await clientFault.prove(plan, fakeContext(cluster))).detail).to.match(/: mocka-\S+ \(has not\)$/);
  });

  it('names another VirtualService that has its route, while that keeps it on', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(clientFault, cluster);
    await clientFault.inject(plan, fakeContext(cluster));
    const [own] = cluster.all(KINDS.virtualService);
    cluster.add({ ...KINDS.virtualService, metadata: { name: 'copy', namespace: 'default' }, spec: own?.spec ?? {} });
    const { state, detail } = await clientFault.undo(plan, fakeContext(cluster, AbortSignal.abort()));
    expect([state, detail.includes(': VirtualService default/copy, which the run has not made')]).to.deep.equal([
      'failed',
      true,
    ]);
  });
});
