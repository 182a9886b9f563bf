import { expect } from 'chai';
import { type HostState, readClusters } from './clusters-reader.ts';

const all = () => true;

/** A counter as Envoy prints it at 0. */
const NOTHING = { stats: [{ name: 'rq_total' }] };

/** A host as Envoy prints it: what is 0 or false is not there, but for the names of counters. */
function host(address: string, more: object = {}): object {
  return { address: { socket_address: { address, port_value: 8000 } }, ...NOTHING, ...more };
}

const page = (...clusters: readonly [name: string, ...hosts: object[]][]): string =>
  JSON.stringify({ cluster_statuses: clusters.map(([name, ...hosts]) => ({ name, host_statuses: hosts })) });

const NEW: Omit<HostState, 'address'> = {
  ...{ region: '', zone: '', priority: 0, healthy: true, ejected: false },
  ...{ requests: 0, served: 0, failed: 0, refused: 0, timedOut: 0 },
};

const read = (text: string) =>
  readClusters(text, all).map(({ hosts, ...place }) => ({ ...place, hosts: [...hosts.values()] }));

describe('clusters of a proxy', () => {
  it('have hosts with their place, state and counters, as Envoy 1.38 prints them', () => {
    const text = page([
      'outbound|8000||mockb.default.svc.cluster.local',
      host('10.200.0.17', {
        stats: [
          { name: 'cx_connect_fail', value: '3' },
          { name: 'cx_total', value: '4' },
          { name: 'rq_error', value: '20' },
          { name: 'rq_success', value: 1274 },
          { name: 'rq_timeout', value: '2' },
          { name: 'rq_total', value: '1295' },
          { type: 'GAUGE', name: 'rq_active', value: '1' },
        ],
        health_status: { failed_outlier_check: true, eds_health_status: 'HEALTHY' },
        weight: 1,
        priority: 1,
        locality: { region: 'ap-northeast-1', zone: 'ap-northeast-1a', sub_zone: 'x' },
      }),
      host('fd00::5', { health_status: { eds_health_status: 'UNHEALTHY' } }),
      host('10.200.0.18', { health_status: { failed_active_health_check: true } }),
    ]);
    expect(read(text)).to.deep.equal([
      {
        ...{ service: 'mockb', namespace: 'default', port: 8000 },
        hosts: [
          {
            ...{ address: '10.200.0.17:8000', region: 'ap-northeast-1', zone: 'ap-northeast-1a', priority: 1 },
            ...{ healthy: true, ejected: true, requests: 1295, served: 1274, failed: 20, refused: 3, timedOut: 2 },
          },
          { ...NEW, address: '[fd00::5]:8000', healthy: false },
          { ...NEW, address: '10.200.0.18:8000', healthy: false },
        ],
      },
    ]);
  });

  it('are those of wanted Services, in both ways of writing, and nothing else', () => {
    const text = page(
      ['outbound|80||mock.shop.svc.cluster.local;', host('10.0.0.1')],
      ['outbound_.81_.v1_.mock.shop.svc.cluster.local', host('10.0.0.2')],
      ['outbound_.82_._.mock.shop.svc.cluster.local', host('10.0.0.3')],
      ['outbound|80||mock.other.svc.cluster.local', host('10.0.0.4')],
      ['outbound|443||api.example.com', host('10.0.0.5')],
      ['inbound|8000||', host('127.0.0.6')],
      ['PassthroughCluster'],
      ['xds-grpc', host('127.0.0.1')],
    );
    const wanted = readClusters(text, (service, namespace) => `${service}.${namespace}` === 'mock.shop');
    expect(wanted.map(({ port, hosts }) => [port, ...hosts.keys()])).to.deep.equal([
      [80, '10.0.0.1:8000'],
      [81, '10.0.0.2:8000'],
      [82, '10.0.0.3:8000'],
    ]);
  });

  it('are one for all subsets of a Service: what they counted is added up', () => {
    const stats = (total: number) => ({ stats: [{ name: 'rq_total', value: `${total}` }] });
    const text = page(
      ['outbound|80||mock.shop.svc.cluster.local', host('10.0.0.1', stats(3)), host('10.0.0.2')],
      [
        'outbound|80|v1|mock.shop.svc.cluster.local',
        host('10.0.0.1', { ...stats(4), health_status: { failed_outlier_check: true } }),
      ],
    );
    expect(read(text).flatMap(({ hosts }) => hosts)).to.deep.equal([
      { ...NEW, address: '10.0.0.1:8000', requests: 7, ejected: true },
      { ...NEW, address: '10.0.0.2:8000' },
    ]);
  });

  it('may lead through the proxy itself, and may have no address at all', () => {
    const text = page([
      'outbound|80||mock.shop.svc.cluster.local',
      {
        address: { envoy_internal_address: { server_listener_name: 'connect_originate', endpoint_id: '10.0.0.9:80' } },
        ...NOTHING,
      },
      { address: { pipe: { path: '/var/run/x' } } },
      {},
    ]);
    expect(read(text).flatMap(({ hosts }) => hosts)).to.deep.equal([{ ...NEW, address: '10.0.0.9:80' }]);
  });

  it('can be none', () => {
    expect(read('{}')).to.deep.equal([]);
    expect(read('{"more":1,"cluster_statuses":[{},{"name":"outbound|80||a.b.svc.c"}]}')).to.have.length(1);
  });

  const MOCK = 'outbound|80||mock.shop.svc.cluster.local';
  for (const [text, words] of [
    ['upstream connect error', 'no JSON but `upstream connect error`'],
    [`${MOCK}::10.0.0.1:8000::rq_total::3`, `no JSON but \`${MOCK}::10.0.0.1:80`],
    ['null', 'no list of clusters'],
    ['[]', 'no list of clusters'],
    ['{"clusters":[]}', 'no list of clusters'],
    ['{"cluster_statuses":{}}', 'no list of clusters'],
    [page([MOCK, host('10.0.0.1', { stats: [] })]), 'no counter rq_total of 10.0.0.1:8000'],
    [page([MOCK, host('10.0.0.1', { stats: [{ name: 'requests', value: '7' }] })]), 'no counter rq_total of'],
  ] as const) {
    it(`are not taken from what another proxy may answer: ${text.slice(0, 40)}`, () => {
      expect(() => read(text)).to.throw(`/clusters?format=json of its admin port has ${words}`);
    });
  }
});
