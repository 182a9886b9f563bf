import { expect } from 'chai';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import { networkGateways } from './live-system.ts';
import { predictNeeds } from './needs.ts';
import { predict } from './predict.ts';
import { readSystem } from './read-system.ts';
import { PATHS, scenarioOf, swap } from './testing/live-fixture.ts';

const SCOPE = {
  namespaces: ['default'],
  gateways: [{ namespace: 'gates', selector: { istio: 'ingressgateway' } }],
};
const FAULT = swap();
const TARGET: Target = { name: 'x', clusters: [], namespaces: ['default'], lockNamespace: 'default', observe: SCOPE };

function pod(name: string, namespace: string, more: Partial<KubeObject> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, creationTimestamp: '2026-01-01T00:00:00Z', labels: { app: 'mockb' } },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'istio-proxy' }, { name: 'default', lifecycle: { preStop: { sleep: { seconds: 2 } } } }],
    },
    status: {
      podIP: `ip-${name}`,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:03Z' }],
    },
    ...more,
  };
}

const NODE: KubeObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'n1',
    labels: { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': 'z' },
  },
};
const SLICE: KubeObject = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 's', namespace: 'default', labels: { 'kubernetes.io/service-name': 'mockb' } },
  ports: [{ name: 'http', port: 8000 }],
  endpoints: [{ addresses: ['ip-b'], targetRef: { kind: 'Pod', name: 'b' } }],
};
const MESH: KubeObject = {
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' } },
  data: { mesh: 'localityLbSetting: { enabled: false }' },
};

/** A cluster of these objects; every request is noted, and one may be refused. */
function cluster(
  objects: readonly KubeObject[],
  refused = '',
  place: Pick<Cluster, 'name' | 'configuredBy'> = { name: 'tokyo' },
): { cluster: Cluster; asked: Set<string> } {
  const asked = new Set<string>();
  const ask = (text: string): void => {
    asked.add(text);
    if (text === refused) throw new Error(`forbidden: ${text}`);
  };
  const not = () => Promise.reject(new Error('a prediction only reads'));
  const made: Cluster = {
    ...place,
    region: 'ap-northeast-1',
    get: async ({ kind, namespace = '', name }) => {
      ask(`get ${kind} in ${namespace}`);
      return objects.find((one) => one.kind === kind && one.metadata.name === name);
    },
    list: async ({ kind }, { namespace = '' }) => {
      ask(`list ${kind} in ${namespace}`);
      return objects.filter((one) => one.kind === kind && (namespace === '' || one.metadata.namespace === namespace));
    },
    create: not,
    exec: not,
    patch: not,
    delete: not,
    observe: not,
    can: not,
    podProxy: not,
    proxyAdmin: () => ({ get: not }),
    identity: not,
  };
  return { cluster: made, asked };
}

