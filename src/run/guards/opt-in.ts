import { messageOf } from '../../model/errors.ts';
import type { AffectedPod } from '../../model/history.ts';
import { ENABLED_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { OpenCluster } from '../wiring.ts';
import { faultsReaching, type Guard, kubectlFor, namespacesOf, type Ruling } from './guard.ts';

/**
 * Whoever owns a namespace says in the cluster itself that drills may touch it, by a label on it; or, for faults that name
 * their workload, on all pods that may be hit and in the template of their workload. A targets file alone is not their word.
 */
export const optIn: Guard = {
  name: 'opt-in',
  spares: 'practice',
  isLive: true,
  check: async ({ inputs, faults }) => {
    const places = [...inputs.clusters].flatMap(([name, open]) => {
      const own = faultsReaching({ faults }, name);
      return namespacesOf(own).map((namespace) => checkNamespace(open, namespace, own));
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
  needs: ({ faults }, { cluster }) =>
    namespacesOf(faultsReaching({ faults }, cluster.name)).flatMap((namespace) => [
      { ...KINDS.namespace, verb: 'get', namespace, name: namespace },
      { ...KINDS.pod, verb: 'list', namespace },
    ]),
};

async function checkNamespace(
  open: OpenCluster,
  namespace: string,
  faults: readonly PlannedFault[],
): Promise<readonly Ruling[]> {
  const where = `cluster ${open.cluster.name}: namespace ${namespace}`;
  const hint = kubectlFor(open, `label namespace ${namespace} ${ENABLED_LABEL}=true`);
  try {
    const object = await open.cluster.get({ ...KINDS.namespace, name: namespace });
    if (object?.metadata.labels?.[ENABLED_LABEL] === 'true') return [];
    if (await isPodsOwnWord(open, namespace, faults)) return [];
    const detail = `${where} has no label ${ENABLED_LABEL}=true, nor has every pod that may be hit there, and the template that it is made from`;
    return [{ refused: true, detail, hint }];
  } catch (error) {
    return [{ refused: true, detail: `${where} cannot be read: ${messageOf(error)}`, hint }];
  }
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
