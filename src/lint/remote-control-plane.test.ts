import { expect } from 'chai';
import { lint } from './lint.ts';
import { remoteClusters } from './rules/clusters.ts';
import { ignoredPolicy } from './rules/ignored-policy.ts';
import { missingInOneCluster } from './rules/missing-in-one-cluster.ts';
import { settingsDiffer } from './rules/settings-differ.ts';
import { route, rule } from './testing/case.ts';
import { drill, Mesh } from './testing/mesh.ts';

/** Hangzhou is configured by Tokyo, once Tokyo is as `edit` has it. */
function remote(edit: (mesh: Mesh) => unknown = () => {}): Mesh {
  const mesh = new Mesh();
  edit(mesh);
  return mesh.configure('hangzhou', 'tokyo');
}

const placesOf = (mesh: Mesh): string[] => [
  ...new Set(
    lint(mesh.system(drill())).findings.flatMap(({ severity, rule: id, object: { cluster, kind } }) =>
      severity === 'info' ? [] : [`${id} ${cluster} ${kind}`],
    ),
  ),
];

describe('lint of a cluster that another one configures', () => {
  it('says nothing worse of the vendor page’s mesh than of two control planes', () => {
    expect(remote().accusations(drill())).to.deep.equal(new Mesh().accusations(drill()));
  });

  it('places what is wrong in the configuration where it stands, and says it once', () => {
    const percent = remote((mesh) =>
      mesh.apply(rule('mockb', '{host: mockb, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}')),
    );
    expect(placesOf(percent)).to.deep.equal(['max-ejection-percent tokyo DestinationRule']);
    const others: readonly [string, string][] = [
      ['{kind: ConfigMap, metadata: {name: istio}, data: {mesh: "localityLbSetting: {enabled: false}"}}', 'ConfigMap'],
      [
        route(
          'mockb',
          '{hosts: [mockb], http: [{fault: {abort: {httpStatus: 503, percentage: {value: 100}}}, route: [{destination: {host: mockb}}]}]}',
        ),
        'VirtualService',
      ],
      [
        route('mockb', '{hosts: [mockb], http: [{route: [{destination: {host: mockb, subset: none}}]}]}'),
        'VirtualService',
      ],
      [
        '{kind: Gateway, metadata: {name: mock}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, protocol: HTTP}, hosts: [other.test]}]}}',
        'Gateway',
      ],
      [
        '{kind: ConfigMap, metadata: {name: istio}, data: {mesh: "defaultHttpRetryPolicy: {attempts: 3, retryOn: 5xx}"}}',
        'ConfigMap',
      ],
      [rule('mockb', '{host: mockb, trafficPolicy: {outlierDetection: {interval: soon}}}'), 'DestinationRule'],
      ['{kind: Sidecar, metadata: {name: narrow}, spec: {egress: [{hosts: [other/*]}]}}', 'Sidecar'],
    ];
    for (const [yaml, kind] of others) {
      const places = placesOf(remote((mesh) => mesh.apply(yaml)));
      expect(places.length, yaml).to.be.above(0);
      for (const place of places) expect(place, yaml).to.match(new RegExp(` tokyo ${kind}$`));
    }
  });

  it('places a second rule where it stands', () => {
    const second = remote((mesh) =>
      mesh.apply(rule('more', '{host: mockb, trafficPolicy: {loadBalancer: {simple: RANDOM}}}')),
    );
    expect(second.finds(ignoredPolicy)).to.deep.equal(['info tokyo DestinationRule default/more']);
  });

  it('does not compare what is the same configuration, nor look for an istiod there', () => {
    const mesh = remote();
    expect(mesh.finds(missingInOneCluster, drill())).to.deep.equal([]);
    expect(mesh.finds(settingsDiffer, drill())).to.deep.equal([]);
    expect(mesh.finds(remoteClusters, drill())).to.deep.equal([]);
    for (const beside of mesh.beside) beside.istiod = true;
    expect(mesh.finds(remoteClusters, drill()), 'whom nobody is served by').to.deep.equal([]);
    for (const beside of mesh.beside) beside.remotes = 0;
    expect(mesh.finds(remoteClusters, drill())).to.deep.equal([
      'warning tokyo Secret istio-system/(istio/multiCluster=true)',
    ]);
  });

  it('is sure of it by the istiod of the other one', () => {
    const bare = remote();
    for (const live of bare.clusters) Object.assign(live, { destinationRules: [], virtualServices: [], gateways: [] });
    expect(placesOf(bare)).to.include.members(
      ['tokyo', 'hangzhou'].map((cluster) => `no-outlier-detection ${cluster} Service`),
    );
  });
});
