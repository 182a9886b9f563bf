import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { containersOf } from '../model/pod-object.ts';
import { PROXY_CONTAINER } from '../model/proxy-container.ts';

/** Pods of Istio's control plane where it is by default; a managed one is nowhere to be seen. */
export const CONTROL_PLANE = { namespace: 'istio-system', labelSelector: 'app=istiod' };

/** Its namespace, which in a cluster of another one's istiod tells whose. */
export const CONTROL_PLANE_NAMESPACE = {
  ...KINDS.namespace,
  namespace: CONTROL_PLANE.namespace,
  name: CONTROL_PLANE.namespace,
};

/**
 * Annotation of that namespace: which clusters' istiods it lets write to this one, by ids of Istio, which may be others than the
 * names of contexts and of a targets file; `*` for any (Istio, install/multicluster/primary-remote).
 */
export const CONTROLLED_BY = 'topology.istio.io/controlPlaneClusters';

/** Whether a pod is one of istiod, by its label, which is the same for every revision. */
export function isIstiod({ metadata }: KubeObject): boolean {
  const [label = '', value] = CONTROL_PLANE.labelSelector.split('=');
  return metadata.labels?.[label] === value;
}

/** The ids by which Istio knows the cluster of these pods of istiod (its variable CLUSTER_ID). */
export function idsOf(istiods: readonly KubeObject[]): string[] {
  const variables = istiods.flatMap(containersOf).flatMap(({ env = [] }) => env);
  return [...new Set(variables.flatMap(({ name, value }) => (name === 'CLUSTER_ID' ? (value ?? []) : [])))];
}

/** A revision of Istio by its place: the namespace of its istiod, and the ConfigMap with its MeshConfig there. */
export type Revision = { readonly namespace: string; readonly configMap: string };

/** Revision of a pod of istiod (Istio: label IoIstioRev), and that of an installation without one. */
const REVISION_LABEL = 'istio.io/rev';
const NO_REVISION = 'default';

/** The revision that a pod of istiod is of. */
export function revisionOf({ metadata }: KubeObject): Revision {
  const revision = metadata.labels?.[REVISION_LABEL] ?? NO_REVISION;
  return { namespace: metadata.namespace ?? '', configMap: revision === NO_REVISION ? 'istio' : `istio-${revision}` };
}

/** The name of an istiod's Service, as sidecars are given it. */
const SERVICE = /\bistiod(-[a-z0-9-]+)?\.([a-z0-9-]+)\.svc\b/g;
/** Variables of a sidecar that name it (Istio, injection template: CA_ADDR; ProxyConfig: discoveryAddress). */
const NAMING: ReadonlySet<string> = new Set(['CA_ADDR', 'PROXY_CONFIG']);

/** The revisions that have made the sidecars of these pods, as far as these tell. */
export function revisionsBehind(pods: readonly KubeObject[]): Revision[] {
  const proxies = pods.flatMap(containersOf).filter(({ name }) => name === PROXY_CONTAINER);
  const told = proxies.flatMap(({ env = [] }) =>
    env.flatMap(({ name, value = '' }) => (NAMING.has(name) ? value : [])),
  );
  return told.flatMap((value) =>
    [...value.matchAll(SERVICE)].map(([, tail = '', namespace = '']) => ({ namespace, configMap: `istio${tail}` })),
  );
}
