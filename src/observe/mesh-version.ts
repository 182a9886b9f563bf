import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { selectorText } from '../model/labels.ts';
import { containersOf } from '../model/pod-object.ts';
import type { Cluster } from '../model/ports.ts';
import { PROXY_CONTAINER } from '../model/proxy-container.ts';
import type { ObservedScope } from '../model/target.ts';
import { CONTROL_PLANE } from '../workload/control-plane.ts';

/** The tag of an image, without what distributors put before and behind the version. */
const TAG = /:[^/@]*?(\d+\.\d+\.\d+)[^/]*$/;

/** The version of Istio by the name of the cluster whose proxies it is for. A cluster that does not tell it is not there. */
export type MeshVersions = ReadonlyMap<string, string>;

/**
 * The version of Istio in each cluster, by the image of the control plane that serves its proxies or else of the proxies that
 * are observed. Images may not tell, not agree, or may not be read: it is good to know, and no run depends on it.
 */
export async function meshVersions(clusters: readonly Cluster[], scope: ObservedScope): Promise<MeshVersions> {
  const found = await Promise.all(clusters.map((cluster) => versionIn(cluster, clusters, scope)));
  return new Map(
    clusters.flatMap(({ name }, at): [string, string][] => {
      const version = found[at];
      return version === undefined ? [] : [[name, version]];
    }),
  );
}

async function versionIn(
  cluster: Cluster,
  clusters: readonly Cluster[],
  scope: ObservedScope,
): Promise<string | undefined> {
  const places = [
    ...(scope.gateways ?? []).map(({ namespace, selector }) => ({ namespace, labelSelector: selectorText(selector) })),
    ...scope.namespaces.map((namespace) => ({ namespace })),
  ];
  const { configuredBy = cluster.name } = cluster;
  const configuring = clusters.find(({ name }) => name === configuredBy) ?? cluster;
  const control = await versions(configuring, [CONTROL_PLANE], 'discovery');
  const found = control.size > 0 ? control : await versions(cluster, places, PROXY_CONTAINER);
  const [version] = found;
  return found.size === 1 ? version : undefined;
}

async function versions(
  cluster: Cluster,
  places: readonly { namespace: string; labelSelector?: string }[],
  container: string,
): Promise<Set<string>> {
  const lists = places.map((place) => cluster.list(KINDS.pod, place).catch((): KubeObject[] => []));
  const images = (await Promise.all(lists))
    .flat()
    .flatMap((pod) => containersOf(pod))
    .flatMap(({ name, image }) => (name === container ? [image ?? ''] : []));
  return new Set(images.flatMap((image) => TAG.exec(image)?.[1] ?? []));
}
