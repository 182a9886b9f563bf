import type { Json } from '../../../model/scenario.ts';

/**
 * What the sandbox makes of a field: `acts`, with all below it; `harmless`, because it says nothing about who answers a call,
 * or when; the values that it acts on, of several that there are; or what it makes of the fields below, which for a list
 * are those of its items. A field that is not named has no effect, and whoever sets it is told so.
 */
export type Effect = 'acts' | 'harmless' | readonly Json[] | Forms | { readonly [field: string]: Effect };

/** A mapping of several forms, of which one of its fields says which it has. Any other value of the field has no effect. */
export type Forms = { readonly by: string; readonly forms: { readonly [value: string]: Effect } };

/** The effect of the fields that are not named. */
export const REST = '*';

const DURATIONS = { interval: 'acts', baseEjectionTime: 'acts' } as const;

const POLICY = {
  outlierDetection: {
    ...DURATIONS,
    consecutive5xxErrors: 'acts',
    consecutiveGatewayErrors: 'acts',
    consecutiveLocalOriginFailures: 'acts',
    splitExternalLocalOriginErrors: 'acts',
    maxEjectionPercent: 'acts',
    minHealthPercent: 'acts',
  },
  connectionPool: {
    tcp: { connectTimeout: 'acts', maxConnections: 'acts', idleTimeout: 'harmless' },
    http: {
      http1MaxPendingRequests: 'acts',
      http2MaxRequests: 'acts',
      maxRequestsPerConnection: 'acts',
      idleTimeout: 'harmless',
      h2UpgradePolicy: ['DEFAULT', 'DO_NOT_UPGRADE'],
    },
  },
  loadBalancer: {
    simple: ['LEAST_REQUEST', 'LEAST_CONN', 'UNSPECIFIED'],
    localityLbSetting: { enabled: 'acts', distribute: 'acts', failover: 'acts', failoverPriority: 'acts' },
  },
  tls: { mode: ['ISTIO_MUTUAL'] },
} as const satisfies Effect;

const TRAFFIC_POLICY = { ...POLICY, portLevelSettings: { port: 'acts', ...POLICY } } as const satisfies Effect;

const STRING_RULE = 'acts';
const MATCH = {
  name: 'harmless',
  statPrefix: 'harmless',
  uri: STRING_RULE,
  scheme: STRING_RULE,
  method: STRING_RULE,
  authority: STRING_RULE,
  headers: STRING_RULE,
  withoutHeaders: STRING_RULE,
  queryParams: STRING_RULE,
  ignoreUriCase: 'acts',
  port: 'acts',
  sourceLabels: 'acts',
  sourceNamespace: 'acts',
  gateways: 'acts',
} as const satisfies Effect;

const HTTP_ROUTE = {
  name: 'harmless',
  match: MATCH,
  route: { destination: 'acts', weight: 'acts', headers: 'harmless' },
  redirect: { uri: 'acts', authority: 'acts', scheme: 'acts', redirectCode: 'acts' },
  directResponse: { status: 'acts', body: { string: 'acts' } },
  timeout: 'acts',
  retries: { attempts: 'acts', perTryTimeout: 'acts', retryOn: 'acts', retryRemoteLocalities: 'acts' },
  fault: {
    abort: { httpStatus: 'acts', percentage: 'acts' },
    delay: { fixedDelay: 'acts', percentage: 'acts', percent: 'acts' },
  },
  headers: 'harmless',
  corsPolicy: 'harmless',
  mirror: 'harmless',
  mirrors: 'harmless',
  mirrorPercentage: 'harmless',
} as const satisfies Effect;

const POD_SPEC = {
  nodeName: 'acts',
  nodeSelector: 'acts',
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: 'acts' } },
  tolerations: 'acts',
  topologySpreadConstraints: {
    maxSkew: 'acts',
    topologyKey: 'acts',
    whenUnsatisfiable: 'acts',
    labelSelector: 'acts',
    matchLabelKeys: 'acts',
    minDomains: 'acts',
  },
  restartPolicy: 'acts',
  terminationGracePeriodSeconds: 'acts',
  ...harmless('securityContext', 'schedulerName', 'dnsPolicy', 'serviceAccountName', 'serviceAccount', 'volumes'),
  ...harmless('imagePullSecrets', 'automountServiceAccountToken', 'enableServiceLinks', 'hostname', 'priority'),
  ...harmless('priorityClassName', 'preemptionPolicy', 'runtimeClassName', 'os', 'ephemeralContainers'),
  containers: {
    name: 'acts',
    image: 'acts',
    command: 'acts',
    args: 'acts',
    env: 'acts',
    ports: 'acts',
    readinessProbe: 'acts',
    lifecycle: { preStop: { sleep: 'acts' } },
    ...harmless('imagePullPolicy', 'resources', 'securityContext', 'terminationMessagePath', 'volumeMounts', 'tty'),
    ...harmless('terminationMessagePolicy', 'stdin', 'stdinOnce', 'workingDir', 'restartPolicy'),
  },
} as const satisfies Effect;

const WORKLOAD = {
  spec: { [REST]: 'acts', template: { metadata: 'acts', spec: POD_SPEC } },
} as const satisfies Effect;

const CLUSTER_PATCH = {
  applyTo: 'acts',
  match: { context: 'acts', cluster: { service: 'acts', portNumber: 'acts', subset: 'acts', name: 'acts' } },
  patch: { operation: ['MERGE'], value: { common_lb_config: { update_merge_window: 'acts' } } },
} as const satisfies Effect;

