import { stringify } from 'yaml';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { configuredBy, manifestsOf, type NamedTopology } from '../../topologies/index.ts';
import { IMAGES } from '../parts.ts';
import { LAB_NAME, type LabCluster } from '../topology.ts';
import { objectsOf } from './apply.ts';

/** Istio's namespace. */
export const SYSTEM = 'istio-system';
/** On istio-system: the network of a cluster's pods; on a Service: the network that it is the way into. */
const NETWORK_LABEL = 'topology.istio.io/network';

/**
 * The settings that `istioctl manifest generate` makes Istio's objects of a cluster from: an istiod, or what a cluster needs that is
 * served by the istiod of another one (Istio's primary-remote). The stock Envoy has none of Istio's own filters, so that everything that would ask for them is off.
 */
export function istioOperator(cluster: LabCluster, clusters: readonly LabCluster[]): string {
  const { name, network } = cluster;
  const [hub = '', tag = ''] = splitAt(IMAGES.pilot.replace('/pilot', ''), ':');
  const serving = clusters.find((one) => one.name === cluster.configuredBy);
  const { profile, components, values } =
    serving === undefined
      ? ownIstiod(clusters.some((one) => one.configuredBy === name))
      : servedIstio(cluster, serving);
  return stringify({
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    spec: {
      ...{ profile, hub, tag, components },
      meshConfig: { defaultProviders: { metrics: [] } },
      values: {
        ...values,
        telemetry: { enabled: false },
        global: {
          ...values.global,
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

function ownIstiod(servesOthers: boolean) {
  const env = ['PILOT_ENABLE_METADATA_EXCHANGE', 'PILOT_ENABLE_ALPN_FILTER'].map((key) => ({
    name: key,
    value: 'false',
  }));
  const k8s = {
    env: [...env, { name: 'PILOT_DISABLE_MX_ALPN', value: 'true' }],
    resources: { requests: { cpu: '10m', memory: '100Mi' } },
    hpaSpec: { minReplicas: 1, maxReplicas: 1 },
    ...(servesOthers && { overlays: [REACHED_FROM_OUTSIDE] }),
  };
  return {
    profile: 'minimal',
    components: { pilot: { k8s } },
    values: { pilot: { autoscaleEnabled: false }, global: servesOthers ? { externalIstiod: true } : {} },
  };
}

/** The path tells the istiod of another cluster whose pods it injects. */
function servedIstio({ name, network }: LabCluster, { wayIn }: LabCluster) {
  return {
    profile: 'remote',
    components: {},
    values: {
      istiodRemote: { injectionPath: `/inject/cluster/${name}/net/${network}` },
      global: { remotePilotAddress: wayIn },
    },
  };
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.lastIndexOf(mark);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Istio's namespace of a cluster. An istiod that serves a cluster not its own writes to it when it is let in here. */
export function systemNamespace({ network, configuredBy: by }: LabCluster): KubeObject {
  return {
    ...KINDS.namespace,
    metadata: {
      name: SYSTEM,
      labels: { [NETWORK_LABEL]: network },
      ...(by !== undefined && { annotations: { 'topology.istio.io/controlPlaneClusters': by } }),
    },
  };
}

/** The Secret `cacerts` of the certificates that an istiod signs with. */
export function certificateSecret(certificates: Readonly<Record<string, string>>): KubeObject {
  return secret('cacerts', certificates);
}

/** What tells an istiod the way to another cluster. */
export function remoteSecret(cluster: string, kubeconfig: string): KubeObject {
  return secret(
    `istio-remote-secret-${cluster}`,
    { [cluster]: kubeconfig },
    { labels: { 'istio/multiCluster': 'true' }, annotations: { 'networking.istio.io/cluster': cluster } },
  );
}

/** The Service of an istiod. */
export const ISTIOD = { namespace: SYSTEM, name: 'istiod' };

/** Of an istiod that serves other clusters: an address that stays whatever pod it is, with the port of webhooks that their own Service leads to. */
const REACHED_FROM_OUTSIDE = {
  ...{ apiVersion: KINDS.service.apiVersion, kind: KINDS.service.kind, name: ISTIOD.name },
  patches: [
    { path: 'spec.type', value: 'LoadBalancer' },
    { path: 'spec.ports.[100]', value: { name: 'https-webhook-outside', port: 15017 } },
  ],
};

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
 * there for a real one, where the cluster has that.
 */
export function systemObjects(topology: NamedTopology, { name }: LabCluster): KubeObject[] {
  const [cluster] = topology.clusters.filter((one) => one.name === name);
  if (cluster === undefined) throw new Error(`${topology.name} has no ${name}`);
  const { istiod: _ownIstiod, ...others } = cluster;
  return manifestsOf(topology, configuredBy(cluster) === undefined ? others : cluster).flatMap(objectsOf);
}

/** Whether it is the Service that leads into a network: Istio knows it by the same label. */
export function isWayIn({ kind, metadata }: KubeObject): boolean {
  return kind === KINDS.service.kind && metadata.labels?.[NETWORK_LABEL] !== undefined;
}
