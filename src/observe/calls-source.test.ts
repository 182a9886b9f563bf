import { expect } from 'chai';
import type { Cluster, ProxyAdmin } from '../model/ports.ts';
import type { Endpoint } from '../model/target.ts';
import { AdminSource, MetricsSource, type SourceReader } from './calls-source.ts';
import { NamedServices } from './named.ts';
import { metricsPage } from './testing/metrics-page.ts';
import { clustersPage } from './testing/observed-callers.ts';
import { WorkloadPlaces } from './workload-places.ts';

const CALLER = { id: 'u', namespace: 'default', pod: 'web-0', zone: 'a' };

function readerOf(cluster: Partial<Cluster>): SourceReader {
  const places = new WorkloadPlaces();
  places.look([{ cluster: 'tokyo', region: 'r', zone: 'a', namespace: 'default', workload: 'mock-a' } as Endpoint]);
  const named = new NamedServices({ services: ['mock'], affected: [] }, ['default']);
  return { cluster: { name: 'tokyo', ...cluster } as Cluster, named, places };
}

/** An admin port with these pages, one after the other; counts the ways that were opened to it, and are. */
function admin(...pages: string[]) {
  const ways: AbortSignal[] = [];
  const asked: string[] = [];
  const proxyAdmin = (_: object, signal: AbortSignal): ProxyAdmin => {
    ways.push(signal);
    return {
      get: async (path) => {
        asked.push(path);
        return pages.shift() ?? '{}';
      },
    };
  };
  const source = new AdminSource(readerOf({ proxyAdmin }), CALLER);
  return { source, asked, opened: () => ways.map(({ aborted }) => (aborted ? 'closed' : 'open')) };
}

describe('observe/calls-source: an admin port', () => {
  it('begins with every host and nothing counted, and tells what has come since', async () => {
    const { source } = admin(clustersPage([{ ip: '1', total: 9 }]), clustersPage([{ ip: '1', total: 12, error: 1 }]));
    const [first, second] = [await source.read(), await source.read()];
    expect(first.calls[0]?.hosts[0]).to.include({ address: '1:80', requests: 0 });
    expect(second.calls[0]).to.include({ service: 'mock', namespace: 'default', port: 80 });
    expect(second.calls[0]?.hosts[0]).to.include({ requests: 3, served: 2, failed: 1 });
    expect(second.calling).to.equal(true);
  });

  it('tells of the end of a Service that is gone, and calls nobody who was never called', async () => {
    const { source } = admin(clustersPage([{ ip: '1' }]), '{}', '{}');
    expect((await source.read()).calling).to.equal(false);
    expect((await source.read()).calls[0]?.hosts).to.have.length(1);
    expect((await source.read()).calls).to.deep.equal([]);
  });

  it('leaves out what sidecars answer for themselves, and asks for it no more while its way is kept', async () => {
    const own = JSON.parse(clustersPage([{ ip: '1', total: 5 }, { ip: '2' }]).replaceAll('|80|', '|9090|'));
    for (const { address } of own.cluster_statuses[0].host_statuses) address.socket_address.port_value = 15_020;
    const { cluster_statuses: others } = JSON.parse(clustersPage([{ ip: '1', total: 9 }]));
    const whole = JSON.stringify({ cluster_statuses: [...others, ...own.cluster_statuses] });
    const { source, asked } = admin(whole, clustersPage([{ ip: '1', total: 9 }]), whole);
    const read = [await source.read(), await source.read()];
    source.close();
    read.push(await source.read());
    expect(read.flatMap(({ calls }) => calls.map(({ port }) => port))).to.deep.equal([80, 80, 80]);
    const [first = '', second = '', third] = asked.map((path) => new URLSearchParams(path).get('filter') ?? '');
    expect(third, 'anew when it is opened anew').to.equal(first);
    const names = [
      'outbound|80||mock.default.svc.x',
      'outbound_.90_.v1_.mock.default.svc.x',
      'outbound|9090||mock.default.svc.x',
      'outbound_.9090_._.mock.default.svc.x',
    ];
    expect(names.map((name) => new RegExp(second).test(name))).to.deep.equal([true, true, false, false]);
  });

  it('goes on asking for a port behind which applications are as well', async () => {
    const both = clustersPage([{ ip: '1', total: 5 }, { ip: '2' }]);
    const mixed = JSON.parse(both);
    mixed.cluster_statuses[0].host_statuses[0].address.socket_address.port_value = 15_020;
    const { source, asked } = admin(JSON.stringify(mixed), both);
    expect((await source.read()).calls).to.have.length(1);
    await source.read();
    expect(asked[1]).to.equal(asked[0]);
  });

  it('keeps its way until it is closed, and what it has counted beyond that', async () => {
    const { source, opened } = admin(clustersPage([{ ip: '1', total: 9 }]), clustersPage([{ ip: '1', total: 12 }]));
    expect(source.isKept).to.equal(false);
    await source.read();
    expect([source.isKept, opened()]).to.deep.equal([true, ['open']]);
    source.close();
    expect([source.isKept, opened()]).to.deep.equal([false, ['closed']]);
    expect((await source.read()).calls[0]?.hosts[0]).to.include({ requests: 3 });
    expect(opened()).to.deep.equal(['closed', 'open']);
  });
});

describe('observe/calls-source: metrics', () => {
  const page = (times: number) => metricsPage({ to: 'mock-a', times });

  /** Metrics that are served on these ports. */
  function metrics(ports: readonly number[], ...pages: string[]) {
    const asked: number[] = [];
    const podProxy: Cluster['podProxy'] = async (_, __, port) => {
      asked.push(port);
      if (!ports.includes(port)) throw new Error(`nobody listens on ${port}`);
      return pages.shift() ?? '';
    };
    const reader = readerOf({ podProxy });
    return { source: new MetricsSource(reader, CALLER), asked, places: reader.places };
  }

  it('tell from the second reading on what has come since, by workload', async () => {
    const { source, places } = metrics([15090], page(5), page(8));
    expect(await source.read()).to.deep.equal({ calls: [], calling: true, isAnew: false });
    const { calls } = await source.read();
    expect(calls).to.have.length(1);
    expect(calls[0]?.hosts[0]).to.include({ workload: 'mock-a', zone: 'a', requests: 3, served: 3 });
    const elsewhere = { name: 'mock-a', namespace: 'default', clusterId: 'id-of-another' };
    expect(() => places.of(elsewhere), 'the page has told what its cluster is called').to.throw('behind no Service');
  });

  it('are read from the other port where the first is closed, and from then on from there', async () => {
    const { source, asked } = metrics([15020], page(5), page(8));
    await source.read();
    await source.read();
    expect(asked).to.deep.equal([15090, 15020, 15020]);
    const closed = await metrics([])
      .source.read()
      .catch((error: Error) => error.message);
    expect(closed).to.equal('nobody listens on 15020');
  });
});
