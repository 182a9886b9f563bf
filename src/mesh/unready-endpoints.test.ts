import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import { ClientProxy } from './client-proxy.ts';
import { clusterSettings } from './cluster-config.ts';
import type { IstioVersion } from './istio-version.ts';
import { assignPriorities, type MeshEndpoint } from './locality.ts';
import { CLIENT_A, endpoint, FOUR_ZONES, seeded, TOKYO_A, VENDOR_BLOCK, vendorCluster } from './testing/fixtures.ts';

const SETTINGS = vendorCluster();
const UNREADY: MeshEndpoint = { ...endpoint('new:8000', TOKYO_A), ready: false };

function assigned(endpoints: readonly MeshEndpoint[]) {
  return assignPriorities({ client: CLIENT_A, endpoints, setting: SETTINGS.localityLb, outlierDetection: true });
}

function proxyWith(endpoints: readonly MeshEndpoint[], now = 0): ClientProxy {
  const proxy = new ClientProxy({ settings: SETTINGS, random: seeded(3), now });
  proxy.setEndpoints(assigned(endpoints), now);
  return proxy;
}

describe('endpoints that are not ready', () => {
  it('count in their priority, so that a rollout of a lone pod sends 30 % of its traffic away', () => {
    const proxy = proxyWith([...FOUR_ZONES, UNREADY]);
    expect(proxy.loads(0)).to.deep.equal([70, 30, 0]);
    for (let count = 0; count < 200; count += 1) {
      const host = proxy.choose(0);
      expect(host?.endpoint.address).to.be.oneOf(['a:8000', 'b:8000']);
      if (host !== undefined) proxy.report(host, { kind: 'response', status: 200 }, 0);
    }
  });

  it('count beside an ejected host, too: 1 healthy of 3 keeps 46 %', () => {
    const proxy = proxyWith([...FOUR_ZONES, endpoint('dead:8000', TOKYO_A)]);
    const dead = proxy.hosts(0).find(({ endpoint: { address } }) => address === 'dead:8000');
    if (dead !== undefined) proxy.report(dead, { kind: 'response', status: 503 }, 5000);
    expect(proxy.loads(5000)).to.deep.equal([70, 30, 0]);
    proxy.setEndpoints(assigned([...FOUR_ZONES, endpoint('dead:8000', TOKYO_A), UNREADY]), 6000);
    expect(proxy.loads(6000)).to.deep.equal([46, 54, 0]);
  });

  it('are taken into use by an update that merges, because no host came or went', () => {
    const proxy = proxyWith([...FOUR_ZONES, UNREADY]);
    const ready = assigned([...FOUR_ZONES, endpoint('new:8000', TOKYO_A)]);
    proxy.setEndpoints(ready, 400);
    expect(proxy.loads(1399)).to.deep.equal([70, 30, 0]);
    expect(proxy.loads(1400)).to.deep.equal([100, 0, 0]);
  });

  it('are taken into use at once where the old pod goes in the same push, and later when it went long before', () => {
    const swap = proxyWith([...FOUR_ZONES, UNREADY]);
    const after = [endpoint('new:8000', TOKYO_A), ...FOUR_ZONES.slice(1)];
    swap.setEndpoints(assigned(after), 400);
    expect(swap.choose(400)?.endpoint.address).to.equal('new:8000');
    const late = proxyWith([...FOUR_ZONES, UNREADY]);
    late.setEndpoints(assigned([...FOUR_ZONES, endpoint('new:8000', TOKYO_A)]), 3000);
    expect(late.loads(3000)).to.deep.equal([100, 0, 0]);
  });

  it('keep their ejection over a change of readiness: the host is the same', () => {
    const proxy = proxyWith(FOUR_ZONES);
    const local = proxy.hosts(0)[0];
    if (local !== undefined) proxy.report(local, { kind: 'response', status: 503 }, 5000);
    const away = FOUR_ZONES.map((one, index) => (index === 0 ? { ...one, ready: false } : one));
    proxy.setEndpoints(assigned(away), 7000);
    proxy.setEndpoints(assigned(FOUR_ZONES), 9000);
    expect(proxy.counters(9000)).to.include({ active: 1, enforcedTotal: 1 });
    expect(proxy.loads(9000)).to.deep.equal([0, 100, 0]);
  });
});

describe('Istio by its version', () => {
  const settingsOf = (istio: IstioVersion, block: object | undefined) => {
    const trafficPolicy = block === undefined ? {} : { outlierDetection: block };
    const rule = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'x', namespace: 'default' },
      spec: { host: 'mockb', trafficPolicy },
    } as KubeObject;
    return clusterSettings(
      { destinationRules: [rule], envoyFilters: [], rootNamespace: 'istio-system', istio },
      {
        host: 'mockb.default.svc.cluster.local',
        port: 8000,
        clientNamespace: 'default',
        clientLabels: {},
        clientKind: 'sidecar',
      },
    );
  };

  it('sends endpoints that are not ready since 1.31, unless a minHealthPercent could make panic choose them', () => {
    expect(settingsOf('1.31', VENDOR_BLOCK).sendsUnready).to.equal(true);
    expect(settingsOf('1.30', VENDOR_BLOCK).sendsUnready).to.equal(false);
    expect(settingsOf('1.31', { ...VENDOR_BLOCK, minHealthPercent: 50 }).sendsUnready).to.equal(false);
    expect(settingsOf('1.31', { ...VENDOR_BLOCK, minHealthPercent: 0 }).sendsUnready).to.equal(true);
  });

  it('turns panic off since 1.31 even without outlier detection, because endpoints may be unready', () => {
    expect(settingsOf('1.31', undefined)).to.include({ sendsUnready: true, panicThreshold: 0 });
    expect(settingsOf('1.30', undefined)).to.include({ sendsUnready: false, panicThreshold: 50 });
  });
});
