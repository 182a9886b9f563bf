import { expect } from 'chai';
import { KINDS, type KubeObject, MESH_KINDS } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import type { MeshProxy, MeshService } from './clusters.ts';
import { type Configuration, readMeshConfig } from './configuration.ts';
import { localityLabels, readSlice } from './endpoints.ts';
import { portsOf } from './service-port.ts';
import { toldTo } from './told.ts';

const place = (zone: string) => ({ region: 'r', zone, subzone: '' });
const PLACES = { tokyo: 'a', osaka: 'b' } as const;

function made(
  kind: { apiVersion: string; kind: string },
  spec: Json,
  metadata: KubeObject['metadata'] = {},
): KubeObject {
  return { ...kind, metadata: { name: 'web', namespace: 'shop', ...metadata }, spec };
}

const SERVICE = made(KINDS.service, {
  ports: [
    { name: 'http', port: 80 },
    { name: 'tcp-copy', port: 81 },
  ],
});

/** A pod in each cluster, of another version each. */
function services(service: KubeObject, ready: readonly string[]): MeshService[] {
  return portsOf(service).map((port) => ({
    ...port,
    endpoints: Object.entries(PLACES).map(([cluster, zone]) => ({
      ...{ address: `${cluster}:${port.port}`, locality: place(zone), ready: ready.includes(cluster) },
      labels: { version: zone, ...localityLabels(place(zone), cluster, '') },
    })),
  }));
}

const CONFIGURATION: Configuration = {
  ...{ destinationRules: [], envoyFilters: [], virtualServices: [], gateways: [], sidecars: [] },
  ...{ rootNamespace: 'istio-system', mesh: {}, istio: '1.31' },
};

function told(
  change: Partial<Configuration> = {},
  service = SERVICE,
  kind: MeshProxy['kind'] = 'sidecar',
  ready: readonly string[] = Object.keys(PLACES),
) {
  const labels = { app: 'shop', ...localityLabels(place('a'), 'tokyo', '') };
  const proxy: MeshProxy = { namespace: 'shop', kind, client: { locality: place('a'), labels }, wanted: [] };
  const configuration = { ...CONFIGURATION, ...change };
  const view = { configuration, cluster: 'tokyo', services: services(service, ready), eastWest: [], random: () => 0 };
  return toldTo(proxy, view);
}

const named = ({ clusters }: ReturnType<typeof told>) =>
  clusters.map(({ host, port, subset, tcp, isPassedOn }) => [
    host.split('.')[0],
    port,
    subset,
    tcp,
    isPassedOn ?? false,
  ]);

