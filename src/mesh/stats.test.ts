import { expect } from 'chai';
import fc from 'fast-check';
import { zeroCounters } from './outlier.ts';
import { readOutlierStats } from './stats-reader.ts';
import { clusterName, outlierStatsText } from './stats-text.ts';

const MOCKB = clusterName(8000, 'mockb.default.svc.cluster.local');
const ENVOY_PAGE = `# TYPE envoy_cluster_assignment_stale counter
envoy_cluster_assignment_stale{cluster_name="outbound|8000||mockb.default.svc.cluster.local"} 0

# TYPE envoy_cluster_outlier_detection_ejections_active gauge
envoy_cluster_outlier_detection_ejections_active{cluster_name="outbound|8000||mockb.default.svc.cluster.local"} 1
envoy_cluster_outlier_detection_ejections_active{cluster_name="outbound|8000|v1|mockb.default.svc.cluster.local;"} 2
envoy_cluster_outlier_detection_ejections_active{cluster_name="xds-grpc"} 0
# TYPE envoy_cluster_outlier_detection_ejections_enforced_total counter
envoy_cluster_outlier_detection_ejections_enforced_total{app="mocka",cluster_name="outbound|8000||mockb.default.svc.cluster.local",pod="a{b}"} 3 1700000000000
envoy_cluster_outlier_detection_ejections_overflow{cluster_name="outbound|443||api.example.com;"} 1e1
envoy_cluster_outlier_detection_ejections_detected_consecutive_5xx{cluster_name="outbound|8000||mockb.default.svc.cluster.local"} 9
envoy_cluster_outlier_detection_ejections_active{cluster_name="outbound|8000||mockc.default.svc.cl
`;

describe('outlier statistics', () => {
  it('are read from what Envoy prints, noise and half lines included', () => {
    expect(readOutlierStats(ENVOY_PAGE)).to.deep.equal([
      { service: 'mockb', namespace: 'default', port: 8000, active: 3, enforcedTotal: 3, overflow: 0 },
      { service: 'api.example.com', namespace: '', port: 443, active: 0, enforcedTotal: 0, overflow: 10 },
    ]);
  });

  it('that are left out are told apart from zero', () => {
    expect(readOutlierStats('envoy_server_live{} 1\n')).to.equal(undefined);
    expect(readOutlierStats('')).to.equal(undefined);
    const other = `envoy_cluster_outlier_detection_ejections_detected_consecutive_5xx{cluster_name="${MOCKB}"} 4\n`;
    expect(readOutlierStats(other)).to.deep.equal([]);
    const zero = `envoy_cluster_outlier_detection_ejections_active{cluster_name="${MOCKB}"} 0\r\n`;
    expect(readOutlierStats(zero)).to.deep.equal([
      { service: 'mockb', namespace: 'default', port: 8000, active: 0, enforcedTotal: 0, overflow: 0 },
    ]);
  });

  it('are written under Envoy’s names, and only where proxyStatsMatcher includes them', () => {
    const counters = { ...zeroCounters(), active: 1, enforcedTotal: 2, overflow: 3 };
    const text = outlierStatsText([{ name: MOCKB, counters }], () => true);
    expect(text).to.include(`envoy_cluster_outlier_detection_ejections_active{cluster_name="${MOCKB}"} 1\n`);
    expect(text).to.include('# TYPE envoy_cluster_outlier_detection_ejections_active gauge\n');
    expect(text).to.include(`ejections_detected_consecutive_local_origin_failure{cluster_name="${MOCKB}"} 0\n`);
    const matcher = /.*outlier_detection.*/;
    expect(outlierStatsText([{ name: MOCKB, counters }], (name) => matcher.test(name))).to.equal(text);
    expect(outlierStatsText([{ name: MOCKB, counters }], (name) => /^cluster_manager/.test(name))).to.equal('');
  });

  it('come back as they were written', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
    fc.assert(
      fc.property(name, name, fc.integer({ min: 1, max: 65_535 }), fc.nat(), fc.nat(), fc.nat(), (...values) => {
        const [service, namespace, port, active, enforcedTotal, overflow] = values;
        const cluster = clusterName(port, `${service}.${namespace}.svc.cluster.local`);
        const counters = { ...zeroCounters(), active, enforcedTotal, overflow };
        const text = outlierStatsText([{ name: cluster, counters }], () => true);
        expect(readOutlierStats(text)).to.deep.equal([{ service, namespace, port, active, enforcedTotal, overflow }]);
      }),
    );
  });

  it('never throw on mangled text', () => {
    fc.assert(
      fc.property(fc.nat(ENVOY_PAGE.length), fc.string(), fc.nat(40), (at, junk, cut) => {
        readOutlierStats(ENVOY_PAGE.slice(0, at) + junk + ENVOY_PAGE.slice(at + cut));
      }),
    );
  });
});
