import { expect } from 'chai';
import fc from 'fast-check';
import { KINDS, type KubeObject, REGION_LABEL } from '../model/kubernetes.ts';
import { endpointsOf, gatewayPodsOf } from './endpoints.ts';
import { node, ObservedCluster, pod, slice } from './testing/observed-cluster.ts';

const SHOP = { namespaces: ['default'], gateways: [] };

describe('observed endpoints', () => {
  it('are written at the start and after every change, and not when nothing has changed', async () => {
    const cluster = new ObservedCluster().put(node('a'), node('b'), pod('mock-a'), slice('mock', [{ pod: 'mock-a' }]));
    cluster.start(SHOP);
    await cluster.clock.sleep(2_500);
    cluster.put(pod('mock-b', { zone: 'b' }), slice('mock', [{ pod: 'mock-a' }, { pod: 'mock-b', zone: 'b' }]));
    cluster.put(pod('mock-a'), slice('mock', [{ pod: 'mock-b', zone: 'b' }, { pod: 'mock-a' }]));
    await cluster.run(1_000);
    const seen = cluster.of('endpoints').map(({ t, endpoints }) => [t / 1000, endpoints.map((row) => row.pod)]);
    expect(seen).to.deep.equal([
      [0, ['mock-a']],
      [2_500, ['mock-a', 'mock-b']],
    ]);
    expect(cluster.of('endpoints')[0]?.endpoints[0]).to.deep.equal({
      cluster: 'tokyo',
      region: 'ap-northeast-1',
      zone: 'a',
      namespace: 'default',
      service: 'mock',
      workload: 'mock',
      pod: 'mock-a',
      ip: 'ip-of-mock-a',
      ready: true,
    });
  });

  it('are not worked out again when a pod changes in what they do not tell', async () => {
    let read = 0;
    const told = slice('mock', [{ pod: 'mock-a' }]);
    const { endpoints } = told;
    const counted = Object.defineProperty({ ...told }, 'endpoints', {
      get: () => {
        read++;
        return endpoints;
      },
    });
    const cluster = new ObservedCluster().put(node('a'), node('b'), pod('mock-a'), counted).start(SHOP);
    const before = read;
    expect(before).to.be.above(0);
    cluster.put(pod('mock-a', { ready: false }));
    expect(read).to.equal(before);
    cluster.put(pod('mock-a', { zone: 'b' }));
    expect(read).to.be.above(before);
    await cluster.run(10);
  });

  it('are in the region that the label of their node says, or else in that of the cluster', async () => {
    const wrong = node('b');
    const labels = { ...wrong.metadata.labels, [REGION_LABEL]: 'cn-hangzhou' };
    const cluster = new ObservedCluster().put(
      node('a'),
      { ...wrong, metadata: { ...wrong.metadata, labels } },
      pod('m-1'),
      pod('m-2', { zone: 'b' }),
      slice('mock', [{ pod: 'm-1' }, { pod: 'm-2', zone: 'b' }]),
    );
    await cluster.start(SHOP).run(10);
    const rows = cluster
      .of('endpoints')
      .at(-1)
      ?.endpoints.map((row) => [row.pod, row.region]);
    expect(rows).to.deep.equal([
      ['m-1', 'ap-northeast-1'],
      ['m-2', 'cn-hangzhou'],
    ]);
  });

  it('are, callers too, where a pod says itself that it is, as the mesh has it, and follow it', async () => {
    const bare = { ...node('a'), metadata: { name: 'node-a' } };
    const said = (name: string, locality: string) => pod(name, { labels: { 'istio-locality': locality } });
    const gate = pod('gate', { namespace: 'gates', labels: { app: 'gate', 'istio-locality': 'r.z-gate' } });
    const cluster = new ObservedCluster().put(bare, gate, slice('mock', [{ pod: 'm-1', zone: 'of-slice' }]));
    cluster.put(said('m-1', 'r.z'));
    cluster.start({ namespaces: ['default'], gateways: [{ namespace: 'gates', selector: { app: 'gate' } }] });
    cluster.put(said('m-1', 'r.z2'));
    await cluster.run(10);
    const seen = cluster.of('endpoints');
    expect(seen.map(({ endpoints: [row] }) => row?.zone)).to.include.members(['z', 'z2']);
    expect(seen.at(-1)?.endpoints[0]).to.include({ region: 'r', zone: 'z2' });
    expect(seen.at(-1)?.gateways?.[0]?.zone).to.equal('z-gate');
  });

  it('are only those of a Service, and of pods', () => {
    const lost = slice('mock', [{ pod: 'm-1' }]);
    const { labels: _labels, ...metadata } = lost.metadata;
    const external = { ...slice('db', []), endpoints: [{ addresses: ['10.0.0.1'] }, { targetRef: { kind: 'VM' } }] };
    const there = [{ ...lost, metadata }, external, { ...KINDS.endpointSlice, metadata: slice('none', []).metadata }];
    expect(endpointsOf({ name: 'tokyo', region: 'r' }, there, [], [])).to.deep.equal([]);
  });

  it('keep a pod that is not ready, or on its way out, and say so', async () => {
    const states = [{ pod: 'm-1' }, { pod: 'm-2', ready: false }, { pod: 'm-3', ready: true, terminating: true }];
    const cluster = new ObservedCluster().put(slice('mock', states)).start(SHOP);
    await cluster.run(10);
    const rows = cluster.of('endpoints')[0]?.endpoints.map((row) => [row.pod, row.ready]);
    expect(rows).to.deep.equal([
      ['m-1', true],
      ['m-2', false],
      ['m-3', false],
    ]);
  });

  it('have a row for each Service that selects a pod, and one for the slices of one Service', async () => {
    const cluster = new ObservedCluster().put(
      slice('mock', [{ pod: 'm-1', ready: false }], { name: 'mock-http' }),
      slice('mock', [{ pod: 'm-1', ready: true }], { name: 'mock-grpc' }),
      slice('mock', [{ pod: 'm-1', ready: false }], { name: 'mock-more' }),
      slice('mock-canary', [{ pod: 'm-1' }]),
    );
    cluster.start(SHOP);
    await cluster.run(10);
    const rows = cluster.of('endpoints')[0]?.endpoints.map((row) => [row.service, row.pod, row.ready]);
    expect(rows).to.deep.equal([
      ['mock', 'm-1', true],
      ['mock-canary', 'm-1', true],
    ]);
  });

  it('are of every observed namespace and of no other, and wait until all are known', async () => {
    const cluster = new ObservedCluster().put(
      slice('mock', [{ pod: 'm-1' }]),
      slice('mock', [{ pod: 'm-1' }], { namespace: 'shop' }),
      slice('mock', [{ pod: 'm-1' }], { namespace: 'other' }),
    );
    const late = (kind: string, { namespace }: { namespace?: string }) => kind === 'Pod' && namespace === 'shop';
    cluster.start({ namespaces: ['default', 'shop'], gateways: [] }, late);
    await cluster.clock.sleep(1_000);
    expect(cluster.of('endpoints')).to.deep.equal([]);
    cluster.put(pod('m-1', { namespace: 'shop' }));
    await cluster.run(10);
    expect(cluster.of('endpoints').map(({ endpoints }) => endpoints.map((row) => row.namespace))).to.deep.equal([
      ['default', 'shop'],
    ]);
  });

  it('come with the pods of the declared gateways in a fixed order, whatever they are called', async () => {
    const labels = { istio: 'ingressgateway' };
    const cluster = new ObservedCluster().put(
      node('b'),
      pod('igw-2', { namespace: 'edge', zone: 'b', labels }),
      pod('igw-3', { namespace: 'edge', zone: 'b', labels }),
      pod('igw-1', { namespace: 'edge', zone: 'b', labels }),
      pod('gateway-console', { namespace: 'edge' }),
    );
    cluster.start({ namespaces: ['default'], gateways: [{ namespace: 'edge', selector: labels }] });
    await cluster.run(10);
    const gateway = { cluster: 'tokyo', namespace: 'edge', zone: 'b', workload: 'igw' };
    expect(cluster.of('endpoints').at(-1)?.gateways).to.deep.equal(
      ['igw-1', 'igw-2', 'igw-3'].map((name) => ({ ...gateway, pod: name, ip: `ip-of-${name}` })),
    );
  });

  it('come with a gateway that has no address yet, and with the end of a Service that names no pod', () => {
    const { status: _, ...starting } = pod('igw-1');
    expect(gatewayPodsOf({ name: 'tokyo' }, [starting as KubeObject], () => 'a')[0]).to.include({
      pod: 'igw-1',
      ip: '',
    });
    const nameless = slice('mock', [{ pod: 'mock-a' }]);
    const endpoints = [{ addresses: ['10.0.0.9'], targetRef: { kind: 'Pod' } }];
    const [row] = endpointsOf({ name: 'tokyo', region: 'r' }, [{ ...nameless, endpoints }], [], []);
    expect(row).to.include({ pod: '', workload: '', zone: '', ip: '10.0.0.9', ready: true });
  });

  it('do not depend on the order in which the API server tells them', () => {
    const name = fc.constantFrom('m-1', 'm-2', 'm-3');
    const row = fc.record({ pod: name, zone: fc.constantFrom('a', 'b'), ready: fc.constant(true) });
    const slices = fc.uniqueArray(
      fc.tuple(fc.constantFrom('one', 'two', 'three'), fc.uniqueArray(row, { selector: (r) => r.pod })),
      {
        selector: ([service]) => service,
      },
    );
    const own = { name: 'tokyo', region: 'r' };
    fc.assert(
      fc.property(slices, (made) => {
        const there = made.map(([service, rows]) => slice(service, rows));
        const back = made.map(([service, rows]) => slice(service, [...rows].reverse())).reverse();
        expect(endpointsOf(own, back, [], [])).to.deep.equal(endpointsOf(own, there, [], []));
      }),
    );
  });
});