describe('what an istiod tells a proxy', () => {
  it('is a cluster for each port of a Service, with the endpoints of all clusters', () => {
    const all = told();
    expect(named(all)).to.deep.equal([
      ['web', 80, '', false, false],
      ['web', 81, '', true, false],
    ]);
    expect(all.clusters[0]?.assignment.endpoints.map(({ endpoint }) => endpoint.address)).to.deep.equal([
      ...['tokyo:80', 'osaka:80'],
    ]);
    expect(all.routes.ports.get('web.shop.svc.cluster.local')).to.deep.equal([80, 81]);
    expect(all.strangers).to.deep.equal([]);
  });

  it('is priorities where hosts are ejected, and a cluster for each subset, of its endpoints alone', () => {
    const subsets = [{ name: 'old', labels: { version: 'b' } }];
    const rule = { host: 'web', trafficPolicy: { outlierDetection: {} }, subsets };
    const { clusters } = told({ destinationRules: [made(MESH_KINDS.destinationRules, rule)] });
    expect(
      clusters
        .filter(({ port }) => port === 80)
        .map(({ subset, assignment }) => [
          subset,
          ...assignment.endpoints.map(({ endpoint, priority }) => `${endpoint.address} ${priority}`),
        ]),
    ).to.deep.equal([
      ['', 'tokyo:80 0', 'osaka:80 1'],
      ['old', 'osaka:80 0'],
    ]);
  });

  it('has endpoints that are not ready since Istio 1.31, or where callers stay close', () => {
    const known = (change: Partial<Configuration>, service = SERVICE) =>
      told(change, service, 'sidecar', ['osaka']).clusters[0]?.assignment.endpoints.length;
    const close = made(KINDS.service, { ports: [{ port: 80 }], trafficDistribution: 'PreferSameZone' });
    expect([known({}), known({ istio: '1.30' }), known({ istio: '1.30' }, close)]).to.deep.equal([2, 1, 2]);
    const hidden = told({ mesh: { defaultServiceExportTo: ['elsewhere'] } }, SERVICE, 'sidecar', ['osaka']);
    expect(hidden.strangers.map(({ endpoints }) => endpoints)).to.deep.equal([[], []]);
  });

  it('is routes by what MeshConfig says of those that say nothing, and fault filters', () => {
    const mesh = { defaultHttpRetryPolicy: { attempts: 7 }, defaultVirtualServiceExportTo: ['.'] };
    expect(told({ mesh }).routes).to.deep.include({ exportTo: ['.'] });
    expect([told({ mesh }).routes.defaultRetry.retries, told().routes.defaultRetry.retries]).to.deep.equal([7, 2]);
    const typed = {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
      abort: { http_status: 503, percentage: { numerator: 100 } },
    };
    const router = {
      name: 'envoy.filters.network.http_connection_manager',
      subFilter: { name: 'envoy.filters.http.router' },
    };
    const patch = {
      applyTo: 'HTTP_FILTER',
      match: { context: 'SIDECAR_INBOUND', listener: { filterChain: { filter: router } } },
      patch: { operation: 'INSERT_BEFORE', value: { name: 'down', typed_config: typed } },
    };
    const filter = made(MESH_KINDS.envoyFilters, { configPatches: [patch] });
    expect(told({ envoyFilters: [filter] }).inbound.map(({ name }) => name)).to.deep.equal(['down']);
  });

  it('is nothing of a Service that is hidden from it, but who kube-proxy would take, unless it may call nothing else', () => {
    const own = { metadata: { ...SERVICE.metadata, annotations: { 'networking.istio.io/exportTo': 'elsewhere' } } };
    const narrow = (mode?: string) =>
      made(MESH_KINDS.sidecars, { egress: [{ hosts: ['./other'] }], ...(mode && { outboundTrafficPolicy: { mode } }) });
    for (const hidden of [
      told({}, { ...SERVICE, ...own }),
      told({}, { ...SERVICE, ...own }, 'gateway'),
      told({ sidecars: [narrow()] }),
      told({ mesh: { defaultServiceExportTo: ['elsewhere'] } }),
    ]) {
      expect(named(hidden)).to.deep.equal([]);
      expect(
        hidden.strangers.map(({ port, endpoints }) => [port, ...endpoints.map(({ address }) => address)]),
      ).to.deep.equal([
        [80, 'tokyo:80'],
        [81, 'tokyo:81'],
      ]);
    }
    expect(told({ sidecars: [narrow('REGISTRY_ONLY')] }).strangers).to.deep.equal([]);
    expect(named(told({ sidecars: [narrow()] }, SERVICE, 'gateway'))).to.have.length(2);
  });

  it('is each cluster twice where a Gateway lets it pass connections on, and who DNS names where a Service is headless', () => {
    const passing = made(MESH_KINDS.gateways, {
      selector: { app: 'shop' },
      servers: [{ tls: { mode: 'AUTO_PASSTHROUGH' } }],
    });
    expect(named(told({ gateways: [passing] }, SERVICE, 'gateway'))).to.deep.equal([
      ['web', 80, '', false, false],
      ['web', 80, '', false, true],
      ['web', 81, '', true, false],
      ['web', 81, '', false, true],
    ]);
    expect(named(told({ gateways: [passing] }))).to.have.length(2);
    const headless = told({}, made(KINDS.service, { clusterIP: 'None', ports: [{ port: 80 }] }));
    expect(headless.clusters.map(({ direct }) => direct?.map(({ address }) => address))).to.deep.equal([['tokyo:80']]);
  });
});

describe('what an istiod reads', () => {
  it('is of a Service what its protocol is and whether its callers stay close', () => {
    const ports = [
      { name: 'mysql', port: 1 },
      { name: 'tcp', appProtocol: 'http', port: 2 },
      { port: 3 },
      { name: 'HTTPS-x', port: 4 },
    ];
    const spec = { ports, trafficDistribution: 'PreferClose' };
    const read = portsOf(made(KINDS.service, spec));
    expect(
      read.map(({ name, port, tcp, staysClose, headless }) => [name, port, tcp, staysClose, headless]),
    ).to.deep.equal([
      ['mysql', 1, true, true, false],
      ['tcp', 2, false, true, false],
      ['', 3, false, true, false],
      ['HTTPS-x', 4, true, true, false],
    ]);
  });

  it('is of an EndpointSlice who is no longer on its way out, ready or not', () => {
    const pod = (name: string, conditions: Json, kind = 'Pod') => ({
      ...{ addresses: [name], conditions, nodeName: 'n', targetRef: { kind, name } },
    });
    const slice = {
      ...KINDS.endpointSlice,
      metadata: { namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
      ports: [{ name: 'http', port: 8080 }, { port: 8081 }],
      endpoints: [
        pod('unsaid', {}),
        pod('unready', { ready: false }),
        pod('going', { ready: false, terminating: true }),
        pod('serving', { ready: true, terminating: true }),
        pod('node', {}, 'Node'),
      ],
    };
    const { service, ports, endpoints } = readSlice(slice);
    expect([service, ports]).to.deep.equal(['shop/web', { http: 8080, '': 8081 }]);
    expect(endpoints.map(({ addresses, pod: name, ready }) => [addresses[0], name, ready])).to.deep.equal([
      ['unsaid', 'unsaid', true],
      ['unready', 'unready', false],
      ['serving', 'serving', true],
      ['node', '', true],
    ]);
  });

  it('is MeshConfig as its ConfigMap has it, and none of what is no YAML', () => {
    const read = (mesh?: string) =>
      readMeshConfig({ ...KINDS.configMap, metadata: {}, ...(mesh && { data: { mesh } }) });
    expect(read('connectTimeout: 3s')).to.deep.equal({ connectTimeout: '3s' });
    expect([read(), read('a: [b'), read('- a'), readMeshConfig(undefined)]).to.deep.equal([{}, {}, {}, {}]);
  });
});
