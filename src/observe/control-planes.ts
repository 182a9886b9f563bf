import { messageOf } from '../model/errors.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { type ControlPlaneSigns, servedWith, servingOf } from '../workload/configured-by.ts';
import { CONTROL_PLANE, CONTROLLED_BY, idsOf, revisionsBehind } from '../workload/control-plane.ts';
import { hasSidecar } from '../workload/sidecars.ts';

/** What can be told of who configures the proxies of a cluster. */
export type ControlPlane = {
  readonly name: string;
  /** An istiod is there; a managed one is nowhere to be seen. */
  readonly hasIstiod: boolean;
  readonly hasSidecars: boolean;
  /** In words, the leave that it gives to an istiod elsewhere, where it has none and gives one. */
  readonly leave: string | undefined;
  /** The other clusters with which it may have that istiod in common. */
  readonly sharedWith: readonly string[];
  /** Why something of it could not be read. */
  readonly unread: readonly string[];
};

type Found = ControlPlaneSigns & Pick<ControlPlane, 'hasSidecars' | 'unread'>;

/**
 * Looks for the istiod of each cluster, and for the leave that it gives to that of another one: in `istio-system`, and where the sidecars of these
 * namespaces say that theirs is. What cannot be read is told.
 */
export async function controlPlanes(
  clusters: readonly Cluster[],
  namespaces: readonly string[],
): Promise<ControlPlane[]> {
  const found = await Promise.all(clusters.map((cluster) => findIn(cluster, namespaces)));
  // An istiod may be where nobody may look.
  const able = found.map((one) => (one.unread.length > 0 ? { ...one, hasIstiod: true } : one));
  return found.map((one) => {
    const { name, hasIstiod, hasSidecars, allowed, unread } = one;
    const serving = servingOf(one, able);
    const leave = serving === undefined ? undefined : `a namespace there is annotated ${CONTROLLED_BY}: ${allowed}`;
    const sharedWith = serving?.length === 0 ? servedWith(one, found) : (serving ?? []);
    return { name, hasIstiod, hasSidecars, leave, sharedWith, unread };
  });
}

async function findIn(cluster: Cluster, namespaces: readonly string[]): Promise<Found> {
  const unread: string[] = [];
  const tried = <T>(reading: Promise<T>, nothing: T): Promise<T> =>
    reading.catch((error) => {
      unread.push(messageOf(error));
      return nothing;
    });
  const lists = namespaces.map((namespace) => tried<KubeObject[]>(cluster.list(KINDS.pod, { namespace }), []));
  const pods = (await Promise.all(lists)).flat();
  const behind = revisionsBehind(pods).map(({ namespace }) => namespace);
  const places = [...new Set([CONTROL_PLANE.namespace, ...behind])];
  const looked = places.map(async (namespace) => {
    const [istiods, place] = await Promise.all([
      tried<KubeObject[]>(cluster.list(KINDS.pod, { ...CONTROL_PLANE, namespace }), []),
      tried(cluster.get({ ...KINDS.namespace, name: namespace }), undefined),
    ]);
    return { istiods, allowed: place?.metadata.annotations?.[CONTROLLED_BY] };
  });
  const all = await Promise.all(looked);
  const istiods = all.flatMap((one) => one.istiods);
  return {
    name: cluster.name,
    hasIstiod: istiods.length > 0,
    ids: idsOf(istiods),
    allowed: all.find(({ allowed }) => allowed !== undefined)?.allowed,
    hasSidecars: pods.some(hasSidecar),
    unread,
  };
}