describe('observing', () => {
  it('is over when every list has ended, and not before', async () => {
    const cluster = new ObservedCluster().put(node('a'));
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.leaving = promise;
    cluster.start(SHOP);
    let isOver = false;
    const ended = cluster.run(10).then(() => {
      isOver = true;
    });
    await cluster.clock.sleep(5_000);
    expect(isOver).to.equal(false);
    resolve();
    await ended;
  });
});

describe('what cannot be observed', () => {
  it('is told in one notice that says what it means', async () => {
    const cluster = new ObservedCluster().start({ namespaces: ['default', 'shop'], gateways: [] });
    cluster.trouble(KINDS.endpointSlice, { cannot: 'watch', reason: '403 Forbidden' });
    cluster.trouble(KINDS.node, { cannot: 'list', reason: 'list Node: 403' });
    await cluster.run(20_000);
    const texts = cluster.of('notice').map(({ text }) => text);
    expect(texts).to.have.length(1);
    expect(texts[0])
      .to.contain('cluster tokyo: Nodes cannot be listed: the zone of')
      .and.contain('(list Node: 403)')
      .and.contain('EndpointSlices in default, EndpointSlices in shop cannot be watched (403 Forbidden)')
      .and.contain('up to 15 s late');
  });

  it('is told before the end of a run that ends at once', async () => {
    const cluster = new ObservedCluster().start(SHOP);
    cluster.trouble(KINDS.pod, { cannot: 'list', reason: 'no' });
    await cluster.run(10);
    expect(cluster.of('notice')).to.have.length(1);
  });
});
