import { expect } from 'chai';
import { node, ObservedCluster, page, pod, slice } from './testing/observed-cluster.ts';

const SCOPE = { namespaces: ['default'], gateways: [] };
const GATEWAY = { istio: 'ingressgateway' };

/** As many pods with a sidecar. */
function fleet(count: number): ReturnType<typeof pod>[] {
  return Array.from({ length: count }, (_, index) => pod(`m-${String(index).padStart(3, '0')}`));
}

describe('observed ejections', () => {
  it('have a row for each port and namespace of a Service, and no row is written twice', async () => {
    const cluster = new ObservedCluster().put(node('a'), pod('web-0'));
    cluster.answer = () =>
      page(
        { host: 'mock.default', port: 80, total: 3 },
        { host: 'mock.default', port: 9090, total: 0 },
        { host: 'mock.shop', port: 80, total: 7 },
      );
    await cluster.start(SCOPE).run(20_000);
    const rows = cluster.of('ejections').map((row) => [row.namespace, row.service, row.port, row.enforcedTotal]);
    expect(rows).to.deep.equal([
      ['default', 'mock', 80, 3],
      ['default', 'mock', 9090, 0],
      ['shop', 'mock', 80, 7],
    ]);
  });

  it('are those of a pod in its namespace: pods of one name are two', async () => {
    const cluster = new ObservedCluster().put(
      node('a'),
      node('b'),
      pod('web-0'),
      pod('web-0', { namespace: 'shop', zone: 'b' }),
    );
    cluster.answer = (name) => page({ host: 'mock.default', total: name === 'shop/web-0' ? 2 : 5 });
    await cluster.start({ namespaces: ['default', 'shop'], gateways: [] }).run(5_500);
    const rows = cluster.of('ejections').map((row) => [row.podNamespace, row.pod, row.zone, row.enforcedTotal]);
    expect(rows).to.deep.equal([
      ['default', 'web-0', 'a', 5],
      ['shop', 'web-0', 'b', 2],
    ]);
  });

  it('are asked of gateways and of workers without a Service, and not of pods without a proxy', async () => {
    const cluster = new ObservedCluster().put(
      node('b'),
      slice('mock', [{ pod: 'app-1', zone: 'z' }]),
      pod('app-1'),
      pod('worker-1', { zone: 'b', sidecar: 'native' }),
      pod('model-1', { sidecar: 'mark' }),
      pod('igw-1', { namespace: 'edge', labels: GATEWAY, sidecar: 'none', zone: 'b' }),
      pod('other-1', { namespace: 'edge' }),
      pod('redis-1', { sidecar: 'none' }),
      pod('broken-1', { ready: false }),
      pod('leaving-1', { leaving: true }),
    );
    cluster.answer = () => page({ host: 'mock.default' });
    await cluster.start({ namespaces: ['default'], gateways: [{ namespace: 'edge', selector: GATEWAY }] }).run(3_500);
    const zones = Object.fromEntries(cluster.of('ejections').map((row) => [row.pod, row.zone]));
    expect(zones).to.deep.equal({ 'igw-1': 'b', 'app-1': 'z', 'worker-1': 'b', 'model-1': '' });
    expect(cluster.of('mesh-telemetry').at(-1)?.callers).to.deep.equal({ known: 4, asked: 4, answered: 4 });
  });

  it('end where a proxy has them no more, once, and begin again where they come back', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'));
    const other = { host: 'other.default' };
    const answers = [
      [{ host: 'mock.default', active: 1, total: 1 }, other],
      [other],
      [other],
      [{ host: 'mock.default' }, other],
      [],
    ];
    cluster.answer = () => page(...(answers.length > 1 ? (answers.shift() ?? []) : []));
    await cluster.start(SCOPE).run(6_500);
    const rows = cluster.of('ejections').filter((row) => row.service === 'mock');
    expect(rows.map((row) => [row.active, row.enforcedTotal, row.gone])).to.deep.equal([
      [1, 1, undefined],
      [0, 1, true],
      [0, 0, undefined],
      [0, 0, true],
    ]);
  });

  it('do not end because a proxy cannot be read', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'));
    let asked = 0;
    cluster.answer = () => {
      if (asked++ === 1) throw new Error('connection refused');
      return page({ host: 'mock.default', total: 1 });
    };
    await cluster.start(SCOPE).run(3_500);
    expect(cluster.of('ejections').map((row) => row.gone)).to.deep.equal([undefined]);
  });

  it('go on where one proxy hangs', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'), pod('m-2'));
    let total = 0;
    cluster.answer = (name) =>
      name === 'default/m-1' ? new Promise(() => {}) : page({ host: 'mock.default', total: total++ });
    await cluster.start(SCOPE).run(5_500);
    expect(cluster.of('ejections').map((row) => row.enforcedTotal)).to.deep.equal([0, 1, 2, 3, 4, 5]);
  });

  it('are not asked again of a proxy that has not answered yet', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'));
    let asked = 0;
    cluster.answer = () => {
      asked++;
      return new Promise(() => {});
    };
    await cluster.start(SCOPE).run(5_500);
    expect(asked).to.equal(1);
  });

  it('are no answer any more when they are older than ten seconds', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'));
    let asked = 0;
    cluster.answer = () => (asked++ === 0 ? page({ host: 'mock.default' }) : new Promise(() => {}));
    await cluster.start(SCOPE).run(20_500);
    const seen = cluster.of('mesh-telemetry').map(({ t, callers }) => [t / 1000, callers?.answered]);
    expect(seen).to.deep.equal([
      [2_000, 1],
      [12_000, 0],
    ]);
  });

  it('do not take an answer that was under way when the pod was replaced', async () => {
    const cluster = new ObservedCluster().put(pod('web-0', { uid: 'old' }));
    const late = Promise.withResolvers<string>();
    cluster.answer = () => late.promise;
    cluster.start(SCOPE);
    await cluster.clock.sleep(1_500);
    cluster.answer = () => page({ host: 'mock.default', total: 1 });
    cluster.put(pod('web-0', { uid: 'new' }));
    await cluster.clock.sleep(2_000);
    late.resolve(page({ host: 'mock.default', total: 9 }));
    await cluster.run(2_000);
    expect(cluster.of('ejections').map((row) => row.enforcedTotal)).to.deep.equal([1]);
  });

  it('are read from Envoy itself where pilot-agent does not answer', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'));
    const ports: number[] = [];
    cluster.answer = (_name, port) => {
      ports.push(port);
      if (port === 15020) throw new Error('connection refused');
      return page({ host: 'mock.default' });
    };
    await cluster.start(SCOPE).run(2_500);
    expect(ports).to.deep.equal([15020, 15090, 15090, 15090]);
  });
});

