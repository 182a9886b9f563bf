import type { Mesh } from './mesh.ts';
import { OUTLIER } from './outlier.ts';

/** A configuration met in the field, what is done to the vendor page's mesh to have it, and what lint must say of it but notes. */
type Case = { readonly name: string; readonly edit: (mesh: Mesh) => void; readonly says: readonly string[] };

const rule = (name: string, spec: string, namespace = 'default'): string =>
  `{kind: DestinationRule, metadata: {name: ${name}, namespace: ${namespace}}, spec: ${spec}}`;
const route = (name: string, spec: string): string =>
  `{kind: VirtualService, metadata: {name: ${name}}, spec: ${spec}}`;

/** Meshes that are as they should be. */
export const HEALTHY: readonly Case[] = [
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

/** Meshes with something in them that makes failover fail, or a drill. */
export const FAULTY: readonly Case[] = [
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

function sameZones(mesh: Mesh): void {
  mesh.pods = mesh.pods.map((pod) => {
    const zone = pod.locality.zone
      .replace('cn-hangzhou-h', 'ap-northeast-1a')
      .replace('cn-hangzhou-k', 'ap-northeast-1b');
    return { ...pod, locality: { region: 'ap-northeast-1', zone, subzone: '' } };
  });
  const clusters = mesh.target.clusters.map((cluster) => {
    const gateways = cluster.gateways.map((gateway, index) => ({ ...gateway, zone: `ap-northeast-1${'ab'[index]}` }));
    return { ...cluster, region: 'ap-northeast-1', gateways };
  });
  mesh.target = { ...mesh.target, clusters };
}

/** More of what there is to say something about, a rule or two each. */
export const OTHERS: readonly Omit<Case, 'says'>[] = [
  {
    name: 'a rule in one cluster only, and another setting',
    edit: (mesh) => {
      mesh.remove('DestinationRule', 'mockb', 'hangzhou');
      mesh.apply(
        rule('mocka', '{host: mocka, trafficPolicy: {outlierDetection: {maxEjectionPercent: 50}}}'),
        'hangzhou',
      );
    },
  },
  {
    name: 'thresholds of 0, a subset that is none, a pool, and retries at two hops',
    edit: (mesh) => {
      mesh.apply(
        rule(
          'mockb',
          '{host: mockb, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 0, maxEjectionPercent: 100}, connectionPool: {http: {http2MaxRequests: 1}}}}',
        ),
      );
      mesh.apply(
        route(
          'mockb',
          '{hosts: [mockb], http: [{retries: {attempts: 2, retryOn: 5xx}, route: [{destination: {host: mockb}}]}]}',
        ),
      );
      mesh.apply(
        route(
          'mockc',
          '{hosts: [mockc], http: [{retries: {attempts: 3, retryOn: "503"}, fault: {delay: {fixedDelay: 1s}}, route: [{destination: {host: mockc, subset: none}}]}]}',
        ),
      );
    },
  },
  {
    name: 'weights by locality, a region and a gateway zone that are none',
    edit: (mesh) => {
      mesh.apply(
        rule(
          'mockb',
          `{host: mockb, trafficPolicy: {${OUTLIER}, loadBalancer: {localityLbSetting: {distribute: [{from: "*", to: {"ap-northeast-1/*": 100}}]}}}}`,
        ),
      );
      const [tokyo, ...rest] = mesh.target.clusters;
      const address = { kind: 'url' as const, protocol: 'http' as const, host: 'a', port: 80 };
      if (tokyo === undefined) throw new Error('no cluster');
      const gateways = [...tokyo.gateways, { zone: 'ap-northeast-1c', address }];
      mesh.target = { ...mesh.target, clusters: [{ ...tokyo, region: 'jp', gateways }, ...rest] };
    },
  },
  {
    name: 'a limit below one zone, a second rule, a port of TCP, and pods that nobody sees ejecting',
    edit: (mesh) => {
      mesh.apply(
        rule(
          'mockb',
          '{host: mockb, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 40}}}',
        ),
      );
      mesh.apply(rule('more', '{host: mockb, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 1s}}}}'));
      const like = mesh.pods.find(({ name }) => name.startsWith('mockb-ap-northeast-1a'));
      if (like !== undefined) mesh.pods.push({ ...like, name: '2', ip: '2' }, { ...like, name: '3', ip: '3' });
      mesh.apply(
        '{kind: Service, metadata: {name: mockc}, spec: {ports: [{name: http, appProtocol: tcp, port: 8000}]}}',
      );
      mesh.apply('{kind: Deployment, metadata: {name: mocka-ap-northeast-1a}, spec: {}}', 'tokyo');
    },
  },
  {
    name: 'a gateway for another host, two in a zone, and a path that leads nowhere',
    edit: (mesh) => {
      mesh.apply(
        '{kind: Gateway, metadata: {name: mock}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, protocol: HTTP}, hosts: [other.test]}]}}',
        'tokyo',
      );
      mesh.apply(route('mock', '{hosts: [mock.test], gateways: [mock], http: [{redirect: {uri: /}}]}'), 'hangzhou');
      const like = mesh.pods.find(({ name }) => name === 'gateway-ap-northeast-1a');
      if (like !== undefined) mesh.pods.push({ ...like, name: 'second', ip: 'second' });
    },
  },
  {
    name: 'clusters that are strangers, a Service that is missing, and a caller without a proxy',
    edit: (mesh) => {
      Object.assign(mesh.beside[1] ?? {}, { roots: ['OTHER'], remotes: 0 });
      mesh.remove('Service', 'mockc', 'hangzhou');
      mesh.edit('mockb-ap-northeast-1b', (pod) => {
        pod.proxied = false;
      });
    },
  },
  {
    name: 'an autoscaler, and a budget without anything to spare',
    edit: (mesh) => {
      mesh.apply(
        '{kind: HorizontalPodAutoscaler, metadata: {name: mockb}, spec: {scaleTargetRef: {kind: Deployment, name: mockb-ap-northeast-1a}, maxReplicas: 4}}',
        'tokyo',
      );
      mesh.apply(
        '{kind: PodDisruptionBudget, metadata: {name: mockb}, spec: {selector: {matchLabels: {app: mockb}}}, status: {disruptionsAllowed: 0, expectedPods: 2}}',
        'tokyo',
      );
    },
  },
];
