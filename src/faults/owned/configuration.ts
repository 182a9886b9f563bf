import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext, ServedCluster } from '../../model/fault.ts';
import type { KubeKind, KubeObject } from '../../model/kubernetes.ts';

/** Groups of what an istiod reads of its own cluster only, whichever clusters it serves (Istio: primary-remote). */
const GROUPS = /^(networking|security|telemetry|extensions)\.istio\.io\/|^gateway\.networking\.k8s\.io\//;

/** Whether an object is configuration of the mesh. Workloads that are not of Kubernetes are read in all clusters (PILOT_ENABLE_CROSS_CLUSTER_WORKLOAD_ENTRY). */
export function isConfiguration({ apiVersion, kind }: KubeKind): boolean {
  return GROUPS.test(apiVersion) && kind !== 'WorkloadEntry';
}

type Scoped = {
  readonly exportTo?: readonly string[];
  readonly workloadSelector?: { readonly labels?: object };
  readonly targetRef?: { readonly kind?: string };
  readonly targetRefs?: readonly { readonly kind?: string }[];
};

/** Kinds that mean the same in every namespace: they name what they are for. */
const NAMING = new Set(['Gateway', 'WorkloadGroup']);
const EXPORTED = new Set(['VirtualService', 'DestinationRule', 'ServiceEntry']);

/**
 * Whether configuration of the mesh holds in all namespaces if it stands in the root namespace: what selects pods by labels, or all, does so
 * there (Istio: workloadSelector of EnvoyFilter, selector of AuthorizationPolicy and others). What is exported nowhere else, is bound to something
 * of its namespace, or is a Sidecar for some pods does not.
 */
export function isMeshWide({ apiVersion, kind, metadata, spec }: KubeObject): boolean {
  if (apiVersion.startsWith('gateway.networking.k8s.io/') || NAMING.has(kind)) return false;
  const { exportTo = [], workloadSelector, targetRef, targetRefs = [] } = (spec ?? {}) as Scoped;
  const isOwn = (place: string) => place === '.' || place === '~' || place === metadata.namespace;
  if (EXPORTED.has(kind)) return exportTo.length === 0 || !exportTo.every(isOwn);
  if (kind === 'Sidecar') return Object.keys(workloadSelector?.labels ?? {}).length === 0;
  const bound = targetRef === undefined ? targetRefs : [targetRef, ...targetRefs];
  // Of a GatewayClass, which belongs to no namespace, all gateways are meant.
  return bound.length === 0 || bound.some((one) => one.kind === 'GatewayClass');
}

/** The clusters whose proxies take configuration that is written to the cluster of a fault: itself first. */
export function reachOf({ cluster, served = [] }: FaultContext): readonly [ServedCluster, ...ServedCluster[]] {
  return [cluster, ...served];
}

/** Throws FAULT_NO_TARGET where nobody reads mesh configuration of the cluster of a fault; `who` names the fault. */
export function requireRead(who: string, { kind }: KubeKind, { cluster }: FaultContext): void {
  const { name, configuredBy } = cluster;
  if (configuredBy === undefined) return;
  const message = `cluster ${name}: ${who} would write mesh configuration (${kind}) that nobody reads: proxies of ${name} are configured by ${configuredBy}`;
  throw new FaultlineError('FAULT_NO_TARGET', message, {
    hint: `Write cluster: ${configuredBy}. There it hits the pods of all clusters that ${configuredBy} configures, by their labels.`,
  });
}

/** Note for whoever plans a fault that also hits pods of other clusters. */
export function reachText(context: FaultContext): string[] {
  const [{ name }, ...others] = reachOf(context);
  if (others.length === 0) return [];
  const names = [name, ...others.map((one) => one.name)].join(', ');
  return [`The istiod of ${name} configures the proxies of ${names}: pods with these labels are hit in all of them.`];
}
