import { type LintCase, route, rule, sameZones } from './case.ts';
import { OUTLIER } from './outlier.ts';

/** Meshes that are as they should be. */
export const HEALTHY: readonly LintCase[] = [
  { name: 'the vendor page', edit: () => {}, says: [] },
  {
    name: '01 two Services of one workload',
    edit: (mesh) => {
      mesh.apply('{kind: Service, metadata: {name: mockb-external}, spec: {ports: [{name: http, port: 8000}]}}');
      mesh.edit('mockb', (pod) => {
        pod.services = [...pod.services, { service: 'default/mockb-external', ports: { http: 8000 } }];
      });
    },
    says: [],
  },
  {
    name: '03 failoverPriority by topology',
    edit: (mesh) =>
      mesh.apply(
        rule(
          'mockb',
          `{host: mockb, trafficPolicy: {${OUTLIER}, loadBalancer: {localityLbSetting: {failoverPriority: [topology.istio.io/network, topology.kubernetes.io/region, topology.kubernetes.io/zone, topology.istio.io/subzone]}}}}`,
        ),
      ),
    says: [],
  },
  {
    name: '05 outlierDetection of the subset that routes name',
    edit: (mesh) =>
      mesh
        .apply(
          rule('mockb', `{host: mockb, subsets: [{name: all, labels: {app: mockb}, trafficPolicy: {${OUTLIER}}}]}`),
        )
        .apply(route('mockb', '{hosts: [mockb], http: [{route: [{destination: {host: mockb, subset: all}}]}]}')),
    says: [],
  },
  {
    name: '06 a rule for the whole mesh beside those of the namespace',
    edit: (mesh) =>
      mesh.apply(
        rule('all', '{host: "*.local", trafficPolicy: {connectionPool: {tcp: {connectTimeout: 3s}}}}', 'istio-system'),
      ),
    says: [],
  },
  {
    name: '08 a wildcard beside the exact host',
    edit: (mesh) =>
      mesh.apply(
        rule(
          'a-wild',
          '{host: "*.default.svc.cluster.local", trafficPolicy: {connectionPool: {tcp: {connectTimeout: 3s}}}}',
        ),
      ),
    says: [],
  },
  {
    name: '10 weight 0 for a Service without pods',
    edit: (mesh) =>
      mesh
        .apply('{kind: Service, metadata: {name: blue}, spec: {ports: [{name: http, port: 8000}]}}')
        .apply(
          route(
            'mock',
            '{hosts: [mock.test], gateways: [mock], http: [{route: [{destination: {host: blue, port: {number: 8000}}, weight: 0}, {destination: {host: mocka, port: {number: 8000}}, weight: 100}]}]}',
          ),
        ),
    says: [],
  },
  {
    name: '14 retries that hide the error',
    edit: (mesh) =>
      mesh.apply(
        route(
          'mockb',
          '{hosts: [mockb], http: [{retries: {attempts: 3, retryOn: 5xx}, route: [{destination: {host: mockb}}]}]}',
        ),
      ),
    says: [],
  },
  {
    name: '15 a second rule for the same host',
    edit: (mesh) =>
      mesh.apply(
        rule(
          'a-pool',
          '{host: mockb.default.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 3s}}}, subsets: [{name: canary, labels: {track: canary}}]}',
        ),
      ),
    says: [],
  },
  {
    name: '18 a Service that is named otherwise than the application',
    edit: (mesh) => {
      mesh.remove('Service', 'mockb').remove('DestinationRule', 'mockb');
      mesh.apply('{kind: Service, metadata: {name: shop-mockb}, spec: {ports: [{name: http, port: 8000}]}}');
      mesh.apply(rule('shop-mockb', `{host: shop-mockb, trafficPolicy: {${OUTLIER}}}`));
      mesh.edit('mockb', (pod) => {
        pod.services = [{ service: 'default/shop-mockb', ports: { http: 8000 } }];
      });
    },
    says: [],
  },
  {
    name: '23 settings of the port that is called',
    edit: (mesh) => {
      mesh.apply(
        '{kind: Service, metadata: {name: mockb}, spec: {ports: [{name: http, port: 8000}, {name: http-admin, port: 9000}]}}',
      );
      mesh.apply(
        rule(
          'mockb',
          `{host: mockb, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 2s}}, portLevelSettings: [{port: {number: 9000}, connectionPool: {tcp: {connectTimeout: 1s}}}, {port: {number: 8000}, ${OUTLIER}}]}}`,
        ),
      );
      mesh.edit('mockb', (pod) => {
        pod.services = [{ service: 'default/mockb', ports: { http: 8000, 'http-admin': 8000 } }];
      });
    },
    says: [],
  },
  {
    name: '35 three pods in the zone',
    edit: (mesh) => {
      const like = mesh.pods.find(({ name }) => name === 'mockb-ap-northeast-1a-0');
      if (like === undefined) throw new Error('no such pod');
      mesh.pods.push({ ...like, name: 'second', ip: 'second' }, { ...like, name: 'third', ip: 'third' });
    },
    says: [],
  },
  {
    name: '40 both clusters in the same zones, the own cluster first',
    edit: (mesh) => {
      sameZones(mesh);
      for (const service of ['mocka', 'mockb', 'mockc']) {
        mesh.apply(
          rule(
            service,
            `{host: ${service}, trafficPolicy: {${OUTLIER}, loadBalancer: {localityLbSetting: {failoverPriority: [topology.istio.io/cluster, topology.kubernetes.io/region, topology.kubernetes.io/zone]}}}}`,
          ),
        );
      }
    },
    says: [],
  },
];
