import { text } from '../mesh/config-read.ts';
import { MESH_CONFIG, ROOT_NAMESPACE, readMeshConfig } from '../mesh/istiod/configuration.ts';
import { messageOf } from '../model/errors.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { CONTROL_PLANE, isIstiod, type Revision, revisionOf, revisionsBehind } from '../workload/control-plane.ts';

/** Where Istio's root namespace may be, and why some MeshConfig could not be read. */
type Roots = { readonly names: ReadonlySet<string>; readonly unread: readonly string[] };

/**
 * The namespaces that may be Istio's root namespace in a cluster, whose configuration holds for all others, as far as it matters for one
 * namespace: what MeshConfig of each revision says that is known there. Where it says nothing, or cannot be read, where its istiod is, and
 * `istio-system`. Rejects where the pods of the namespace cannot be listed.
 */
export async function rootNamespaces(cluster: Cluster, namespace: string): Promise<Roots> {
  const [pods, byDefault] = await Promise.all([
    cluster.list(KINDS.pod, { namespace }),
    cluster.list(KINDS.pod, CONTROL_PLANE).catch((): KubeObject[] => []),
  ]);
  const istiods = [...byDefault, ...pods.filter(isIstiod)];
  const first: Revision = { namespace: MESH_CONFIG.namespace, configMap: MESH_CONFIG.name };
  const known = [first, ...istiods.map(revisionOf), ...revisionsBehind(pods)];
  const revisions = [...new Map(known.map((one) => [`${one.namespace}/${one.configMap}`, one])).values()];
  const unread: string[] = [];
  const names = revisions.map((one) => rootsOf(one, cluster, unread));
  return { names: new Set((await Promise.all(names)).flat()), unread };
}

async function rootsOf(
  { namespace, configMap }: Revision,
  cluster: Cluster,
  unread: string[],
): Promise<readonly string[]> {
  const map = await cluster.get({ ...KINDS.configMap, namespace, name: configMap }).catch((error) => {
    unread.push(`ConfigMap ${namespace}/${configMap}: ${messageOf(error)}`);
    return undefined;
  });
  const root = text(readMeshConfig(map).rootNamespace);
  return root === undefined ? [namespace, ROOT_NAMESPACE] : [root];
}
