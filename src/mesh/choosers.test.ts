import { expect } from 'chai';
import { ClientProxy } from './client-proxy.ts';
import { DirectProxy } from './direct-proxy.ts';
import { type Host, newHost } from './host.ts';
import { assignPriorities, localityKey } from './locality.ts';
import { LocalityWheel } from './locality-wheel.ts';
import { TcpChooser } from './tcp-chooser.ts';
import { CLIENT_A, FOUR_ZONES, HANGZHOU_H, HANGZHOU_K, seeded, vendorCluster } from './testing/fixtures.ts';

const SETTINGS = { connectTimeoutMs: 1000 };

describe('who is called where the mesh does not choose', () => {
  it('is one endpoint, until the connection breaks or the endpoint is gone', () => {
    const proxy = new DirectProxy(SETTINGS, seeded(1));
    expect(proxy.choose()).to.equal(undefined);
    proxy.setEndpoints(FOUR_ZONES);
    const first = proxy.choose() as Host;
    for (let call = 0; call < 20; call += 1) expect(proxy.choose()).to.equal(first);
    proxy.report(first, { kind: 'response', status: 503 });
    expect(proxy.choose(), 'a bad answer is an answer').to.equal(first);
    proxy.setEndpoints(FOUR_ZONES.filter(({ address }) => address !== first.endpoint.address));
    const second = proxy.choose() as Host;
    expect(second).to.not.equal(first);
    const later = new Set<Host | undefined>();
    for (let call = 0; call < 30; call += 1) {
      proxy.report(second, { kind: 'reset' });
      later.add(proxy.choose());
    }
    expect(later.size).to.equal(3);
  });

  it('is one host for a connection that carries bytes, and only a connection that fails is a failure', () => {
    const settings = vendorCluster({ mergeWindowMs: 0 });
    const cluster = new ClientProxy({ settings, random: seeded(2), now: 0 });
    cluster.setEndpoints(
      assignPriorities({
        client: CLIENT_A,
        endpoints: FOUR_ZONES,
        setting: settings.localityLb,
        outlierDetection: true,
      }),
      0,
    );
    const chooser = new TcpChooser(cluster);
    const host = chooser.choose(0) as Host;
    expect(host.endpoint.address).to.equal('a:8000');
    chooser.report(host, { kind: 'reset' }, 1);
    expect(chooser.choose(2), 'a reset is none').to.equal(host);
    chooser.report(host, { kind: 'connect-timeout' }, 3);
    expect(chooser.choose(4)?.endpoint.address).to.equal('b:8000');
    expect(cluster.counters(5).active).to.equal(1);
  });
});

describe('localities with weights', () => {
  const hosts = [HANGZHOU_H, HANGZHOU_K].map((locality, index) =>
    newHost({ address: `${index}:1`, locality, labels: {}, ready: true }, 0),
  );
  const share = (weights: readonly [number, number], picks: number) => {
    const wheel = new LocalityWheel(
      hosts,
      new Map([HANGZHOU_H, HANGZHOU_K].map((one, index) => [localityKey(one), weights[index] ?? 0])),
    );
    return Array.from({ length: picks }, () => wheel.next()).filter(([host]) => host === hosts[0]).length;
  };

  it('take turns, exactly by their weight', () => {
    expect(share([1, 1], 40)).to.equal(20);
    expect(share([1, 3], 40)).to.equal(10);
    expect(share([0, 1], 40)).to.equal(0);
  });
});
