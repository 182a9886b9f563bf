import { expect } from 'chai';
import { readClusters } from '../mesh/clusters-reader.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { REMOTE_CONTROL_PLANE } from '../topologies/remote-control-plane.ts';
import { asMap, mapOf } from './api/json.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const [A, B, H, K] = ['ap-northeast-1a', 'ap-northeast-1b', 'cn-hangzhou-h', 'cn-hangzhou-k'];
const FAR = { cluster: 'hangzhou' };
const SYSTEM = { namespace: 'istio-system' };
const RULE = { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' };

describe('a remote control plane in the sandbox', () => {
  let test: SandboxUnderTest;
  before(async () => {
    test = await SandboxUnderTest.start({
      topology: REMOTE_CONTROL_PLANE,
      host: process.platform === 'linux' ? 'per-zone' : 'single',
    });
  });
  after(async () => test.sandbox.close());

  function readyReplicas(name: string, where: { cluster?: string; namespace?: string }): unknown {
    const { cluster, namespace = 'default' } = where;
    const found = test.store(cluster).get({ ...KINDS.deployment, namespace, name });
    return found === undefined ? undefined : mapOf(asMap(found).status).readyReplicas;
  }

  /** What the control plane of a managed mesh would have told by now: it is quiet for 100 ms before it pushes. */
  const untilPushed = () => new Promise((resolve) => setTimeout(resolve, 400));

  async function withoutIstiod(act: () => Promise<void>): Promise<void> {
    test.scale('istiod', 0, SYSTEM);
    await until('istiod to be gone', async () => test.podNames('istiod', SYSTEM).length === 0);
    await act();
    test.scale('istiod', 1, SYSTEM);
    await until('istiod to be back', () => readyReplicas('istiod', SYSTEM) === 1);
  }

  it('has its istiod in one cluster, whose configuration holds in both, and the targets file says so', async () => {
    const [istiod = '', ...more] = test.podNames('istiod', SYSTEM);
    expect(more).to.deep.equal([]);
    expect((await test.page(istiod, 15014, '/metrics', 'istio-system')).body).to.contain('{cluster_type="remote"} 1');
    expect(test.podNames('istiod', { ...FAR, ...SYSTEM })).to.deep.equal([]);
    expect(test.store('hangzhou').list(RULE)).to.deep.equal([]);
    expect(test.sandbox.targets).to.match(/name: hangzhou\n(.*\n)*? +configuredBy: tokyo\n/);
    expect(await test.chain(H)).to.equal(`${H} ${H} ${H}`);
  });

  it('has rules in the other cluster read by nobody, and says so', async () => {
    const off = {
      outlierDetection: { consecutive5xxErrors: 1 },
      loadBalancer: { localityLbSetting: { enabled: false } },
    };
    const spec = { host: 'mockb', trafficPolicy: off };
    test.store('hangzhou').create({ ...RULE, metadata: { name: 'mockb', namespace: 'default' }, spec } as KubeObject);
    const event = { apiVersion: 'v1', kind: 'Event' };
    const told = () =>
      test
        .store('hangzhou')
        .list(event)
        .map(({ message }) => message);
    await until('somebody to say it', async () =>
      told().includes('nothing here acts on a DestinationRule: the proxies are configured by tokyo'),
    );
    for (let calls = 0; calls < 8; calls++) expect(await test.chain(H)).to.equal(`${H} ${H} ${H}`);
  });

  /** Hosts of mockb that a caller in Hangzhou has, by their zones. */
  async function hosts(): Promise<string[]> {
    const [pod = ''] = test.podNames(`mocka-${H}`, FAR);
    const { body } = await test.page(pod, 15000, '/clusters?format=json', 'default', 'hangzhou');
    const [mockb] = readClusters(body, (service) => service === 'mockb').filter(({ port }) => port === 8000);
    return [...(mockb?.hosts.values() ?? [])].map(({ zone, ejected }) => `${zone}${ejected ? ' ejected' : ''}`).sort();
  }

  it('tells nobody of what changes while its istiod is away, and makes no pod ready', async () => {
    const before = [A, B, H, K];
    await withoutIstiod(async () => {
      test.scale(`mockb-${H}`, 0, FAR);
      test.scale(`mockb-${K}`, 2, FAR);
      await until('callers to leave who is gone', async () => (await test.chain(H)) === `${H} ${K} ${K}`);
      await until('the second pod to be there', () => test.podNames(`mockb-${K}`, FAR).length === 2);
      expect(await hosts(), 'whom they only have ejected').to.deep.equal([A, B, `${H} ejected`, K]);
      expect(readyReplicas(`mockb-${K}`, FAR)).to.equal(1);
    });
    await until('them to hear of both', async () => (await hosts()).join() === [A, B, K, K].join());
    expect(readyReplicas(`mockb-${K}`, FAR)).to.equal(2);
    test.scale(`mockb-${H}`, 1, FAR);
    test.scale(`mockb-${K}`, 1, FAR);
    await until('all to be as before', async () => (await hosts()).join() === before.join());
  });

  it('does not reach proxies while nobody reaches its istiod, and they hear of it all when somebody does', async () => {
    const heal = test.isolate('istio-system', { app: 'istiod' });
    test.scale(`mockb-${K}`, 0, FAR);
    await until('the pod to be gone', () => test.podNames(`mockb-${K}`, FAR).length === 0);
    await untilPushed();
    expect(await hosts()).to.deep.equal([A, B, H, K]);
    heal();
    await until('them to hear of it', async () => (await hosts()).join() === [A, B, H].join());
    test.scale(`mockb-${K}`, 1, FAR);
  });
});
