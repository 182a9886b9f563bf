import { expect } from 'chai';
import type { Labels } from '../model/labels.ts';
import { REQUESTS_PAGE, readRequests } from './requests-reader.ts';
import { RequestMetrics } from './requests-text.ts';

/**
 * A series as a proxy of Istio 1.24 prints it at :15090/stats/prometheus, with every label and in their order
 * (istio/proxy istio_stats.cc; the same labels stand at istio.io/latest/docs/reference/config/metrics).
 */
const line = (changed: Labels = {}, total: number | string = 1): string => {
  const labels: Labels = {
    ...{ reporter: 'source', source_workload: 'mocka', source_canonical_service: 'mocka' },
    ...{ source_canonical_revision: 'latest', source_workload_namespace: 'default' },
    ...{ source_principal: 'spiffe://cluster.local/ns/default/sa/default', source_app: 'mocka', source_version: 'v1' },
    ...{ source_cluster: 'Kubernetes', destination_workload: 'mockb-1a', destination_workload_namespace: 'default' },
    ...{ destination_principal: 'spiffe://cluster.local/ns/default/sa/default', destination_app: 'mockb' },
    ...{ destination_version: '1a', destination_service: 'mockb.default.svc.cluster.local' },
    ...{ destination_canonical_service: 'mockb', destination_canonical_revision: '1a' },
    ...{ destination_service_name: 'mockb', destination_service_namespace: 'default' },
    ...{ destination_cluster: 'Kubernetes', request_protocol: 'http', response_code: '200', grpc_response_status: '' },
    ...{ response_flags: '-', connection_security_policy: 'unknown' },
    ...changed,
  };
  const text = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `istio_requests_total{${text.join(',')}} ${total}`;
};
const NOBODY = {
  destination_workload: 'unknown',
  destination_workload_namespace: 'unknown',
  destination_cluster: 'unknown',
};
const BUILD = '# TYPE istio_build gauge\nistio_build{component="proxy",tag="1.24.2"} 1\n';

const read = (...lines: readonly string[]) =>
  readRequests(`# TYPE istio_requests_total counter\n${lines.join('\n')}\n`);
const outcomes = (...changed: readonly Labels[]) =>
  changed.map((one) => read(line(one)).series.map(({ outcome }) => outcome)[0]);

describe('the requests that a proxy tells of in its metrics', () => {
  it('are read with Service, workload, cluster and total', () => {
    const { clusterId, series } = read(line({}, 2000), line({ destination_workload: 'mockb-1b' }, '1e+06'));
    expect(clusterId).to.equal('Kubernetes');
    expect(series.map(({ key: _, ...rest }) => rest)).to.deep.equal(
      [
        ['mockb-1a', 2000],
        ['mockb-1b', 1_000_000],
      ].map(([name, total]) => ({
        ...{ service: 'mockb', namespace: 'default', outcome: 'served', total },
        workload: { name, namespace: 'default', clusterId: 'Kubernetes' },
      })),
    );
    expect(new Set(series.map(({ key }) => key)).size).to.equal(2);
  });

  it('were served, or failed, with a connection or without', () => {
    const codes = ['200', '301', '404', '499', '500', '503'].map((response_code) => ({ response_code }));
    expect(outcomes(...codes)).to.deep.equal(['served', 'served', 'served', 'served', 'failed', 'failed']);
    const flags = ['URX,UF', 'UF,URX', 'UF', 'UC', 'URX', 'UT'].map((response_flags) => ({
      response_code: '503',
      response_flags,
    }));
    expect(outcomes(...flags)).to.deep.equal(['refused', 'refused', 'refused', 'failed', 'failed', 'failed']);
    const grpc = ['0', '5', '8', '14', '4'].map((grpc_response_status) => ({ grpc_response_status }));
    expect(outcomes(...grpc)).to.deep.equal(['served', 'served', 'served', 'failed', 'failed']);
  });

  it('do not count where the caller gave up, where nobody of the mesh was called, and as those called see them', () => {
    expect(outcomes({ response_code: '0', response_flags: 'DC' })).to.deep.equal([undefined]);
    expect(outcomes({ destination_service: 'httpbin.org' }, { destination_service: 'unknown' })).to.deep.equal([
      undefined,
      undefined,
    ]);
    expect(outcomes({ reporter: 'destination' })).to.deep.equal([undefined]);
    expect(read(line({}, 'NaN'), line({}, '-1')).series).to.deep.equal([]);
  });

  it('may be of no known workload', () => {
    const [noHost] = read(line({ ...NOBODY, response_code: '503', response_flags: 'UH' })).series;
    expect(noHost).to.include({ service: 'mockb', workload: undefined, outcome: 'failed' });
    const [oneMesh] = read(line({ destination_cluster: 'unknown' })).series;
    expect(oneMesh?.workload).to.deep.equal({ name: 'mockb-1a', namespace: 'default', clusterId: '' });
  });

  it('are none before the first one, which is no metric that is missing', () => {
    expect(readRequests(BUILD)).to.deep.equal({ clusterId: undefined, series: [] });
    for (const text of ['', 'envoy_server_live{} 1\n'])
      expect(() => readRequests(text)).to.throw('Telemetry turns it off');
  });

  for (const label of ['destination_workload', 'destination_service', 'response_code']) {
    it(`are not told by metrics without the label ${label}`, () => {
      const without = line().replace(new RegExp(`,${label}="[^"]*"`), '');
      expect(() => read(without)).to.throw(`no label ${label}`);
    });
  }

  it('are asked for alone, by a filter that their names pass', () => {
    const filter = new RegExp(new URL(REQUESTS_PAGE, 'http://x').searchParams.get('filter') ?? '');
    for (const name of [
      'istiocustom.istio_requests_total.reporter.source',
      'istiocustom.istio_build.component.proxy',
    ]) {
      expect(filter.test(name), name).to.equal(true);
    }
    for (const name of ['istiocustom.istio_request_bytes.reporter.source', 'cluster.xds-grpc.upstream_rq_total']) {
      expect(filter.test(name), name).to.equal(false);
    }
  });

  it('come back as the sandbox writes them', () => {
    const metrics = new RequestMetrics('tokyo');
    expect(readRequests(metrics.text(/./)).series).to.deep.equal([]);
    const workload = { name: 'mockb-1a', namespace: 'default', clusterId: 'hangzhou' };
    const host = 'mockb.default.svc.cluster.local';
    for (let i = 0; i < 3; i += 1) metrics.count({ host, workload, status: 200, flags: '-' });
    metrics.count({ host, workload: undefined, status: 503, flags: 'UH' });
    const { clusterId, series } = readRequests(metrics.text(/./));
    expect([clusterId, ...series.map((one) => [one.workload, one.outcome, one.total])]).to.deep.equal([
      'tokyo',
      [workload, 'served', 3],
      [undefined, 'failed', 1],
    ]);
    expect(metrics.text(/xds/)).to.equal('');
  });
});
