import { messageOf } from '../../model/errors.ts';
import type { Permission } from '../../model/fault.ts';
import type { AffectedPod } from '../../model/history.ts';
import { type HostReach, ownersOf, reachText } from '../../model/host-route.ts';
import { ENABLED_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { OpenCluster } from '../wiring.ts';
import { faultsReaching, type Guard, kubectlFor, namespacesOf, type Ruling } from './guard.ts';

/**
 * Whoever owns a namespace says in the cluster itself that drills may touch it, by a label on it; or, for faults that name
 * their workload, on all pods that may be hit and in the template of their workload. A targets file alone is not their word, and a route is for
 * whoever has its host, or its callers.
 */
export const optIn: Guard = {
  name: 'opt-in',
  spares: 'practice',
  isLive: true,
  check: async ({ inputs, faults }) => {
    const places = [...inputs.clusters.values()].flatMap((open) => {
      const own = faultsReaching({ faults }, open.cluster);
      return [
        ...namespacesOf(own).map((namespace) => checkNamespace(open, namespace, own)),
        ...beyond(own, inputs.target.namespaces).map((reach) => checkReach(open, reach)),
      ];
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
    const own = faultsReaching({ faults }, cluster);
    const others = beyond(own, inputs.target.namespaces).flatMap(({ owners }) => owners);
    const named = namespacesOf(own);
    return [
      ...[...new Set([...named, ...others])].map(
        (namespace): Permission => ({ ...KINDS.namespace, verb: 'get', namespace, name: namespace }),
      ),
      ...named.map((namespace): Permission => ({ ...KINDS.pod, verb: 'list', namespace })),
    ];
  },
};

/** Calls between other namespaces than those of the fault, of which one has to agree. */
type Beyond = { readonly fault: PlannedFault; readonly reach: HostReach; readonly owners: readonly string[] };

/** What a targets file lists none of is refused as such (mesh wide). */
function beyond(faults: readonly PlannedFault[], listed: readonly string[]): Beyond[] {
  return faults.flatMap((fault) =>
    (fault.plan.reaches ?? []).flatMap((reach) => {
      const owners = ownersOf(reach).filter((namespace) => listed.includes(namespace));
      const isOwn = owners.some((namespace) => fault.plan.namespaces.includes(namespace));
      return isOwn || owners.length === 0 ? [] : [{ fault, reach, owners }];
    }),
  );
}

/** A route is for whoever stands behind its host, now or later, or for all of some callers: only a namespace can agree to that. */
async function checkReach(
  { cluster, ...open }: OpenCluster,
  { fault, reach, owners }: Beyond,
): Promise<readonly Ruling[]> {
  const { plan } = fault;
  const where = `fault ${plan.fault}: cluster ${cluster.name}: ${reachText(reach)}`;
  const hint = owners
    .map((owner) => kubectlFor({ cluster, ...open }, `label namespace ${owner} ${ENABLED_LABEL}=true`))
    .join(', or ');
  try {
    const found = await Promise.all(owners.map((name) => cluster.get({ ...KINDS.namespace, name })));
    const there = found.filter((one) => one !== undefined);
    if (there.some(isEnabled) || (there.length === 0 && plan.cluster !== cluster.name)) return [];
    const detail = `${where}: ${owners.join(' and ')} ${owners.length === 1 ? 'has' : 'have'} no label ${ENABLED_LABEL}=true`;
    return [{ refused: true, detail, hint }];
  } catch (error) {
    return [
      { refused: true, detail: `${where}: namespace ${owners.join(', ')} cannot be read: ${messageOf(error)}`, hint },
    ];
  }
}

const isEnabled = ({ metadata }: KubeObject) => metadata.labels?.[ENABLED_LABEL] === 'true';

async function checkNamespace(
  open: OpenCluster,
  namespace: string,
  faults: readonly PlannedFault[],
): Promise<readonly Ruling[]> {
  const where = `cluster ${open.cluster.name}: namespace ${namespace}`;
  const hint = kubectlFor(open, `label namespace ${namespace} ${ENABLED_LABEL}=true`);
  try {
    const object = await open.cluster.get({ ...KINDS.namespace, name: namespace });
    if (object !== undefined && isEnabled(object)) return [];
    if (object === undefined && isServedAlone(open, namespace, faults)) return [];
    const said = faults.find(({ plan }) => plan.isSaid && plan.namespaces.includes(namespace));
    const none = `${where} has no label ${ENABLED_LABEL}=true`;
    if (said !== undefined)
      return [{ refused: true, detail: `${none}: what ${said.plan.fault} does there no pod can agree to`, hint }];
    if (await isPodsOwnWord(open, namespace, faults)) return [];
    const detail = `${none}, nor has every pod that may be hit there, and the template that it is made from`;
    return [{ refused: true, detail, hint }];
  } catch (error) {
    return [{ refused: true, detail: `${where} cannot be read: ${messageOf(error)}`, hint }];
  }
}

/** A cluster that another one's istiod serves may have no such namespace, and nobody to be hit. */
function isServedAlone({ cluster }: OpenCluster, namespace: string, faults: readonly PlannedFault[]): boolean {
  const isThere = ({ plan }: PlannedFault) =>
    plan.cluster === cluster.name || everHit({ plan }, cluster.name, namespace).length > 0;
  return faults.length > 0 && !faults.some(isThere);
}

/**
 * A fault of a zone hits whatever comes to run there: only its namespace can agree to that. Any other hits the pods that its plan
 * names or may come to in a later round, and what replaces them: the label stands on each, and in the template that each is from.
 */
async function isPodsOwnWord(
  { cluster }: OpenCluster,
  namespace: string,
  faults: readonly PlannedFault[],
): Promise<boolean> {
  const here = faults.filter(({ plan }) => plan.namespaces.includes(namespace));
  const hit = new Set(here.flatMap((fault) => everHit(fault, cluster.name, namespace)));
  if (hit.size === 0 || here.some(({ plan }) => plan.cutsOff.length > 0)) return false;
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

/** Names of all pods of a namespace of a cluster that a fault may hit while it is on. */
function everHit({ plan }: Pick<PlannedFault, 'plan'>, cluster: string, namespace: string): string[] {
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
