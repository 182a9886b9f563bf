import { expect } from 'chai';
import type { HostCalls } from '../model/history.ts';
import { observedCallers as observed, clustersPage as page } from './testing/observed-callers.ts';

import { type ObservedCluster, pod, slice } from './testing/observed-cluster.ts';

const SCOPE = { namespaces: ['default'], gateways: [] };

function pages(...list: readonly string[]): () => string {
  let asked = 0;
  return () => list[Math.min(asked++, list.length - 1)] ?? '';
}

const text = (host: HostCalls): string => {
  const { requests, served, failed, refused } = host;
  const counts = `${requests}=${served}+${failed} ${refused}`;
  if (!('address' in host)) return `${host.workload} ${counts}`;
  return `${host.address} ${counts}${host.ejected ? ' ejected' : ''}${host.gone === true ? ' gone' : ''}`;
};

const seconds = (cluster: ObservedCluster) =>
  cluster.of('calls').map(({ pod: name, from, to, hosts }) => [name, from / 1e6, to / 1e6, ...hosts.map(text)]);

describe('observed calls', () => {
  it('begin with every host and nothing counted; then hosts that were called, are new or gone, or changed', async () => {
    const cluster = observed(pod('web-0'));
    cluster.admin = pages(
      page([{ ip: '1', total: 100, error: 7 }, { ip: '2' }]),
      page([{ ip: '1', total: 103, error: 8, refused: 1 }, { ip: '2' }]),
      page([{ ip: '1', total: 103, error: 8, refused: 1 }, { ip: '2' }]),
      page([{ ip: '1', total: 103, error: 8, refused: 1, ejected: true }, { ip: '2' }, { ip: '3', total: 2 }]),
      page([{ ip: '2' }, { ip: '3', total: 4 }]),
    );
    await cluster.start(SCOPE).run(4_500);
    expect(seconds(cluster)).to.deep.equal([
      ['web-0', 0, 0, '1:80 0=0+0 0', '2:80 0=0+0 0'],
      ['web-0', 0, 1, '1:80 3=2+1 1'],
      ['web-0', 2, 3, '1:80 0=0+0 0 ejected', '3:80 2=2+0 0'],
      ['web-0', 3, 4, '3:80 2=2+0 0', '1:80 0=0+0 0 ejected gone'],
    ]);
    const [first] = cluster.of('calls');
    expect(first).to.include({ cluster: 'tokyo', podNamespace: 'default', zone: 'a', service: 'mock', port: 80 });
    expect(first?.hosts[0]).to.include({ region: 'r', zone: 'a', priority: 0, healthy: true });
  });

  it('begin anew where counters fall, and end with the Service', async () => {
    const cluster = observed(pod('web-0'));
    const anew = [page([{ ip: '1', total: 3, error: 1 }]), page([{ ip: '1', total: 4, error: 1 }])];
    cluster.admin = pages(page([{ ip: '1', total: 9 }]), ...anew, '{}', '{}');
    await cluster.start(SCOPE).run(4_500);
    expect(seconds(cluster).slice(1)).to.deep.equal([
      ['web-0', 0, 2, '1:80 4=3+1 0'],
      ['web-0', 2, 3, '1:80 0=0+0 0 gone'],
    ]);
    expect(cluster.of('calls').map(({ anew: isAnew }) => isAnew)).to.deep.equal([undefined, true, undefined]);
  });

  it('tell that counting began anew where nothing has been counted since', async () => {
    const cluster = observed(pod('web-0'));
    const none = page([{ ip: '1' }]);
    cluster.admin = pages(page([{ ip: '1', total: 9 }]), none, none);
    await cluster.start(SCOPE).run(2_500);
    expect(cluster.of('calls').map(({ anew, hosts }) => [anew, hosts.length])).to.deep.equal([
      [undefined, 1],
      [true, 0],
    ]);
  });

  it('are counted once, whatever older pages come in between', async () => {
    const cluster = observed(pod('web-0'));
    const at = (total: number) => page([{ ip: '1', total }]);
    cluster.admin = pages(at(10), at(14), at(10), at(22), at(14), at(30), at(34));
    await cluster.start(SCOPE).run(6_500);
    expect(seconds(cluster).slice(1)).to.deep.equal([
      ['web-0', 0, 1, '1:80 4=4+0 0'],
      ['web-0', 1, 3, '1:80 8=8+0 0'],
      ['web-0', 3, 5, '1:80 8=8+0 0'],
      ['web-0', 5, 6, '1:80 4=4+0 0'],
    ]);
    expect(cluster.of('calls').filter(({ anew }) => anew)).to.deep.equal([]);
  });

  it('are counted for each Service by itself, also where they share a host', async () => {
    const cluster = observed(pod('web-0'));
    cluster.named = { services: ['mock', 'other'], affected: [] };
    let asked = 0;
    cluster.admin = () => {
      asked += 1;
      const parts = [page([{ ip: '1', total: 10 * asked }]), page([{ ip: '1', total: 1000 + asked }], 'other')];
      return JSON.stringify({ cluster_statuses: parts.flatMap((one) => JSON.parse(one).cluster_statuses) });
    };
    await cluster.start(SCOPE).run(1_500);
    const rows = cluster.of('calls').map(({ service, hosts }) => [service, ...hosts.map(text)]);
    expect(rows.slice(0, 4)).to.deep.equal([
      ['mock', '1:80 0=0+0 0'],
      ['other', '1:80 0=0+0 0'],
      ['mock', '1:80 10=10+0 0'],
      ['other', '1:80 1=1+0 0'],
    ]);
  });

  it('lie between the last reading that was answered and this answer', async () => {
    const cluster = observed(pod('web-0'));
    let asked = 0;
    cluster.admin = async () => {
      asked += 1;
      if (asked === 2) throw new Error('broken');
      if (asked === 3) await cluster.clock.sleep(80);
      return page([{ ip: '1', total: asked }]);
    };
    await cluster.start(SCOPE).run(4_500);
    expect(seconds(cluster).slice(1, 3)).to.deep.equal([
      ['web-0', 0, 2.08, '1:80 2=2+0 0'],
      ['web-0', 2, 3, '1:80 1=1+0 0'],
    ]);
  });

  it('count a proxy as heard for 25 s after its last answer', async () => {
    const cluster = observed(pod('web-0'));
    let asked = 0;
    cluster.admin = () => (asked++ === 0 ? page([{ ip: '1' }]) : new Promise(() => undefined));
    await cluster.start(SCOPE).run(40_000);
    // What a look finds is written with the second look in a row that finds it.
    expect(cluster.of('calls-telemetry').map(({ t, readable }) => [t / 1e6, readable])).to.deep.equal([
      [2, true],
      [27, false],
    ]);
  });

  it('give back the way to each proxy: of a pod on its way out, and of all at the end, also one that hangs', async () => {
    const cluster = observed(pod('web-0'), pod('gone-0'), pod('stuck-0'));
    cluster.admin = (name) => (name.includes('stuck') ? new Promise(() => undefined) : page([{ ip: '1' }]));
    cluster.start(SCOPE);
    await cluster.clock.sleep(1_500);
    expect(cluster.ways).to.have.members(['default/web-0', 'default/gone-0', 'default/stuck-0']);
    cluster.put(pod('gone-0', { leaving: true }));
    await cluster.clock.sleep(2_000);
    expect(cluster.ways).to.have.members(['default/web-0', 'default/stuck-0']);
    await cluster.run(0);
    expect(cluster.ways).to.deep.equal([]);
  });

  it('are read once more at the end, so that nothing is missed, and not waited for without end', async () => {
    const cluster = observed(pod('web-0'), pod('slow-0'));
    let asked = 0;
    cluster.admin = (name) => {
      if (name.includes('slow') && asked > 3) return new Promise(() => undefined);
      asked += 1;
      return page([{ ip: '1', total: asked }]);
    };
    await cluster.start(SCOPE).run(1_500);
    const last = cluster
      .of('calls')
      .filter((event) => event.pod === 'web-0')
      .at(-1);
    expect((last?.to ?? 0) / 1e6).to.equal(1.5);
    expect(cluster.clock.now() / 1e6).to.be.at.most(2.5);
  });

  it('of a new pod are there within a second, and those of one on its way out are read a last time', async () => {
    const cluster = observed(pod('web-0'));
    let asked = 0;
    cluster.admin = () => {
      asked += 1;
      return page([{ ip: '1', total: asked }]);
    };
    cluster.start(SCOPE);
    await cluster.clock.sleep(2_500);
    cluster.put(pod('web-0', { leaving: true }), pod('web-1'));
    await cluster.run(2_000);
    const times = cluster.of('calls').map(({ pod: name, to }) => `${name} ${to / 1e6}`);
    expect(times.slice(0, 5)).to.deep.equal(['web-0 0', 'web-0 1', 'web-0 2', 'web-0 3', 'web-1 3']);
    expect(times.slice(5).filter((time) => time.startsWith('web-0'))).to.deep.equal([]);
  });

  it('do not wait for a proxy that does not answer', async () => {
    const cluster = observed(pod('web-0'), pod('stuck-0'));
    cluster.admin = (name) => {
      if (name.includes('stuck')) return new Promise(() => undefined);
      return page([{ ip: '1', total: Math.round(cluster.clock.now() / 1e6) + 1 }]);
    };
    await cluster.start(SCOPE).run(5_500);
    expect(seconds(cluster).map(([name, , to]) => `${name} ${to}`)).to.deep.equal(
      [0, 1, 2, 3, 4, 5, 5.5].map((to) => `web-0 ${to}`),
    );
    expect(cluster.of('calls-telemetry').at(-1)?.callers).to.deep.equal({ known: 2, asked: 2, answered: 1 });
  });

  it('are those of named Services, of the Services of affected pods, and of observed namespaces', async () => {
    const affected = { cluster: 'tokyo', namespace: 'default', zone: 'a', workload: 'hit', pod: 'hit-9', ip: 'x' };
    const cluster = observed(pod('web-0'), pod('hit-1'), slice('struck', [{ pod: 'hit-1' }]));
    cluster.named = { services: ['mock'], affected: [affected] };
    const parts = [
      page([{ ip: '1' }]),
      page([{ ip: '2' }], 'struck'),
      page([{ ip: '3' }], 'other'),
      page([{ ip: '4' }], 'mock', 'elsewhere'),
    ].map((one) => JSON.parse(one).cluster_statuses[0]);
    let asked = '';
    cluster.admin = (_, path) => {
      asked = path;
      return JSON.stringify({ cluster_statuses: parts });
    };
    await cluster.start(SCOPE).run(500);
    expect(decodeURIComponent(asked)).to.equal('/clusters?format=json&filter=[|.](mock|struck)[.](default)[.]svc');
    expect(new Set(cluster.of('calls').map(({ service }) => service))).to.deep.equal(new Set(['mock', 'struck']));
  });

  it('are of every Service where the run names none, up to fifty', async () => {
    const cluster = observed(pod('web-0'));
    cluster.named = { services: [], affected: [] };
    const parts = Array.from({ length: 60 }, (_, index) => page([{ ip: '1' }], `mock-${index}`)).map(
      (one) => JSON.parse(one).cluster_statuses[0],
    );
    const asked = new Set<string>();
    cluster.admin = (_, path) => {
      asked.add(path);
      return JSON.stringify({ cluster_statuses: parts });
    };
    await cluster.start(SCOPE).run(500);
    expect([...asked]).to.deep.equal(['/clusters?format=json']);
    expect(cluster.of('calls')).to.have.length(50);
  });
});
