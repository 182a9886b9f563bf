import type { KubeObject } from '../../../model/kubernetes.ts';
import type { Json } from '../../../model/scenario.ts';
import { HOME, type Outage, type Zone } from './outage.ts';

/** Where all outages are; deleted as a whole. */
export const NAMESPACE = 'differential';
const ISTIO = 'networking.istio.io/v1';
const MOCK_IMAGE = 'registry-cn-hangzhou.ack.aliyuncs.com/acs/asm-mock:v0.1';
/** An image that runs `sleep` and does not listen. */
export const IDLE_IMAGE = 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2';
const PORT = 8000;

export function namespaceObject(): KubeObject {
  const labels = { 'istio-injection': 'enabled' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } };
}

export function hostOf({ name }: Outage): string {
  return `${name}.differential.test`;
}

export function deploymentName({ name }: Outage, zone: Zone): string {
  return `${name}-${zone}`;
}

/** What both clusters get: the service, its rule, its way in. */
export function meshObjects(outage: Outage): KubeObject[] {
  const { name } = outage;
  const metadata = { name, namespace: NAMESPACE };
  const filter = outage.atOnce ? [atOnceFilter(outage)] : [];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: name }, ports: [{ name: 'http', port: PORT, targetPort: PORT }] },
    },
    { apiVersion: ISTIO, kind: 'DestinationRule', metadata, spec: { host: name, trafficPolicy: policy(outage) } },
    {
      apiVersion: ISTIO,
      kind: 'Gateway',
      metadata,
      spec: {
        selector: { istio: 'ingressgateway' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [hostOf(outage)] }],
      },
    },
    {
      apiVersion: ISTIO,
      kind: 'VirtualService',
      metadata,
      spec: {
        hosts: [hostOf(outage)],
        gateways: [name],
        http: [{ route: [{ destination: { host: name, port: { number: PORT } } }] }],
      },
    },
    ...filter,
  ];
}

function policy(outage: Outage): { [key: string]: Json } {
  return {
    outlierDetection: {
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailures: 1,
      consecutive5xxErrors: outage.consecutive5xxErrors,
      baseEjectionTime: `${outage.baseEjectionMs / 1000}s`,
      interval: `${outage.intervalMs / 1000}s`,
      maxEjectionPercent: outage.maxEjectionPercent,
      ...(outage.minHealthPercent === 0 ? {} : { minHealthPercent: outage.minHealthPercent }),
    },
  };
}

/** In the root namespace, because that is where it reaches gateways. */
function atOnceFilter(outage: Outage): KubeObject {
  const service = `${outage.name}.${NAMESPACE}.svc.cluster.local`;
  return {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name: `differential-${outage.name}`, namespace: 'istio-system' },
    spec: {
      configPatches: [
        {
          applyTo: 'CLUSTER',
          match: { context: 'GATEWAY', cluster: { service } },
          patch: { operation: 'MERGE', value: { common_lb_config: { update_merge_window: '0s' } } },
        },
      ],
    },
  };
}

/** Long enough for the outage to begin before. */
const QUIET_FAILURE = [
  { name: 'status', value: '503' },
  { name: 'status_after', value: '15s' },
];

/** The workload of one zone. */
export function deployment(outage: Outage, zone: Zone): KubeObject {
  const { name, preStop } = outage;
  const labels = { app: name, version: zone };
  const probed = outage.fault === 'probedImageSwap' || (outage.fault === 'rollout' && outage.seed % 2 === 0);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: deploymentName(outage, zone), namespace: NAMESPACE, labels: { app: name } },
    spec: {
      replicas: outage.replicas[zone],
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { 'topology.kubernetes.io/zone': zone },
          terminationGracePeriodSeconds: 2,
          containers: [
            {
              name: 'default',
              image: MOCK_IMAGE,
              env: [
                { name: 'app', value: 'mock' },
                { name: 'version', value: zone },
                ...(outage.fault === 'quietFailing' && zone === HOME ? QUIET_FAILURE : []),
              ],
              ports: [{ name: 'http', containerPort: PORT, protocol: 'TCP' }],
              ...(preStop === 0 ? {} : { lifecycle: { preStop: { sleep: { seconds: preStop } } } }),
              ...(probed ? { readinessProbe: { httpGet: { path: '/', port: PORT }, periodSeconds: 1 } } : {}),
            },
          ],
        },
      },
    },
  };
}
