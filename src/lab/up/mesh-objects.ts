import { stringify } from 'yaml';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { manifestsOf, type NamedTopology } from '../../topologies/index.ts';
import { IMAGES } from '../parts.ts';
import { LAB_NAME, type LabCluster } from '../topology.ts';
import { objectsOf } from './apply.ts';

const SYSTEM = 'istio-system';
/** On istio-system: the network of a cluster's pods; on a Service: the network that it is the way into. */
const NETWORK_LABEL = 'topology.istio.io/network';

/**
 * The settings that `istioctl manifest generate` makes istiod's objects from: one control plane for each cluster. The stock Envoy
 * has none of Istio's own filters, so that everything that would ask for them is off.
 */
export function istioOperator({ name, network }: LabCluster): string {
  const [hub = '', tag = ''] = splitAt(IMAGES.pilot.replace('/pilot', ''), ':');
  const env = ['PILOT_ENABLE_METADATA_EXCHANGE', 'PILOT_ENABLE_ALPN_FILTER'].map((key) => ({
    name: key,
    value: 'false',
  }));
  return stringify({
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    spec: {
      profile: 'minimal',
      hub,
      tag,
      meshConfig: { defaultProviders: { metrics: [] } },
      components: {
        pilot: {
          k8s: {
            env: [...env, { name: 'PILOT_DISABLE_MX_ALPN', value: 'true' }],
            resources: { requests: { cpu: '10m', memory: '100Mi' } },
            hpaSpec: { minReplicas: 1, maxReplicas: 1 },
          },
        },
      },
      values: {
        telemetry: { enabled: false },
        pilot: { autoscaleEnabled: false },
        global: {
          imagePullPolicy: 'IfNotPresent',
          meshID: LAB_NAME,
          network,
          multiCluster: { clusterName: name },
          proxy: { resources: { requests: { cpu: '10m', memory: '40Mi' } } },
          proxy_init: { resources: { requests: { cpu: '10m', memory: '10Mi' } } },
        },
      },
    },
  });
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.lastIndexOf(mark);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** What has to be there before istiod starts: its namespace, the certificates it signs with, the way to the other clusters. */
export function istioPrerequisites(options: {
  /** Istio's network of the cluster's pods. */
  readonly network: string;
  /** Contents of the Secret `cacerts`. */
  readonly certificates: Readonly<Record<string, string>>;
  /** A kubeconfig for each other cluster. */
  readonly remotes: readonly { readonly cluster: string; readonly kubeconfig: string }[];
}): KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: SYSTEM, labels: { [NETWORK_LABEL]: options.network } },
    },
    secret('cacerts', options.certificates),
    ...options.remotes.map(({ cluster, kubeconfig }) =>
      secret(
        `istio-remote-secret-${cluster}`,
        { [cluster]: kubeconfig },
        { labels: { 'istio/multiCluster': 'true' }, annotations: { 'networking.istio.io/cluster': cluster } },
      ),
    ),
  ];
}

function secret(
  name: string,
  stringData: Readonly<Record<string, string>>,
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: SYSTEM, ...metadata },
    stringData: { ...stringData },
  };
}

/**
 * The vendor page's system in a cluster of a topology: the manifests of the sandbox, as they stand, save the istiod that stands
 * there for a real one, which the cluster has.
 */
export function systemObjects(topology: NamedTopology, { name }: LabCluster): KubeObject[] {
  const [cluster] = topology.clusters.filter((one) => one.name === name);
  if (cluster === undefined) throw new Error(`${topology.name} has no ${name}`);
  const { istiod: _ownIstiod, ...others } = cluster;
  return manifestsOf(topology, others).flatMap(objectsOf);
}

/** Whether it is the Service that leads into a network: Istio knows it by the same label. */
export function isWayIn({ kind, metadata }: KubeObject): boolean {
  return kind === KINDS.service.kind && metadata.labels?.[NETWORK_LABEL] !== undefined;
}
