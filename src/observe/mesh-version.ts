import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { PROXY_CONTAINER } from '../model/proxy-container.ts';
import type { ObservedScope } from '../model/target.ts';
import { selectorText } from '../workload/pods.ts';
import { containersOf } from './pods.ts';

/** Where Istio's control plane is by default; a managed one is nowhere to be seen. */
export const CONTROL_PLANE = { namespace: 'istio-system', labelSelector: 'app=istiod' };
/** The tag of an image, without what distributors put before and behind the version. */
const TAG = /:[^/@]*?(\d+\.\d+\.\d+)[^/]*$/;

/**
 * The version of Istio, by the image of its control plane or else of the proxies that are observed. Undefined where
 * images do not tell, do not agree, or may not be read: it is good to know, and no run depends on it.
 */
export async function meshVersion(clusters: readonly Cluster[], scope: ObservedScope): Promise<string | undefined> {
  const places = [
    ...(scope.gateways ?? []).map(({ namespace, selector }) => ({ namespace, labelSelector: selectorText(selector) })),
    ...scope.namespaces.map((namespace) => ({ namespace })),
  ];
  const control = await versions(clusters, [CONTROL_PLANE], 'discovery');
  const found = control.size > 0 ? control : await versions(clusters, places, PROXY_CONTAINER);
  const [version] = found;
  return found.size === 1 ? version : undefined;
}

async function versions(
  clusters: readonly Cluster[],
  places: readonly { namespace: string; labelSelector?: string }[],
  container: string,
): Promise<Set<string>> {
  const lists = clusters.flatMap((cluster) =>
    places.map((place) => cluster.list(KINDS.pod, place).catch((): KubeObject[] => [])),
  );
  const images = (await Promise.all(lists))
    .flat()
    .flatMap((pod) => containersOf(pod))
    .flatMap(({ name, image }) => (name === container ? [image ?? ''] : []));
  return new Set(images.flatMap((image) => TAG.exec(image)?.[1] ?? []));
}
