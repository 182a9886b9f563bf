import { expect } from 'chai';
import { DEFAULT_ISTIO } from '../../mesh/istio-version.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { createStore, type ObjectStore } from '../api/store.ts';
import { createNetwork, type Network } from '../nodes/network.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { BETWEEN_REGIONS } from '../topology.ts';
import type { ClientSidecar } from './client-sidecar.ts';
import { ControlPlane } from './control-plane.ts';

const DEBOUNCE_MS = 100;
const ISTIOD: KubeObject = {
  ...{ apiVersion: 'v1', kind: 'Pod' },
  metadata: { name: 'istiod', namespace: 'istio-system', labels: { app: 'istiod' } },
  spec: { containers: [{ name: 'discovery', image: 'pilot' }] },
};
const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const rule = (name: string): KubeObject => ({
  ...{ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { name, namespace: 'default' } },
  spec: { host: name },
});

/** Two clusters whose proxies the istiod of tokyo serves; one proxy in each, that counts its pushes. */
class Served {
  readonly clock = new ManualClock();
  readonly stores = new Map<string, ObjectStore>();
  readonly pushes = { tokyo: 0, hangzhou: 0 };
  readonly #network: Network;
  readonly #planes: ControlPlane[] = [];

  constructor(istiod: string | undefined) {
    const { clock } = this;
    for (const name of ['tokyo', 'hangzhou']) this.stores.set(name, createStore({ clock, random: () => 0.5 }));
    this.store('tokyo').create(namespace('istio-system'));
    this.#network = createNetwork(this.stores);
    for (const cluster of ['tokyo', 'hangzhou'] as const) {
      const shared = {
        stores: this.stores,
        network: this.#network,
        clock,
        random: () => 0.5,
        istio: DEFAULT_ISTIO,
        farMs: BETWEEN_REGIONS.roundTripMs,
      };
      const plane = new ControlPlane({ cluster, istiod, ...shared });
      this.#planes.push(plane);
      const client = { locality: { region: '', zone: '', subzone: '' }, labels: {} };
      const accept = () => void this.pushes[cluster]++;
      plane.connect({
        options: { namespace: 'default', ip: `of ${cluster}`, kind: 'sidecar', client, wanted: [] },
        accept,
      } as unknown as ClientSidecar);
    }
  }

  store(cluster: string): ObjectStore {
    const found = this.stores.get(cluster);
    if (found === undefined) throw new Error(cluster);
    return found;
  }

  /** Pushes that came to the proxies of tokyo and hangzhou while this time passed. */
  async during(ms: number): Promise<[number, number]> {
    const { tokyo, hangzhou } = this.pushes;
    await this.clock.advance(ms);
    return [this.pushes.tokyo - tokyo, this.pushes.hangzhou - hangzhou];
  }

  istiodIs(ready: boolean): void {
    const store = this.store('tokyo');
    const found = store.get({ ...ISTIOD, namespace: 'istio-system', name: 'istiod' }) ?? store.create(ISTIOD);
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
    const status = { ...(found.status as object), podIP: 'of istiod', conditions };
    store.update({ ...found, status } as unknown as KubeObject, { subresource: 'status' });
  }

  close(): void {
    for (const plane of this.#planes) plane.close();
    this.#network.close();
  }
}

describe('an istiod that serves the proxies of two clusters', () => {
  let served: Served;
  afterEach(() => served.close());

  it('hears of rules in its own cluster only, and those of the other region are told a round trip later', async () => {
    served = new Served('tokyo');
    served.istiodIs(true);
    await served.clock.advance(2000);
    served.store('tokyo').create(rule('mockb'));
    expect(await served.during(DEBOUNCE_MS)).to.deep.equal([1, 0]);
    expect(await served.during(BETWEEN_REGIONS.roundTripMs - 1)).to.deep.equal([0, 0]);
    expect(await served.during(1)).to.deep.equal([0, 1]);
    served.store('hangzhou').create(rule('mockc'));
    expect(await served.during(1000)).to.deep.equal([0, 0]);
    served.store('hangzhou').create({ ...namespace('shop') });
    expect(await served.during(1000), 'what is discovered is so everywhere').to.deep.equal([1, 1]);
  });

  it('tells nobody anything before it is ready and while it is not, and then all of it once', async () => {
    served = new Served('tokyo');
    expect(await served.during(5000)).to.deep.equal([0, 0]);
    served.istiodIs(true);
    expect(await served.during(2000)).to.deep.equal([1, 1]);
    served.istiodIs(false);
    for (const name of ['mocka', 'mockb']) {
      served.store('tokyo').create(rule(name));
      expect(await served.during(1500)).to.deep.equal([0, 0]);
    }
    served.istiodIs(true);
    expect(await served.during(2000)).to.deep.equal([1, 1]);
  });

  it('is not needed where control planes are managed: each reads its own cluster, at once', async () => {
    served = new Served(undefined);
    await served.clock.advance(2000);
    served.store('hangzhou').create(rule('mockb'));
    expect(await served.during(DEBOUNCE_MS)).to.deep.equal([0, 1]);
  });
});