/** As src/mesh/inbound-faults.ts reads it. */
const FAULT_FILTER_PATCH = {
  applyTo: 'acts',
  match: {
    context: ['SIDECAR_INBOUND'],
    listener: {
      filterChain: {
        destinationPort: 'acts',
        filter: {
          name: ['envoy.filters.network.http_connection_manager'],
          subFilter: { name: ['envoy.filters.http.router'] },
        },
      },
    },
  },
  patch: {
    operation: ['INSERT_BEFORE'],
    value: {
      name: 'harmless',
      typed_config: {
        '@type': ['type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault'],
        abort: { http_status: 'acts', percentage: 'acts' },
        delay: { fixed_delay: 'acts', percentage: 'acts' },
        headers: { name: 'acts', string_match: { exact: 'acts' } },
      },
    },
  },
} as const satisfies Effect;

function harmless<const N extends string>(...names: readonly N[]): { readonly [K in N]: 'harmless' } {
  return Object.fromEntries(names.map((name) => [name, 'harmless'])) as { [K in N]: 'harmless' };
}

/** MeshConfig, which is YAML in a ConfigMap. */
export const MESH_CONFIG = {
  localityLbSetting: POLICY.loadBalancer.localityLbSetting,
  defaultHttpRetryPolicy: HTTP_ROUTE.retries,
  connectTimeout: 'acts',
  outboundTrafficPolicy: { mode: 'acts' },
  defaultDestinationRuleExportTo: 'acts',
  defaultServiceExportTo: 'acts',
  defaultVirtualServiceExportTo: 'acts',
  rootNamespace: ['istio-system'],
  ...harmless('accessLogFile', 'accessLogFormat', 'accessLogEncoding', 'enablePrometheusMerge', 'enableTracing'),
  ...harmless('defaultConfig', 'defaultProviders', 'extensionProviders', 'trustDomain', 'trustDomainAliases'),
} as const satisfies Effect;

/** By kind. Kinds that are not here act as a whole, or their objects are only kept for others to read. */
export const ACTED_ON: Readonly<Record<string, Effect>> = {
  DestinationRule: {
    spec: {
      host: 'acts',
      exportTo: 'acts',
      workloadSelector: { matchLabels: 'acts' },
      trafficPolicy: TRAFFIC_POLICY,
      subsets: { name: 'acts', labels: 'acts', trafficPolicy: TRAFFIC_POLICY },
    },
  },
  VirtualService: { spec: { hosts: 'acts', gateways: 'acts', exportTo: 'acts', http: HTTP_ROUTE } },
  Gateway: {
    spec: {
      selector: 'acts',
      servers: {
        port: { number: 'acts', name: 'harmless', protocol: ['HTTP', 'HTTP2', 'GRPC', 'TLS'] },
        hosts: 'acts',
        name: 'harmless',
        tls: { httpsRedirect: 'acts', mode: ['AUTO_PASSTHROUGH'] },
      },
    },
  },
  Sidecar: {
    spec: {
      workloadSelector: { labels: 'acts' },
      outboundTrafficPolicy: { mode: 'acts' },
      egress: { hosts: 'acts', port: { number: 'acts', protocol: 'harmless', name: 'harmless' } },
    },
  },
  EnvoyFilter: {
    spec: {
      workloadSelector: { labels: 'acts' },
      priority: [0],
      configPatches: { by: 'applyTo', forms: { CLUSTER: CLUSTER_PATCH, HTTP_FILTER: FAULT_FILTER_PATCH } },
    },
  },
  Service: {
    spec: {
      selector: 'acts',
      ports: 'acts',
      clusterIP: 'acts',
      type: ['ClusterIP', 'LoadBalancer', 'NodePort'],
      trafficDistribution: ['PreferClose', 'PreferSameZone'],
      sessionAffinity: ['None'],
      internalTrafficPolicy: ['Cluster'],
      externalTrafficPolicy: ['Cluster'],
      ...harmless('clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'allocateLoadBalancerNodePorts', 'loadBalancerClass'),
    },
  },
  Deployment: WORKLOAD,
  ReplicaSet: WORKLOAD,
  Job: WORKLOAD,
  StatefulSet: {
    spec: {
      ...{ replicas: 'acts', selector: 'acts', podManagementPolicy: 'acts', ordinals: 'acts' },
      updateStrategy: { type: 'acts', rollingUpdate: { partition: 'acts', maxUnavailable: [1] } },
      template: WORKLOAD.spec.template,
      ...harmless('serviceName', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy'),
    },
  },
  DaemonSet: {
    spec: {
      selector: 'acts',
      updateStrategy: { type: 'acts', rollingUpdate: { maxUnavailable: 'acts', maxSurge: [0] } },
      template: WORKLOAD.spec.template,
      ...harmless('revisionHistoryLimit'),
    },
  },
  Rollout: {
    spec: {
      ...{ replicas: 'acts', selector: 'acts', minReadySeconds: 'acts', paused: 'acts' },
      strategy: { canary: { maxSurge: 'acts', maxUnavailable: 'acts', steps: [[]] } },
      template: WORKLOAD.spec.template,
      ...harmless('revisionHistoryLimit', 'progressDeadlineSeconds'),
    },
  },
  Pod: { spec: POD_SPEC },
};

/** Kinds that are stored, and nothing does anything about them. */
export const IDLE_KINDS: ReadonlySet<string> = new Set([...['ServiceEntry', 'HorizontalPodAutoscaler', 'Endpoints']]);
