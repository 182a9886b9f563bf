import { expect } from 'chai';
import { routesSpec } from '../../faults/client-fault/routes.ts';
import { filterSpec } from '../../faults/mesh-fault/filter.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { mapOf } from '../api/json.ts';
import { SandboxUnderTest } from '../testing/sandbox-under-test.ts';
import { until } from '../testing/until.ts';

const API = 'networking.istio.io/v1';
const A = 'ap-northeast-1a';
const B = 'ap-northeast-1b';
const HOME = `${B} ${B} ${B}`;

/** Configurations whose effect was measured on a real mesh, by the zones that serve a request of the second zone. */
describe('mesh configuration in the sandbox', () => {
  let test: SandboxUnderTest;
  before(async () => {
    test = await SandboxUnderTest.start({ host: process.platform === 'linux' ? 'per-zone' : 'single' });
  });
  after(async () => test.sandbox.close());

  const comes = (wanted: RegExp | string) =>
    until(`${B} to answer ${wanted}`, async () => {
      const seen = await test.chain(B);
      return typeof wanted === 'string' ? seen === wanted : wanted.test(seen);
    });

  /** Adds an object for as long as the checks take. */
  async function having(object: KubeObject, checks: () => Promise<void>): Promise<void> {
    const { namespace = 'default', name = '' } = test.store().create(object).metadata;
    await checks();
    test.store().delete({ apiVersion: object.apiVersion, kind: object.kind, namespace, name });
    await comes(HOME);
  }

  const routes = (http: Json): KubeObject => ({
    apiVersion: API,
    kind: 'VirtualService',
    metadata: { name: 'mockb', namespace: 'default' },
    spec: { hosts: ['mockb'], http },
  });

  it('a subset is a cluster of its own: all zones go where its one endpoint is, and nothing takes over', async () => {
    test.change({ apiVersion: API, kind: 'DestinationRule' }, 'mockb', ({ spec }) => {
      Object.assign(mapOf(spec), { subsets: [{ name: 'current', labels: { version: A } }] });
    });
    await having(routes([{ route: [{ destination: { host: 'mockb', subset: 'current' } }] }]), async () => {
      await comes(`${B} ${A} ${A}`);
      const [caller = ''] = test.podNames(`mocka-${B}`);
      const { body } = await test.page(caller, 15020, '/stats/prometheus');
      expect(body).to.contain('cluster_name="outbound|8000|current|mockb.default.svc.cluster.local"');
      test.swap(`mockb-${A}`, 'example/curl:1', ['sleep', '3600']);
      await comes(/no healthy upstream$/);
      test.swap(`mockb-${A}`, test.mockImage());
      await comes(`${B} ${A} ${A}`);
    });
  });

  it('routes that do not match are a 404: the chain ends before', async () => {
    const match = [{ uri: { prefix: '/nothing' } }];
    await having(routes([{ match, route: [{ destination: { host: 'mockb' } }] }]), () =>
      comes(/^-> mocka\(version: ap-northeast-1b, [^)]+\)$/),
    );
  });

  it('a fault for some callers is a route of theirs, nobody is ejected, and other callers have none', async () => {
    const data = { namespace: 'default', callers: { app: 'mocka' }, host: 'mockb.default.svc.cluster.local' };
    const how = { status: 555, delayMs: null, percent: 1, headers: [], expirySeconds: 60 };
    const spec = routesSpec({ runId: 'r', fault: 'f', data: { ...data, ...how } });
    const routesOf = async (deployment: string) => {
      const [pod = ''] = test.podNames(deployment);
      return (await test.page(pod, 15000, '/config_dump?resource=dynamic_route_configs')).body;
    };
    const before = await test.ejections(`mocka-${B}`, 'mockb');
    const fault = { ...KINDS.virtualService, metadata: { name: 'f', namespace: 'default' }, spec };
    await having(fault as KubeObject, async () => {
      await comes(/^-> mocka\([^)]+\)fault filter abort$/);
      expect(await test.ejections(`mocka-${B}`, 'mockb')).to.equal(before);
      expect(await routesOf(`mocka-${B}`)).to.contain('"faultline.r.f"');
      expect(await routesOf(`mockb-${B}`)).to.not.contain('faultline');
    });
    expect(await routesOf(`mocka-${B}`)).to.not.contain('faultline');
  });

  it('MeshConfig may turn locality off for the whole mesh', async () => {
    const mesh = 'localityLbSetting: {enabled: false}\n';
    const object = { ...KINDS.configMap, metadata: { name: 'istio', namespace: 'istio-system' }, data: { mesh } };
    await having(object as KubeObject, () => comes(/ cn-hangzhou-[hk] /));
  });

  it('a rule that is kept in its namespace says nothing to the gateways of another', async () => {
    const [gateway = ''] = test.podNames(`istio-ingressgateway-${B}`, { namespace: 'istio-system' });
    const keep = (exportTo: string[]) =>
      test.change({ apiVersion: API, kind: 'DestinationRule' }, 'mocka', ({ spec }) =>
        Object.assign(mapOf(spec), { exportTo }),
      );
    const ofMocka = async () => {
      const { body } = await test.page(gateway, 15020, '/stats/prometheus', 'istio-system');
      return body.includes('|mocka.default');
    };
    keep(['.']);
    await until('the gateway to have no outlier detection for mocka', async () => !(await ofMocka()));
    keep(['*']);
    await until('the gateway to have it again', ofMocka);
  });

  it('a fault filter on the inbound side answers in place of the application, and callers eject its pod', async () => {
    const data = { namespace: 'default', selector: { app: 'mockb', version: B }, status: 503, delayMs: null };
    const rest = { percent: 1, headers: [], port: null, expirySeconds: 60 };
    const spec = filterSpec({ runId: 'r', fault: 'f', data: { ...data, ...rest } });
    const filter = { ...KINDS.envoyFilter, metadata: { name: 'f', namespace: 'default' }, spec };
    const [server = ''] = test.podNames(`mockb-${B}`);
    const inbound = async () => (await test.page(server, 15000, '/config_dump?resource=dynamic_listeners')).body;
    expect(await inbound()).to.not.contain('faultline.r.f');
    test.store().create(filter as KubeObject);
    await comes(`${B} ${A} ${A}`);
    expect(await test.ejections(`mocka-${B}`, 'mockb')).to.match(/^1 active/);
    expect(await inbound()).to.contain('"faultline.r.f"');
    test.store().delete({ ...KINDS.envoyFilter, namespace: 'default', name: 'f' });
    await until('the proxy to let go of it', async () => !(await inbound()).includes('faultline.r.f'));
    expect(await test.chain(B)).to.equal(`${B} ${A} ${A}`);
  });
});
