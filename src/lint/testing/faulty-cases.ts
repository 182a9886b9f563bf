import { type LintCase, route, rule, sameZones } from './case.ts';
import { OUTLIER } from './outlier.ts';

/** Meshes with something in them that makes failover fail, or a drill. */
export const FAULTY: readonly LintCase[] = [
  {
    name: '04 a route to a subset that one zone has',
    edit: (mesh) =>
      mesh
        .apply(
          rule(
            'mockb',
            `{host: mockb, trafficPolicy: {${OUTLIER}}, subsets: [{name: current, labels: {version: ap-northeast-1a}}]}`,
          ),
        )
        .apply(route('mockb', '{hosts: [mockb], http: [{route: [{destination: {host: mockb, subset: current}}]}]}')),
    says: ['error no-next-level'],
  },
  {
    name: '07 a rule that is not exported to the gateway',
    edit: (mesh) => mesh.apply(rule('mocka', `{host: mocka, exportTo: ["."], trafficPolicy: {${OUTLIER}}}`)),
    says: ['error no-outlier-detection'],
  },
  {
    name: '09 maxEjectionPercent left out',
    edit: (mesh) =>
      mesh.apply(
        rule('mockb', '{host: mockb, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3, interval: 10s}}}'),
      ),
    says: ['error max-ejection-percent'],
  },
  {
    name: 'a load balancer that passes calls through',
    edit: (mesh) =>
      mesh.apply(rule('mockb', `{host: mockb, trafficPolicy: {${OUTLIER}, loadBalancer: {simple: PASSTHROUGH}}}`)),
    says: ['error passthrough'],
  },
  {
    name: '11 trafficDistribution in place of outlierDetection',
    edit: (mesh) =>
      mesh
        .apply(rule('mockb', '{host: mockb}'))
        .apply(
          '{kind: Service, metadata: {name: mockb}, spec: {trafficDistribution: PreferClose, ports: [{name: http, port: 8000}]}}',
        ),
    says: ['error no-outlier-detection'],
  },
  {
    name: '16 a headless Service',
    edit: (mesh) =>
      mesh.apply(
        '{kind: Service, metadata: {name: mockb}, spec: {clusterIP: None, ports: [{name: http, port: 8000}]}}',
      ),
    says: ['error headless-service'],
  },
  {
    name: '17 the other way: no zone on nodes and pods',
    edit: (mesh) =>
      mesh.edit('mockb', (pod) => {
        pod.locality = { region: '', zone: '', subzone: '' };
      }),
    says: ['error zone-unknown'],
  },
  {
    name: '19 a readiness probe and an image swap',
    edit: (mesh) =>
      mesh.apply(
        '{kind: Deployment, metadata: {name: mockb-ap-northeast-1a}, spec: {replicas: 1, template: {metadata: {annotations: {sidecar.istio.io/statsInclusionRegexps: outlier_detection}}, spec: {containers: [{name: default, readinessProbe: {httpGet: {port: 8000}}}]}}}}',
        'tokyo',
      ),
    says: ['warning masked-fault'],
  },
  {
    name: '20 Argo CD puts the image back',
    edit: (mesh) =>
      mesh.apply(
        '{kind: Deployment, metadata: {name: mockb-ap-northeast-1a, annotations: {argocd.argoproj.io/tracking-id: x}}, spec: {}}',
        'tokyo',
      ),
    says: ['warning gitops-owner'],
  },
  {
    name: '21 a fault in the route',
    edit: (mesh) =>
      mesh.apply(
        route(
          'mockb',
          '{hosts: [mockb], http: [{fault: {abort: {httpStatus: 502, percentage: {value: 50}}}, retries: {attempts: 10, retryOn: 5xx}, route: [{destination: {host: mockb}}]}]}',
        ),
      ),
    says: ['error route-fault'],
  },
  {
    name: '22 httpsRedirect',
    edit: (mesh) =>
      mesh.apply(
        '{kind: Gateway, metadata: {name: mock}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, protocol: HTTP}, hosts: [mock.test], tls: {httpsRedirect: true}}, {port: {number: 443, protocol: HTTPS}, hosts: [mock.test], tls: {mode: SIMPLE}}]}}',
      ),
    says: ['error https-redirect'],
  },
  {
    name: '29 a rule that Istio refuses',
    edit: (mesh) =>
      mesh.apply(
        rule(
          'mockc',
          '{host: mockc, trafficPolicy: {outlierDetection: {consecutiveErrors: 1, interval: 1 minute, maxEjectionPercent: 250}, loadBalancer: {localityLbSetting: {distribute: [{from: "*", to: {"ap-northeast-1/*": 60}}], failover: [{from: ap-northeast-1, to: ap-northeast-1}]}}}}',
        ),
      ),
    says: ['error distribute', 'error invalid-policy', 'warning invalid-policy'],
  },
  {
    name: '30 locality load balancing off for the mesh',
    edit: (mesh) =>
      mesh.apply('{kind: ConfigMap, metadata: {name: istio}, data: {mesh: "localityLbSetting: {enabled: false}"}}'),
    says: ['error locality-off'],
  },
  {
    name: '32 no route for every request',
    edit: (mesh) =>
      mesh.apply(
        route(
          'mockb',
          '{hosts: [mockb], http: [{match: [{uri: {prefix: /api}}], route: [{destination: {host: mockb}}]}]}',
        ),
      ),
    says: ['warning no-default-route'],
  },
  {
    name: '37 a circuit breaker for one call',
    edit: (mesh) =>
      mesh.apply(
        rule(
          'mocka',
          `{host: mocka, trafficPolicy: {${OUTLIER}, connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}}}}`,
        ),
      ),
    says: ['warning pool-limits'],
  },
  {
    name: '38 a Sidecar that hides mockb',
    edit: (mesh) =>
      mesh.apply(
        '{kind: Sidecar, metadata: {name: mocka}, spec: {workloadSelector: {labels: {app: mocka}}, outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: [istio-system/*]}]}}',
      ),
    says: ['error outside-sidecar-scope'],
  },
  {
    name: '39 misspelt fields, where the API kept them',
    edit: (mesh) =>
      mesh.apply(
        rule(
          'mockb',
          '{host: mockb, trafficPolicy: {outlierDetection: {consecutive5xxError: 1, baseEjectionTme: 5m, maxEjectionPercent: 100}}}',
        ),
      ),
    says: ['warning invalid-policy'],
  },
  { name: '40 both clusters in the same zones', edit: sameZones, says: ['warning same-zone-in-two-clusters'] },
  {
    name: '43 a rule in a namespace that nobody looks in',
    edit: (mesh) =>
      mesh
        .remove('DestinationRule', 'mockb')
        .apply(
          rule(
            'mockb',
            `{host: mockb.default.svc.cluster.local, exportTo: ["*"], trafficPolicy: {${OUTLIER}}}`,
            'platform',
          ),
        ),
    says: ['error no-outlier-detection'],
  },
];
