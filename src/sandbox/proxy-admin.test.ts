import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openCluster } from '../kube/kubeconfig.ts';
import { type HostState, readClusters } from '../mesh/clusters-reader.ts';
import type { Clock, PodCluster, ProxyAdmin } from '../model/ports.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const ZONE = 'ap-northeast-1a';
const CURL = 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2';
const PAGE = '/clusters?format=json';
const clock: Clock = { now: () => 0, wall: () => new Date(), sleep: async () => undefined };

describe('admin port of the proxies in the sandbox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-admin-'));
  const ending = new AbortController();
  let test: SandboxUnderTest;
  let cluster: PodCluster;

  before(async () => {
    test = await SandboxUnderTest.start();
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, test.sandbox.kubeconfig);
    cluster = openCluster({ name: 'tokyo', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, clock);
  });
  after(async () => {
    ending.abort();
    await test?.sandbox.close();
    rmSync(folder, { recursive: true });
  });

  function adminOf(deployment: string, namespace = 'default'): ProxyAdmin {
    const [pod = ''] = test.podNames(deployment, { namespace });
    return cluster.proxyAdmin({ namespace, pod }, ending.signal);
  }

  /** The hosts of a Service by zone, as a proxy has them. */
  async function hostsOf(admin: ProxyAdmin, service: string): Promise<Record<string, HostState>> {
    const found = readClusters(await admin.get(PAGE), (name) => name === service).find(({ port }) => port === 8000);
    return Object.fromEntries([...(found?.hosts.values() ?? [])].map((host) => [host.zone, host]));
  }

  it('tells of a gateway and of a sidecar whom they call, how often, and how it went', async () => {
    const [gateway, sidecar] = [adminOf(`istio-ingressgateway-${ZONE}`, 'istio-system'), adminOf(`mocka-${ZONE}`)];
    for (let asked = 0; asked < 7; asked += 1) await test.chain(ZONE);
    const called = { ejected: false, healthy: true, priority: 0, requests: 7, served: 7, failed: 0, refused: 0 };
    const spared = { ejected: false, healthy: true, priority: 1, requests: 0 };
    for (const hosts of [await hostsOf(gateway, 'mocka'), await hostsOf(sidecar, 'mockb')]) {
      expect(Object.keys(hosts)).to.have.members([ZONE, 'ap-northeast-1b', 'cn-hangzhou-h', 'cn-hangzhou-k']);
      expect(hosts[ZONE]).to.include(called);
      expect(hosts['ap-northeast-1b']).to.include(spared);
      expect(hosts['cn-hangzhou-h']).to.include({ ...spared, priority: 2, region: 'cn-hangzhou' });
    }
  });

  it('tells of errors and of an ejection', async () => {
    const admin = adminOf(`mocka-${ZONE}`);
    const before = await hostsOf(admin, 'mockb');
    test.swap(`mockb-${ZONE}`, CURL, ['sleep', '3600']);
    let bad = 0;
    await until('it fails over', async () => {
      const chain = await test.chain(ZONE);
      if (chain.includes('upstream connect error')) bad += 1;
      return chain.startsWith(`${ZONE} ap-northeast-1b`);
    });
    const { [ZONE]: home, 'ap-northeast-1b': next } = await hostsOf(admin, 'mockb');
    expect(bad).to.be.greaterThan(0);
    expect(home).to.include({ ejected: true, healthy: true, requests: bad, served: 0, failed: bad });
    expect((next?.served ?? 0) - (before['ap-northeast-1b']?.served ?? 0)).to.equal(1);
  });

  it('is there for as long as the pod, and says when that is over', async () => {
    const [pod = ''] = test.podNames(`mockc-${ZONE}`);
    const admin = cluster.proxyAdmin({ namespace: 'default', pod }, ending.signal);
    expect(await admin.get(PAGE)).to.contain('outbound|');
    test.scale(`mockc-${ZONE}`, 0);
    const ended = async () => (await admin.get(PAGE).catch((error: Error) => error.message)).includes('404');
    await until('the pod is gone', ended);
  });
});
