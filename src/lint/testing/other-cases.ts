import { type LintCase, route, rule } from './case.ts';
import { OUTLIER } from './outlier.ts';

/** More of what there is to say something about, a rule or two each. */
export const OTHERS: readonly Omit<LintCase, 'says'>[] = [
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
          '{hosts: [mockc], http: [{retries: {attempts: 3, retryOn: "503"}, fault: {delay: {fixedDelay: 1s, percentage: {value: 100}}}, route: [{destination: {host: mockc, subset: none}}]}]}',
        ),
      );
    },
  },
  {
    name: 'Services that are kept to a namespace, and to a node',
    edit: (mesh) => {
      mesh.apply(
        '{kind: Service, metadata: {name: mocka, annotations: {networking.istio.io/exportTo: "."}}, spec: {selector: {app: mocka}, ports: [{name: http, port: 8000}]}}',
        'tokyo',
      );
      mesh.apply(
        '{kind: Service, metadata: {name: mockb}, spec: {selector: {app: mockb}, ports: [{name: http, port: 8000}], internalTrafficPolicy: Local}}',
        'hangzhou',
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
    name: 'callers in ambient mode, of a Service without a waypoint and of one with it',
    edit: (mesh) => {
      for (const name of ['mocka', 'mockb-ap-northeast-1']) {
        mesh.edit(name, (pod) => {
          Object.assign(pod, { proxied: false, ambient: true });
        });
      }
      mesh.apply(
        '{kind: Service, metadata: {name: mockc, labels: {istio.io/use-waypoint: waypoint}}, spec: {ports: [{name: http, port: 8000}]}}',
      );
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
