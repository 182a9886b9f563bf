import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { blockOf } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeSystem } from '../testing/fake-system.ts';
import { errorOf } from '../testing/steps.ts';
import { podNetwork } from './index.ts';
import { addService, type Fields, mockb, planOf, ZONE } from './testing/pods.ts';

/** A pod of a workload at another address. */
function moved(cluster: FakeCluster, workload: string, ip: string): KubeObject {
  const found = cluster.all(KINDS.pod).find(({ metadata }) => metadata.name?.startsWith(workload)) as KubeObject;
  return { ...found, status: { ...(found.status as object), podIP: ip } as never };
}

const during = async (fields: Fields, cluster = fakeSystem()) =>
  (await planOf(fields, cluster)).objects.map((object) => object.during);

describe('the block of a fault of the network of pods', () => {
  it('names one thing that happens to packets', () => {
    const { example } = podNetwork;
    expect(() => blockOf({ ...podNetwork, example })).to.not.throw();
    expect(() => blockOf({ ...podNetwork, example: { ...example, packets: 'drop', loss: '50%' } })).to.throw('loss');
  });
});

describe('the plan of a fault of the network of pods', () => {
  it('names the pods, and whom their rules are at', async () => {
    const plan = await planOf({});
    expect(plan.affected.map(({ pod }) => pod)).to.deep.equal([`mockb-${ZONE}-abc-${'x'.repeat(15)}`]);
    expect(plan.objects.map((one) => one.during)).to.deep.equal(['drop packets: calls in from anybody']);
    expect(plan.summary).to.contain(`drop packets of calls to mockb-${ZONE}-abc`);
    expect(plan.summary).to.match(/-x+, open connections included$/);
    expect(plan.objects[0]?.change).to.match(
      /^add ephemeral container faultline-\w+ to drop packets: calls in from anybody$/,
    );
    const out = { direction: 'out', port: 8000, peer: { cidrs: ['10.0.0.0/8'] } };
    expect((await planOf(out)).summary)
      .to.contain('of calls to port 8000 by mockb-')
      .and.contain(', with 10.0.0.0/8');
    expect(plan).to.deep.include({ signature: 'stops-serving', cutsOff: [], expiresMs: 900_000 });
  });

  it('says that pods stop serving where nobody gets through, and that they go on where something narrows it', async () => {
    const signature = async (fields: Fields, cluster = fakeSystem()) => (await planOf(fields, cluster)).signature;
    for (const fields of [
      {},
      { direction: 'both' },
      { packets: 'refuse' },
      { port: 8000 },
      { peer: { cidrs: ['0.0.0.0/0'] } },
      { peer: { cidrs: ['10.0.0.0/8', '0.0.0.0/0'] } },
    ])
      expect(await signature(fields), JSON.stringify(fields)).to.equal('stops-serving');
    const degrading: Fields[] = [
      { direction: 'out' },
      { packets: undefined, loss: 0.5 },
      { packets: undefined, delay: 200 },
      { peer: { cidrs: ['10.0.0.0/8'] } },
    ];
    for (const fields of degrading) expect(await signature(fields), JSON.stringify(fields)).to.equal('degrades');
    const two = fakeSystem();
    const containers = [{ name: 'app', ports: [{ containerPort: 8000 }, { containerPort: 9000 }] }];
    for (const pod of two.all(KINDS.pod)) two.add({ ...pod, spec: { ...(pod.spec as object), containers } as never });
    expect(await signature({ port: 8000 }, two), 'another port goes on').to.equal('degrades');
  });

  it('says what it takes: of calls to the pods, and by them', async () => {
    const tolls = async (fields: Fields) => (await planOf(fields)).tolls;
    const own = { kind: 'pods', pods: [`default/mockb-${ZONE}-abc-${'x'.repeat(15)}`] };
    expect(await tolls({})).to.deep.equal([{ to: own, share: 1 }]);
    expect(await tolls({ direction: 'both' })).to.deep.equal([
      { to: own, share: 1 },
      { by: own, share: 1 },
    ]);
    const lossy = { packets: undefined, loss: 0.95 };
    expect(await tolls({ ...lossy, direction: 'out', port: 53 })).to.deep.equal([{ by: own, share: 0.95, port: 53 }]);
    expect(await tolls({ packets: undefined, delay: 2_000 })).to.deep.equal([
      { to: own, share: 1, afterMs: 2_000, perTrip: true },
    ]);
    const by = { kind: 'addresses', addresses: ['10.0.0.0/8'], of: 'any' };
    expect(await tolls({ peer: { cidrs: ['10.0.0.0/8'] } })).to.deep.equal([{ to: own, by, share: 1, named: true }]);
    const [near] = await tolls({ peer: { zone: 'ap-northeast-1b' } });
    expect([near?.by, near?.named]).to.deep.equal([
      { kind: 'addresses', addresses: ['127.30.0.16'], of: 'cluster' },
      undefined,
    ]);
  });

  it('resolves a Service to all of its endpoints and its own addresses, of both families, and its port to theirs', async () => {
    const cluster = fakeSystem();
    cluster.add(mockb('dual', '10.0.0.8', 'fd00::8'));
    const ports = [{ name: 'http', port: 8080 }];
    const slices = [
      { addresses: ['10.0.0.5', '10.0.0.6'], ports },
      { addresses: ['10.0.0.7'], ports: [{ name: 'http', port: 8081 }] },
      { addressType: 'IPv6', addresses: ['fd00::5'], ports },
    ];
    const spec = { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ name: 'http', port: 80 }] };
    addService(cluster, 'mockc', spec, slices);
    const out = { direction: 'out', peer: { service: 'mockc' } };
    const [dual, v4] = await during({ ...out, port: 80 }, cluster);
    expect(dual?.split(': ')[1]?.split('; ')).to.deep.equal([
      'calls out to 10.0.0.5, 10.0.0.6 port 8080',
      'calls out to 10.0.0.7 port 8081',
      'calls out to fd00::5 port 8080',
      'calls out to 10.96.0.9 port 80',
    ]);
    expect(v4, 'a pod without IPv6').to.not.contain('fd00');
    const ends = '10.0.0.5, 10.0.0.6, 10.0.0.7';
    expect((await during(out, cluster))[1]).to.equal(`drop packets: calls out to ${ends}, 10.96.0.9`);
    expect((await during({ ...out, direction: 'in', port: 8000 }, cluster))[1]).to.equal(
      `drop packets: calls in from ${ends} port 8000`,
    );
    const [both] = await during({ ...out, direction: 'both', port: 80 }, cluster);
    expect(both?.split(': ')[1]?.split('; ')).to.deep.equal([
      `calls in from ${ends}, fd00::5 port 80`,
      ...(dual?.split(': ')[1]?.split('; ') ?? []),
    ]);
    expect(await errorOf(planOf({ ...out, port: 81 }, cluster)))
      .to.contain('has no port 81')
      .and.contain('80');
  });

  it('leaves out addresses that others have, too, and what is no address', async () => {
    const cluster = fakeSystem();
    const node = cluster.all(KINDS.node)[0] as KubeObject;
    cluster.add({ ...node, status: { addresses: [{ type: 'InternalIP', address: '10.9.9.1' }] } });
    const spec = {
      clusterIP: 'None',
      ports: [
        { name: 'a', port: 53 },
        { name: 'b', port: 53 },
      ],
    };
    const ports = [
      { name: 'a', port: 5353 },
      { name: 'b', port: 5354 },
    ];
    addService(cluster, 'agents', spec, [{ addresses: ['10.9.9.1', '10.0.0.5', '$(reboot)'], ports }]);
    const peer = { service: 'agents' };
    expect(await during({ direction: 'out', peer }, cluster)).to.deep.equal(['drop packets: calls out to 10.0.0.5']);
    expect((await planOf({ direction: 'out', peer }, cluster)).warnings.join()).to.contain('Not hit: 10.9.9.1');
    expect(await during({ direction: 'out', peer, port: 53 }, cluster)).to.deep.equal([
      'drop packets: calls out to 10.0.0.5, 10.9.9.1 port 5353; calls out to 10.0.0.5, 10.9.9.1 port 5354',
    ]);
    addService(cluster, 'alone', { clusterIP: 'None' }, [{ addresses: ['10.9.9.1'] }]);
    expect(await errorOf(planOf({ peer: { service: 'alone' } }, cluster))).to.contain('only addresses of nodes');
  });

  it('takes the pods of a zone for a peer, and no pod for a peer of its own', async () => {
    const cluster = fakeSystem();
    cluster.add(mockb('two', '10.0.0.8'));
    cluster.add(moved(cluster, 'mocka', '10.0.0.9'));
    const [first, second] = await during({ peer: { zone: ZONE } }, cluster);
    expect(first).to.equal('drop packets: calls in from 10.0.0.9, 127.30.0.15');
    expect(second).to.equal('drop packets: calls in from 10.0.0.8, 10.0.0.9');
  });

  it('refuses what matches nothing, and what would be wider than it is written', async () => {
    const cluster = fakeSystem();
    addService(cluster, 'empty', { clusterIP: 'None' }, [{ addresses: [] }]);
    addService(cluster, 'outside', { clusterIP: '10.96.0.1' }, []);
    const refusals: [Fields, string][] = [
      [{ deployment: 'no' }, 'there are no pods of Deployment/no'],
      [{ zone: 'no' }, 'there are no pods'],
      [{ peer: { service: 'no' } }, 'there is no Service default/no'],
      [{ peer: { service: 'empty' } }, 'Service default/empty has no address now'],
      [{ peer: { zone: 'no' } }, 'has no address now'],
      [{ peer: { cidrs: ['fd00::/8'] } }, 'in a family of addresses of its own'],
      [{ peer: { cidrs: ['127.30.0.15'] } }, 'in a family of addresses of its own'],
      [{ peer: { cidrs: ['10.1.2.3/8'] } }, 'beyond its prefix'],
      [{ peer: { cidrs: ['1.2.3.4; reboot'] } }, 'is no address'],
      [{ deployment: undefined, service: 'outside' }, 'has no selector'],
      [{ statefulSet: 'db' }, 'a pod belongs to one workload'],
      [{ deployment: undefined, rollout: 'db' }, 'there are no pods of Rollout/db'],
      [{ count: 1, percent: 0.5 }, 'both count and percent'],
    ];
    for (const [fields, words] of refusals) {
      expect(await errorOf(planOf(fields, cluster)), words)
        .to.match(/^FAULT_(NO_TARGET|REFUSED)/)
        .and.contain(words);
    }
    expect(cluster.writes).to.equal(0);
  });

  it('refuses a direction without a port where nobody knows who has called: no sidecar, or none that takes over', async () => {
    const changes: ((pod: KubeObject) => void)[] = [
      ({ metadata }) => void Object.assign(metadata, { annotations: {} }),
      ({ metadata }) => void Object.assign(metadata.annotations ?? {}, { 'sidecar.istio.io/interceptionMode': 'NONE' }),
      ({ spec }) => void Object.assign(spec as object, { containers: [{ name: 'istio-proxy' }] }),
    ];
    for (const change of changes) {
      const cluster = fakeSystem();
      for (const pod of cluster.all(KINDS.pod)) {
        const next = structuredClone(pod);
        change(next);
        cluster.add(next);
      }
      expect(await errorOf(planOf({}, cluster)))
        .to.contain('has no sidecar')
        .and.contain('Name the port');
      for (const fields of [{ port: 8000 }, { direction: 'both' }]) {
        expect(await errorOf(planOf(fields, cluster)), JSON.stringify(fields)).to.equal('none');
      }
    }
  });

  it('refuses a port that no packet names: pods in ambient mode are called at another', async () => {
    const cluster = fakeSystem();
    for (const pod of cluster.all(KINDS.pod)) {
      const annotations = { 'ambient.istio.io/redirection': 'enabled' };
      cluster.add({ ...pod, metadata: { ...pod.metadata, annotations } });
    }
    expect(await errorOf(planOf({ port: 8000 }, cluster))).to.contain('calls to port 8000 travel to port 15008');
    for (const fields of [{ port: 15008 }, { direction: 'both' }]) {
      expect(await errorOf(planOf(fields, cluster)), JSON.stringify(fields)).to.equal('none');
    }
  });

  it('tells of a port that no container declares, and of addresses that are hit to the end', async () => {
    expect((await planOf({ port: 9 })).warnings.join()).to.contain('declares port 9');
    expect((await planOf({ port: 9, direction: 'out' })).warnings.join()).to.not.contain('declares');
    const cluster = fakeSystem();
    cluster.add(moved(cluster, 'mockb-ap-northeast-1b', '10.0.0.9'));
    const followed = await planOf({ peer: { zone: 'ap-northeast-1b' } }, cluster);
    expect(followed.warnings.join()).to.contain('is hit to the end');
  });

  it('tells what its image and the nodes need for a delay, and of no other packets', async () => {
    const delayed = await planOf({ packets: undefined, delay: 100 });
    expect(delayed.warnings.join()).to.contain('Delay needs tc in the image');
    expect((await planOf({})).warnings.join()).to.not.contain('tc');
  });
});
