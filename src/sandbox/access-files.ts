import { stringify } from 'yaml';
import { KINDS } from '../model/kubernetes.ts';
import { configuredBy, TOPOLOGY_ANNOTATION } from '../topologies/index.ts';
import type { SandboxCluster } from './cluster.ts';

/** A kubeconfig with one context for each cluster, named like it. @kubernetes/client-node takes plain HTTP only when TLS is not verified. */
export function kubeconfigText(clusters: readonly SandboxCluster[], token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: clusters.map(({ layout, api }) => ({
      name: layout.name,
      cluster: { server: api.url, 'insecure-skip-tls-verify': true },
    })),
    users: [{ name: 'sandbox', user: { token } }],
    contexts: clusters.map(({ layout }) => ({
      name: layout.name,
      context: { cluster: layout.name, user: 'sandbox', namespace: 'default' },
    })),
    'current-context': clusters[0]?.layout.name ?? '',
  });
}

/** Where the applications run. */
const APPLICATIONS = 'default';

/**
 * The targets file that names the clusters, their identity and the entrance of each zone. As in most meshes the gateways
 * call from a namespace that faults leave alone: they are only observed, unless `further` says that faults may reach them.
 */
export function targetsText(
  clusters: readonly SandboxCluster[],
  { topology, further }: { readonly topology: string; readonly further: readonly string[] },
): string {
  return stringify({
    apiVersion: 'faultline/v1alpha1',
    kind: 'Targets',
    metadata: { name: 'sandbox', annotations: { [TOPOLOGY_ANNOTATION]: topology } },
    spec: {
      namespaces: [...new Set([APPLICATIONS, ...further])],
      observe: { gateways: [{ namespace: 'istio-system', selector: { istio: 'ingressgateway' } }] },
      clusters: clusters.map(({ layout, store, gateways }) => ({
        name: layout.name,
        region: layout.region,
        ...(layout.network !== undefined && { network: layout.network }),
        ...(configuredBy(layout) !== undefined && { configuredBy: configuredBy(layout) }),
        kubeconfig: './kubeconfig',
        context: layout.name,
        uid: store.get({ ...KINDS.namespace, name: 'kube-system' })?.metadata.uid ?? '',
        gateways: gateways.zones.map(({ zone, address }) => {
          const { host, port } = address() ?? { host: '127.0.0.1', port: 1 };
          return { zone, address: `${host}:${port}` };
        }),
      })),
    },
  });
}
