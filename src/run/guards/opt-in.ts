import { messageOf } from '../../model/errors.ts';
import type { FaultPlan, Permission } from '../../model/fault.ts';
import type { AffectedPod } from '../../model/history.ts';
import { type HostRoute, ownersOf, routeText } from '../../model/host-route.ts';
import { ENABLED_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { OpenCluster } from '../wiring.ts';
import { faultsReaching, type Guard, type Guarded, kubectlFor, namespacesOf, type Ruling } from './guard.ts';

/**
 * Whoever owns a namespace says in the cluster itself that drills may touch it, by a label on it; or, for faults that name
 * their workload, on all pods that may be hit and in the template of their workload. A targets file alone is not their word. A route needs that
 * of the namespace of its host, or of its callers.
 */
export const optIn: Guard = {
  name: 'opt-in',
  spares: 'practice',
  isLive: true,
  check: async ({ inputs, faults }) => {
    const places = [...inputs.clusters].flatMap(([name, open]) => {
      const own = faultsReaching({ faults }, name);
      const routes = routesBeyond({ inputs, faults }, open.cluster).map((one) => checkRoute(open, one));
      return [...namespacesOf(own).map((namespace) => checkNamespace(open, namespace, own)), ...routes];
    });
    return (await Promise.all(places)).flat();
  },
  ofTarget: {
    refuses: 'some faults',
    check: async ({ clusters, target }) => {
      const places = [...clusters.values()].flatMap((open) =>
        target.namespaces.map((namespace) => checkNamespace(open, namespace, [])),
      );
      return (await Promise.all(places)).flat();
    },
  },
  needs: ({ inputs, faults }, { cluster }) => {
    const own = namespacesOf(faultsReaching({ faults }, cluster.name));
    const owners = routesBeyond({ inputs, faults }, cluster).flatMap((one) => one.owners);
    const read = [...new Set([...own, ...owners])];
    return [
      ...read.map((namespace): Permission => ({ ...KINDS.namespace, verb: 'get', namespace, name: namespace })),
      ...own.map((namespace): Permission => ({ ...KINDS.pod, verb: 'list', namespace })),
    ];
  },
};

/** A route between other namespaces than those of its fault, with those of them that the targets file lists. */
type RouteBeyond = { readonly plan: FaultPlan; readonly route: HostRoute; readonly owners: readonly string[] };

/** Those that the proxies of a cluster are told, by its own istiod or by that of another one. What is listed nowhere is refused as such (mesh wide). */
function routesBeyond(
  { inputs, faults }: Pick<Guarded, 'inputs' | 'faults'>,
  { name, configuredBy }: Pick<Cluster, 'name' | 'configuredBy'>,
): RouteBeyond[] {
  const told = faults.filter(({ plan }) => plan.cluster === name || plan.cluster === configuredBy);
  return told.flatMap(({ plan }) =>
    (plan.reaches ?? []).flatMap((route) => {
      const owners = ownersOf(route).filter((namespace) => inputs.target.namespaces.includes(namespace));
      const isOwn = owners.some((namespace) => plan.namespaces.includes(namespace));
      return isOwn || owners.length === 0 ? [] : [{ plan, route, owners }];
    }),
  );
}

async function checkRoute(open: OpenCluster, { plan, route, owners }: RouteBeyond): Promise<readonly Ruling[]> {
  const where = `fault ${plan.fault}: cluster ${open.cluster.name}: it brings ${routeText(route)}: namespace ${owners.join(' or ')}`;
  const hint = owners.map((owner) => kubectlFor(open, labelCommand(owner))).join('\n  ');
  try {
    const read = await Promise.all(owners.map((name) => open.cluster.get({ ...KINDS.namespace, name })));
    const found = read.filter((one) => one !== undefined);
    // Where another cluster's istiod serves this one, it need not have the namespace.
    if (found.some(isEnabled) || (found.length === 0 && plan.cluster !== open.cluster.name)) return [];
    return [{ refused: true, detail: `${where} has no label ${ENABLED_LABEL}=true`, hint }];
  } catch (error) {
    return [{ refused: true, detail: `${where} cannot be read: ${messageOf(error)}`, hint }];
  }
}

const labelCommand = (namespace: string) => `label namespace ${namespace} ${ENABLED_LABEL}=true`;

function isEnabled(namespace: KubeObject | undefined): boolean {
  return namespace?.metadata.labels?.[ENABLED_LABEL] === 'true';
}

async function checkNamespace(
  open: OpenCluster,
  namespace: string,
  faults: readonly PlannedFault[],
): Promise<readonly Ruling[]> {
  const where = `cluster ${open.cluster.name}: namespace ${namespace}`;
  const hint = kubectlFor(open, labelCommand(namespace));
  try {
    const object = await open.cluster.get({ ...KINDS.namespace, name: namespace });
    if (isEnabled(object)) return [];
    if (await isPodsOwnWord(open, namespace, faults)) return [];
    const detail = `${where} has no label ${ENABLED_LABEL}=true, nor has every pod that may be hit there, and the template that it is made from`;
    return [{ refused: true, detail, hint }];
  } catch (error) {
    return [{ refused: true, detail: `${where} cannot be read: ${messageOf(error)}`, hint }];
  }
}

/**
 * A fault of a zone hits whatever comes to run there, and a route whoever stands behind its host: only their namespace can agree to that.
 * Any other hits the pods that its plan names or may come to in a later round, and what replaces them: the label stands on each, and in
 * the template that each is from.
 */
async function isPodsOwnWord(
  { cluster }: OpenCluster,
  namespace: string,
  faults: readonly PlannedFault[],
): Promise<boolean> {
  const here = faults.filter(({ plan }) => plan.namespaces.includes(namespace));
  const hit = new Set(here.flatMap((fault) => everHit(fault, cluster.name, namespace)));
  if (hit.size === 0 || here.some(isOpenEnded)) return false;
  const labelled = await cluster.list(KINDS.pod, { namespace, labelSelector: `${ENABLED_LABEL}=true` });
  const own = labelled.filter(({ metadata }) => hit.has(metadata.name ?? ''));
  if (own.length < hit.size) return false;
  const makers = own.flatMap(({ metadata }) => metadata.ownerReferences?.find(({ controller }) => controller) ?? []);
  const different = [...new Map(makers.map((maker) => [`${maker.kind}/${maker.name}`, maker])).values()];
  const asked = different.map(async ({ apiVersion, kind, name }) =>
    isInTemplate(await cluster.get({ apiVersion, kind, namespace, name })),
  );
  return (await Promise.all(asked)).every(Boolean);
}

function isOpenEnded({ plan: { cutsOff, reaches = [] } }: PlannedFault): boolean {
  return cutsOff.length > 0 || reaches.length > 0;
}

/** Names of all pods of a namespace of a cluster that a fault may hit while it is on. */
function everHit({ plan }: PlannedFault, cluster: string, namespace: string): string[] {
  const isHere = (pod: AffectedPod): boolean => pod.cluster === cluster && pod.namespace === namespace;
  const now = plan.affected.filter(isHere).map(({ pod }) => pod);
  if (plan.cluster !== cluster) return now;
  const ends = plan.tolls.flatMap(({ to, by }) => [to, by]);
  const later = ends.flatMap((end) => (end?.kind === 'pods' ? end.pods : []));
  const own = later.filter((pod) => pod.startsWith(`${namespace}/`)).map((pod) => pod.slice(namespace.length + 1));
  return [...now, ...own];
}

function isInTemplate(maker: KubeObject | undefined): boolean {
  const { template } = (maker?.spec ?? {}) as { template?: { metadata?: KubeObject['metadata'] } };
  return template?.metadata?.labels?.[ENABLED_LABEL] === 'true';
}
