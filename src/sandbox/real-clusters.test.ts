import { expect } from 'chai';
import { readOutlierStats } from '../mesh/stats-reader.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { asMap, at, mapOf, mapsOf } from './api/json.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';
import { workerManifest } from './testing/worker.ts';

const A = 'ap-northeast-1a';
const CURL = 'example/curl:1';

describe('what real clusters have', () => {
  let test: SandboxUnderTest;
  before(async () => {
    const host = process.platform === 'linux' ? 'per-zone' : 'single';
    test = await SandboxUnderTest.start({ host, manifests: [{ cluster: 'tokyo', text: workerManifest(A) }] });
  });
  after(async () => test.sandbox.close());

  const slicesOf = (service: string): KubeObject[] =>
    test
      .store()
      .list(KINDS.endpointSlice, 'default')
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service);

  it('Services have two ports: one slice holds both, and a proxy counts for each', async () => {
    const [slice, ...more] = slicesOf('mockb');
    expect(more).to.deep.equal([]);
    expect(mapsOf(asMap(slice ?? { ...KINDS.endpointSlice, metadata: {} }).ports)).to.deep.equal([
      { name: 'http', port: 8000, protocol: 'TCP' },
      { name: 'http-metrics', port: 15020, protocol: 'TCP' },
    ]);
    const [caller = ''] = test.podNames(`mocka-${A}`);
    const { body } = await test.page(caller, 15020, '/stats/prometheus');
    const rows = readOutlierStats(body)?.filter(({ service }) => service === 'mockb');
    expect(rows?.map(({ port }) => port)).to.deep.equal([8000, 9090]);
  });

  it('a finished Job leaves a pod with the labels of a workload that serves nobody', async () => {
    const job = () => test.store().get({ ...KINDS.job, namespace: 'default', name: 'import-mockb' });
    await until('the job to complete', () => at(job(), 'status', 'succeeded') === 1);
    const pods = test.store().list(KINDS.pod, 'default');
    const finished = pods.filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'Job');
    expect(finished.map((pod) => at(pod, 'status', 'phase'))).to.deep.equal(['Succeeded']);
    const labels = { app: 'mockb', version: A };
    expect(finished[0]?.metadata.labels).to.include(labels);
    const alike = pods.filter((pod) => pod.metadata.labels?.version === A && pod.metadata.labels.app === 'mockb');
    expect(alike.map(({ metadata }) => metadata.name).sort()[0], 'by name it comes first').to.equal(
      finished[0]?.metadata.name,
    );
    const served = slicesOf('mockb').flatMap((slice) => mapsOf(asMap(slice).endpoints));
    expect(served.map(({ targetRef }) => mapOf(targetRef).name)).to.not.include(finished[0]?.metadata.name);
  });

  it('proxies have the labels of their place, so failoverPriority can name them', async () => {
    const rule = { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' };
    const topology = ['topology.istio.io/network', 'topology.kubernetes.io/region', 'topology.kubernetes.io/zone'];
    const failoverPriority = [...topology, 'topology.istio.io/subzone'];
    const before = test.change(rule, 'mockb', ({ spec }) => {
      const loadBalancer = { localityLbSetting: { enabled: true, failoverPriority } };
      Object.assign(mapOf(mapOf(spec).trafficPolicy), { loadBalancer });
    });
    const [caller = ''] = test.podNames(`mocka-${A}`);
    const isPushed = async () => {
      const { body } = await test.page(caller, 15000, '/clusters');
      return /^outbound\|8000\|\|mockb\.\S+::priority::2$/m.test(body);
    };
    expect(before.metadata.name).to.equal('mockb');
    await until('the priorities to be those of the topology', isPushed);
    const seen = new Set<string>();
    for (let ask = 0; ask < 20; ask += 1) seen.add(await test.chain(A));
    expect([...seen]).to.deep.equal([`${A} ${A} ${A}`]);
    test.change(rule, 'mockb', ({ spec }) => delete mapOf(mapOf(spec).trafficPolicy).loadBalancer);
  });

  it('a workload without a Service calls, and ejects on its own account', async () => {
    expect(slicesOf('worker')).to.deep.equal([]);
    expect(await test.ejections('worker', 'mocka')).to.equal('0 active, 0 in all');
    test.swap(`mocka-${A}`, CURL, ['sleep', '3600']);
    await until('the worker to eject', async () => (await test.ejections('worker', 'mocka')).startsWith('1 active'));
    test.swap(`mocka-${A}`, test.mockImage());
  });

  it("a Gateway whose port is none of its Service's serves nothing", async () => {
    const gateway = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' };
    const zone = 'ap-northeast-1b';
    const move = (number: number) =>
      test.change(gateway, 'mock', ({ spec }) =>
        Object.assign(mapOf(mapsOf(mapOf(spec).servers)[0]?.port), { number }),
      );
    move(81);
    await until('the gateway to hang up', async () => (await test.chain(zone).catch(() => 'closed')) === 'closed');
    move(80);
    await until('the gateway to serve', async () => (await test.chain(zone).catch(() => '')).startsWith(zone));
  });
});
