import { expect } from 'chai';
import { DEFAULT_ISTIO } from '../../mesh/istio-version.ts';
import { localityLabels } from '../../mesh/istiod/endpoints.ts';
import { seeded } from '../../mesh/testing/fixtures.ts';
import { KINDS, type KubeObject, MESH_KINDS } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { createStore } from '../api/store.ts';
import type { AddressPlan } from '../nodes/addresses.ts';
import { createNetwork } from '../nodes/network.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { BETWEEN_REGIONS } from '../topology.ts';
import { ClientSidecar } from './client-sidecar.ts';
import { ControlPlane } from './control-plane.ts';

const random = seeded(1);
const HOME = { region: 'r', zone: 'a', subzone: '' };

const service = (name: string, spec: { readonly [field: string]: Json } = {}): KubeObject => ({
  ...{ ...KINDS.service, metadata: { name, namespace: 'default' } },
  spec: { ports: [{ name: 'http', port: 80 }], ...spec },
});

const slice = (name: string, ...addresses: string[]): KubeObject => ({
  ...{ ...KINDS.endpointSlice, addressType: 'IPv4', ports: [{ name: 'http', port: 8080 }] },
  metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
  endpoints: addresses.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
});

describe('a control plane', () => {
  const clock = new ManualClock();
  const store = createStore({ clock, random });
  const stores = new Map([['tokyo', store]]);
  const network = createNetwork(stores);
  const plane = new ControlPlane({
    cluster: 'tokyo',
    istiod: undefined,
    ...{ stores, network, clock, random },
    istio: DEFAULT_ISTIO,
    farMs: BETWEEN_REGIONS.roundTripMs,
  });
  after(() => {
    plane.close();
    network.close();
  });

  it('is settled when its proxies know what they see: not what a Sidecar hides, and not whom DNS names', async () => {
    const client = { locality: HOME, labels: localityLabels(HOME, 'tokyo', '') };
    const rest = {
      addresses: {} as AddressPlan,
      network,
      clock,
      random,
      passingAt: () => [],
      wanted: [],
      link: BETWEEN_REGIONS,
    };
    plane.connect(new ClientSidecar({ ip: '10.0.0.9', client, kind: 'sidecar', namespace: 'default', ...rest }));
    expect(plane.isSettled, 'with nothing').to.equal(true);
    for (const object of [service('web'), slice('web', '10.0.0.1')]) store.create(object);
    for (const object of [service('db', { clusterIP: 'None' }), slice('db', '10.0.0.2')]) store.create(object);
    for (const object of [service('hidden'), slice('hidden', '10.0.0.3')]) store.create(object);
    const hosts = ['./web.default.svc.cluster.local', './db.default.svc.cluster.local'];
    store.create({
      ...MESH_KINDS.sidecars,
      metadata: { name: 'narrow', namespace: 'default' },
      spec: { egress: [{ hosts }] },
    });
    expect(plane.isSettled, 'before the push').to.equal(false);
    await clock.advance(100);
    expect(plane.isSettled).to.equal(true);
    store.update(slice('web', '10.0.0.4'));
    expect(plane.isSettled, 'another pod').to.equal(false);
    await clock.advance(100);
    expect(plane.isSettled).to.equal(true);
    store.delete({ ...KINDS.service, namespace: 'default', name: 'db' });
    expect(plane.isSettled, 'a Service less').to.equal(false);
  });
});
