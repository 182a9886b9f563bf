import { expect } from 'chai';
import { readClusters } from '../mesh/clusters-reader.ts';
import { KINDS } from '../model/kubernetes.ts';
import { MULTI_CLOUD } from '../topologies/multi-cloud.ts';
import { asMap, mapOf, mapsOf } from './api/json.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const [A, B, H] = ['ap-northeast-1a', 'ap-northeast-1b', 'cn-hangzhou-h'];
const CLUSTERS = ['tokyo', 'hangzhou'] as const;

describe('two clouds in the sandbox', () => {
  let test: SandboxUnderTest;
  before(async () => {
    test = await SandboxUnderTest.start({
      topology: MULTI_CLOUD,
      host: process.platform === 'linux' ? 'per-zone' : 'single',
      sidecarStartMs: 60_000,
    });
  });
  after(async () => test.sandbox.close());

  it('have nodes and a Kubernetes of their own', async () => {
    const told = CLUSTERS.map((name) => {
      const [node] = test.store(name).list(KINDS.node);
      const { spec, status } = asMap(node ?? { ...KINDS.node, metadata: {} });
      return [mapOf(spec).providerID, mapOf(mapOf(status).nodeInfo).kubeletVersion];
    });
    expect(told).to.deep.equal([
      ['aws:///ap-northeast-1a/i-00000000000000001', 'v1.36.4-eks-5a8c1f2'],
      ['cn-hangzhou.i-bp1faultline00000003', 'v1.34.3-aliyun.1'],
    ]);
    const urls = test.sandbox.clusters.map(({ api }) => `${api.url}/version`);
    const token = /token: (\S+)/.exec(test.sandbox.kubeconfig)?.[1] ?? '';
    const versions = await Promise.all(
      urls.map(async (url) =>
        mapOf(await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json()),
      ),
    );
    expect(versions.map(({ minor, gitVersion }) => [minor, gitVersion])).to.deep.equal([
      ['36', 'v1.36.4-eks-5a8c1f2+faultline-sandbox'],
      ['34', 'v1.34.3-aliyun.1+faultline-sandbox'],
    ]);
  });

  it('have an Istio of their own, which images and proxies tell', async () => {
    const told = await Promise.all(
      CLUSTERS.map(async (cluster) => {
        const [gateway] = test.store(cluster).list(KINDS.pod, 'istio-system');
        const { spec, metadata } = asMap(gateway ?? { ...KINDS.pod, metadata: {} });
        const [container] = mapsOf(mapOf(spec).containers);
        const page = await test.page(String(mapOf(metadata).name), 15000, '/server_info', 'istio-system', cluster);
        return [container?.image, mapOf(mapOf(mapOf(JSON.parse(page.body)).node).metadata).ISTIO_VERSION];
      }),
    );
    expect(told).to.deep.equal([
      ['docker.io/istio/proxyv2:1.31.0', '1.31.0'],
      ['docker.io/istio/proxyv2:1.28.0', '1.28.0'],
    ]);
  });

  it('tell their proxies of pods that are not ready, or not, each by its own Istio', async () => {
    test.scale(`mockb-${A}`, 2);
    /** Hosts of mockb as a caller of each cluster has them. */
    const hosts = async (cluster: string, zone: string) => {
      const [pod = ''] = test.podNames(`mocka-${zone}`, { cluster });
      const { body } = await test.page(pod, 15000, '/clusters?format=json', 'default', cluster);
      const [mockb] = readClusters(body, (service) => service === 'mockb').filter(({ port }) => port === 8000);
      return mockb?.hosts.size;
    };
    await until('the newer one to tell of the pod that starts', async () => (await hosts('tokyo', A)) === 5);
    test.scale(`mockb-${B}`, 0);
    await until(
      'both to hear of one less',
      async () => (await hosts('tokyo', A)) === 4 && (await hosts('hangzhou', H)) === 3,
    );
  });
});
