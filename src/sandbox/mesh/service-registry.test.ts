import { expect } from 'chai';
import { KINDS, type KubeObject, REGION_LABEL, ZONE_LABEL } from '../../model/kubernetes.ts';
import { createStore, type ObjectStore } from '../api/store.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { discoverServices } from './service-registry.ts';

function cluster(
  region: string,
  addresses: readonly { ip: string; ready: boolean; terminating?: true }[],
): ObjectStore {
  const store = createStore({ clock: new ManualClock(), random: Math.random });
  store.create({
    ...KINDS.node,
    metadata: { name: 'n', labels: { [REGION_LABEL]: region, [ZONE_LABEL]: `${region}-a` } },
  });
  store.create({
    ...KINDS.endpointSlice,
    metadata: { name: 'mockb-x', namespace: 'default', labels: { 'kubernetes.io/service-name': 'mockb' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 9000 }],
    endpoints: addresses.map(({ ip, ready, terminating = false }) => ({
      addresses: [ip],
      conditions: { ready, terminating },
      nodeName: 'n',
      targetRef: { kind: 'Pod', name: `pod-${ip}`, namespace: 'default' },
    })),
  });
  return store;
}

function addService(store: ObjectStore): void {
  const spec = { selector: { app: 'mockb' }, ports: [{ name: 'http', port: 8000, targetPort: 9000 }] };
  store.create({ ...KINDS.service, metadata: { name: 'mockb', namespace: 'default' }, spec });
}

describe('service registry', () => {
  it('finds the endpoints of a service in all clusters, with the locality of their nodes, but no terminating ones', () => {
    const tokyo = cluster('r1', [
      { ip: '10.0.0.1', ready: true },
      { ip: '10.0.0.2', ready: false },
      { ip: '10.0.0.3', ready: false, terminating: true },
    ]);
    const hangzhou = cluster('r2', [{ ip: '10.1.0.1', ready: true }]);
    addService(tokyo);
    const stores = new Map([
      ['tokyo', tokyo],
      ['hangzhou', hangzhou],
    ]);
    const [service] = discoverServices(tokyo, stores);
    expect(service).to.include({ host: 'mockb.default.svc.cluster.local', port: 8000 });
    const found = service?.endpoints.map(({ address, locality, ready }) => [
      address,
      locality.region,
      locality.zone,
      ready,
    ]);
    expect(found).to.deep.equal([
      ['10.0.0.1:9000', 'r1', 'r1-a', true],
      ['10.0.0.2:9000', 'r1', 'r1-a', false],
      ['10.1.0.1:9000', 'r2', 'r2-a', true],
    ]);
    expect(discoverServices(hangzhou, stores), 'no Service object, no name').to.deep.equal([]);
  });

  it('prefers the locality label of a pod', () => {
    const tokyo = cluster('r1', [{ ip: '10.0.0.1', ready: true }]);
    addService(tokyo);
    const pod: KubeObject = {
      ...KINDS.pod,
      metadata: { name: 'pod-10.0.0.1', namespace: 'default', labels: { 'istio-locality': 'r9.z9.s9' } },
      spec: { nodeName: 'n', containers: [{ name: 'default', image: 'example/mock:1' }] },
    };
    tokyo.create(pod);
    const [service] = discoverServices(tokyo, new Map([['tokyo', tokyo]]));
    expect(service?.endpoints[0]?.locality).to.deep.equal({ region: 'r9', zone: 'z9', subzone: 's9' });
  });
});