describe('coverage', () => {
  const callers = (cluster: ObservedCluster) =>
    cluster.of('mesh-telemetry').map(({ callers: counted }) => Object.values(counted ?? {}).join(' '));

  it('is not full because one of twenty answers, and says when nineteen are lost', async () => {
    const cluster = new ObservedCluster().put(...fleet(20));
    let lost = false;
    cluster.answer = (name) => {
      if (lost && name !== 'default/m-000') throw new Error('403 pods/proxy is forbidden');
      return page({ host: 'mock.default' });
    };
    cluster.start(SCOPE);
    await cluster.clock.sleep(10_500);
    lost = true;
    await cluster.run(10_000);
    expect(callers(cluster)).to.deep.equal(['20 20 20', '20 20 1']);
    const last = cluster.of('mesh-telemetry').at(-1);
    expect(last?.readable).to.equal(true);
    expect(last?.detail).to.equal(
      '1 of 20 calling proxies show outlier statistics; 19 could not be read (403 pods/proxy is forbidden)',
    );
  });

  it('tells of those that are never asked', async () => {
    const cluster = new ObservedCluster().put(...fleet(150));
    cluster.answer = () => page({ host: 'mock.default' });
    await cluster.start(SCOPE).run(5_500);
    expect(callers(cluster)).to.deep.equal(['150 100 100']);
    expect(cluster.of('mesh-telemetry')[0]?.detail).to.contain('only 100 of 150 are read');
    expect(new Set(cluster.of('ejections').map((row) => row.pod)).size).to.equal(100);
  });

  it('goes on asking those whose counters it knows when others come before them', async () => {
    const cluster = new ObservedCluster().put(...fleet(100));
    cluster.answer = () => page({ host: 'mock.default' });
    cluster.start({ namespaces: ['default'], gateways: [{ namespace: 'edge', selector: GATEWAY }] });
    await cluster.clock.sleep(3_500);
    cluster.put(pod('igw-1', { namespace: 'edge', labels: GATEWAY }));
    await cluster.run(5_000);
    expect(new Set(cluster.of('ejections').map((row) => row.pod))).to.not.include('igw-1');
    expect(callers(cluster).at(-1)).to.equal('101 100 100');
  });

  it('tells proxies that leave the statistics out from those that cannot be read', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'), pod('m-2'));
    cluster.answer = () => 'envoy_server_live{} 1\n';
    await cluster.start(SCOPE).run(3_500);
    const [event] = cluster.of('mesh-telemetry');
    expect(event?.readable).to.equal(false);
    expect(event?.detail).to.equal(
      '0 of 2 calling proxies show outlier statistics; 2 leave them out: set proxyStatsMatcher inclusionRegexps to .*outlier_detection.*',
    );
  });

  it('does not take an old answer of a proxy that hangs for one of now', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'));
    cluster.answer = () => page({ host: 'mock.default' });
    cluster.start(SCOPE);
    await cluster.clock.sleep(5_500);
    cluster.answer = () => new Promise(() => {});
    await cluster.run(20_000);
    expect(callers(cluster)).to.deep.equal(['1 1 1', '1 1 0']);
  });

  it('lacks one for gateways that nobody has named, and none where there are none', async () => {
    for (const [scope, wanted] of [
      [{ namespaces: ['default'] }, '2 1 1'],
      [{ namespaces: ['default'], gateways: [] }, '1 1 1'],
    ] as const) {
      const cluster = new ObservedCluster().put(pod('m-1'));
      cluster.answer = () => page({ host: 'mock.default' });
      await cluster.start(scope).run(5_500);
      expect(callers(cluster)).to.deep.equal([wanted]);
      const isTold = cluster.of('mesh-telemetry')[0]?.detail.includes('spec.observe.gateways of the targets file');
      expect(isTold).to.equal(!('gateways' in scope));
    }
  });

  it('lacks one for a gateway whose labels match nothing, and for a place that cannot be listed', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'));
    cluster.answer = () => page({ host: 'mock.default' });
    const scope = { namespaces: ['default', 'shop'], gateways: [{ namespace: 'edge', selector: { istio: 'typo' } }] };
    cluster.start(scope, (kind, { namespace }) => kind === 'Pod' && namespace === 'shop');
    await cluster.run(5_500);
    expect(callers(cluster)).to.deep.equal(['3 1 1']);
    expect(cluster.of('mesh-telemetry')[0]?.detail)
      .to.contain('gateway: Pods in edge with istio=typo: none is ready')
      .and.contain('Pods in shop: they cannot be listed');
  });

  it('of a rollout is a few events, and the last one is true', async () => {
    const pods = fleet(60);
    const cluster = new ObservedCluster().put(...pods);
    cluster.answer = () => page({ host: 'mock.default' });
    cluster.start(SCOPE);
    await cluster.clock.sleep(5_500);
    for (const old of pods) {
      cluster.remove(old);
      await cluster.clock.sleep(1_000);
    }
    cluster.put(...fleet(7));
    await cluster.run(5_000);
    expect(callers(cluster).length).to.be.lessThan(12);
    expect(callers(cluster).at(-1)).to.equal('7 7 7');
  });

  it('of a run that is over at once is told all the same', async () => {
    const cluster = new ObservedCluster().put(pod('m-1'));
    cluster.answer = () => page({ host: 'mock.default' });
    await cluster.start(SCOPE).run(1_500);
    expect(callers(cluster)).to.deep.equal(['1 1 1']);
  });
});
