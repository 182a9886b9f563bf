import { join } from 'node:path';
import { stringify } from 'yaml';
import { LAB_NAME, type LabCluster } from '../topology.ts';
import type { Address } from './balancer.ts';

/** How people reach the lab from the machine. */
export type LabAccess = {
  readonly kubeconfig: string;
  readonly targets: string;
  /** The same for a user who may do no more than what a drill needs. */
  readonly drill: { readonly kubeconfig: string; readonly targets: string };
};

const DRILL_KUBECONFIG = 'drill.kubeconfig';

/** Paths of the files, whether or not a lab is up. */
export function accessOf(folder: string): LabAccess {
  return {
    kubeconfig: join(folder, 'kubeconfig'),
    targets: join(folder, 'targets.yaml'),
    drill: { kubeconfig: join(folder, DRILL_KUBECONFIG), targets: join(folder, 'drill-targets.yaml') },
  };
}

/** One zone's gateway, as the machine reaches it. */
export type GatewayEntrance = { readonly zone: string; readonly address: Address };

/** What the targets file says of a cluster. */
export type ReachedCluster = {
  readonly cluster: LabCluster;
  /** Of its namespace kube-system. */
  readonly uid: string;
  readonly gateways: readonly GatewayEntrance[];
};

/** The targets file, beside the kubeconfig of its user. Faults reach applications and gateways. */
export function targetsText(
  clusters: readonly ReachedCluster[],
  user: 'admin' | 'drill',
  prometheus: Address | undefined,
): string {
  const kubeconfig = user === 'admin' ? './kubeconfig' : `./${DRILL_KUBECONFIG}`;
  return stringify({
    apiVersion: 'faultline/v1alpha1',
    kind: 'Targets',
    metadata: { name: 'lab' },
    spec: {
      namespaces: ['default', 'istio-system'],
      observe: { gateways: [{ namespace: 'istio-system', selector: { istio: 'ingressgateway' } }] },
      ...(prometheus === undefined ? {} : { prometheus: { url: `http://${prometheus.host}:${prometheus.port}` } }),
      clusters: clusters.map(({ cluster, uid, gateways }) => ({
        name: cluster.name,
        region: cluster.region,
        ...(cluster.network !== LAB_NAME && { network: cluster.network }),
        ...(cluster.configuredBy !== undefined && { configuredBy: cluster.configuredBy }),
        kubeconfig,
        context: cluster.name,
        uid,
        gateways: gateways.map(({ zone, address }) => ({ zone, address: `${address.host}:${address.port}` })),
      })),
    },
  });
}