describe('reading a target for a prediction', () => {
  const read = async (...objects: KubeObject[]) =>
    readSystem([cluster([NODE, SLICE, MESH, ...objects]).cluster], SCOPE, [FAULT.spec], new Map([['tokyo', '1.30.2']]));

  it('asks for what it says that it needs, for the Deployments of faults, and for nothing else', async () => {
    const { cluster: asking, asked } = cluster([]);
    await readSystem([asking], SCOPE, [FAULT.spec], new Map());
    const needs = predictNeeds(SCOPE, {}).map(({ verb, kind, namespace }) => `${verb} ${kind} in ${namespace}`);
    expect([...asked].sort()).to.deep.equal([...needs, 'get Deployment in default'].sort());
  });

  it('finds where a pod is, what it stands behind, its proxy, and how long it took and takes', async () => {
    const { pods } = await read(pod('b', 'default'));
    expect(pods).to.have.length(1);
    expect(pods[0]).to.deep.include({
      ip: 'ip-b',
      locality: { region: 'r', zone: 'z', subzone: '' },
      services: [{ service: 'default/mockb', ports: { http: 8000 } }],
      ready: true,
      proxied: true,
      gateway: false,
      startMs: 3000,
      preStopMs: 2000,
    });
    expect(pods[0]?.labels).to.include({ app: 'mockb', 'topology.istio.io/cluster': 'tokyo' });
  });

  it('tells pods in ambient mode and waypoints from others', async () => {
    const metadata = (name: string, more: Partial<KubeObject['metadata']>) => ({ name, namespace: 'default', ...more });
    const ambient = { 'ambient.istio.io/redirection': 'enabled' };
    const bare = { nodeName: 'n1', containers: [] };
    const { pods } = await read(
      pod('bare', 'default', { spec: bare, metadata: metadata('bare', {}) }),
      pod('ambient', 'default', { spec: bare, metadata: metadata('ambient', { annotations: ambient }) }),
      pod('waypoint', 'default', {
        metadata: metadata('waypoint', { labels: { 'gateway.istio.io/managed': 'istio.io-mesh-controller' } }),
      }),
    );
    expect(pods.map(({ name, ambient, waypoint, proxied }) => [name, ambient, waypoint, proxied])).to.deep.equal([
      ['bare', false, false, false],
      ['ambient', true, false, false],
      ['waypoint', false, true, true],
    ]);
  });

  it('takes the locality label of a pod before that of its node, and leaves out pods without an address', async () => {
    const metadata = { name: 'own', namespace: 'default', labels: { 'istio-locality': 'r2.z2' } };
    const { pods } = await read(pod('own', 'default', { metadata }), pod('new', 'default', { status: {} }));
    expect(pods.map(({ name, locality }) => [name, locality.region, locality.zone])).to.deep.equal([
      ['own', 'r2', 'z2'],
    ]);
  });

  it('finds the network of a pod, by its own label or by that of the system namespace, and east-west gateways', async () => {
    const label = 'topology.istio.io/network';
    const system = (labels: Record<string, string>): KubeObject => ({
      ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system', labels } },
    });
    const own = pod('own', 'default', { metadata: { name: 'own', namespace: 'default', labels: { [label]: 'west' } } });
    const gateway: KubeObject = {
      ...{ apiVersion: 'v1', kind: 'Service' },
      metadata: { name: 'way', namespace: 'istio-system', labels: { [label]: 'east' } },
      spec: { type: 'LoadBalancer', ports: [{ port: 15443 }] },
      status: { loadBalancer: { ingress: [{ ip: '9.9.9.9' }] } },
    };
    const found = await read(own, pod('b', 'default'), system({ [label]: 'east' }), gateway);
    expect(found.pods.map(({ network, labels }) => [network, labels[label]])).to.deep.equal([
      ['west', 'west'],
      ['east', 'east'],
    ]);
    expect(networkGateways(found)).to.deep.equal([{ network: 'east', cluster: 'tokyo', address: '9.9.9.9:15443' }]);
    const unnamed = await read(pod('b', 'default'), system({}));
    expect(unnamed.pods[0]?.labels).to.not.have.property(label);
    expect([unnamed.pods[0]?.network, unnamed.clusters[0]?.eastWest]).to.deep.equal(['', []]);
  });

  it('knows gateways by where they were declared', async () => {
    const { pods } = await read(pod('gate', 'gates', { spec: { nodeName: 'n1', containers: [] } }));
    expect(pods[0]).to.include({ gateway: true, proxied: true });
  });

  it('reads MeshConfig and the version of Istio, and says where the version is not known', async () => {
    const { clusters } = await read();
    expect(clusters[0]?.mesh).to.deep.equal({ localityLbSetting: { enabled: false } });
    const told = new Map([['tokyo', '1.30.2']]);
    const both = await readSystem(
      [cluster([]).cluster, cluster([], '', { name: 'hangzhou' }).cluster],
      SCOPE,
      [],
      told,
    );
    expect(both.clusters.map(({ istio, istioKnown }) => [istio, istioKnown])).to.deep.equal([
      ['1.30', true],
      ['1.31', false],
    ]);
  });

  it('reads mesh configuration where the proxies of a cluster get theirs from, and asks nowhere else for it', async () => {
    const rule = (name: string): KubeObject => ({
      ...{ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { name, namespace: 'default' } },
    });
    const tokyo = cluster([MESH, rule('read')]);
    const hangzhou = cluster([rule('not-read')], '', { name: 'hangzhou', configuredBy: 'tokyo' });
    const { clusters } = await readSystem([tokyo.cluster, hangzhou.cluster], SCOPE, [], new Map());
    expect(clusters.map(({ name, configuredBy }) => [name, configuredBy])).to.deep.equal([
      ['tokyo', 'tokyo'],
      ['hangzhou', 'tokyo'],
    ]);
    for (const { destinationRules, mesh } of clusters) {
      expect(destinationRules.map(({ metadata }) => metadata.name)).to.deep.equal(['read']);
      expect(mesh).to.deep.equal({ localityLbSetting: { enabled: false } });
    }
    const needs = predictNeeds(SCOPE, hangzhou.cluster).map(
      ({ verb, kind, namespace }) => `${verb} ${kind} in ${namespace}`,
    );
    expect([...hangzhou.asked].sort()).to.deep.equal(needs.sort());
    expect(needs.join()).to.not.match(/Rule|Filter|VirtualService|Gateway|Sidecar|ConfigMap/);
  });

  it('predicts nothing where any of it is refused, and says what', async () => {
    const faults = [FAULT];
    const from = { scenario: scenarioOf(faults), target: TARGET, paths: PATHS, faults, mesh: new Map() };
    for (const { verb, kind, namespace } of [
      ...predictNeeds(SCOPE, {}),
      { ...KINDS.deployment, verb: 'get', namespace: 'default' },
    ]) {
      const what = `${verb} ${kind} in ${namespace}`;
      const { cluster: refusing } = cluster([], what);
      expect(await predict({ ...from, clusters: [refusing] }), what).to.deep.equal({
        state: 'not-predicted',
        reason: `forbidden: ${what}`,
      });
    }
  });
});
