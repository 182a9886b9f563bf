import type { FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, type ObjectRef, RUN_LABEL } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';

/** Label that finds everything faultline has created. */
export const MANAGED_SELECTOR = 'app.kubernetes.io/managed-by=faultline';

const PLANS_KEY = 'plans.json';

function journalRef(runId: string, namespace: string): ObjectRef {
  return { ...KINDS.configMap, namespace, name: `faultline-${runId}` };
}

/**
 * Writes the plans of a run into the cluster they touch, before anything is touched: on a hosted runner the disk is
 * gone after the job, and this copy is what `recover` works from on another machine.
 */
export async function writeClusterJournal(
  cluster: Cluster,
  runId: string,
  namespace: string,
  plans: readonly FaultPlan[],
): Promise<void> {
  const ref = journalRef(runId, namespace);
  await cluster.create({
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: {
      name: ref.name,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'faultline', [RUN_LABEL]: runId },
    },
    data: { [PLANS_KEY]: JSON.stringify(plans) },
  });
}

/** Takes the in-cluster copy away: the sign that nothing is left to undo. */
export async function deleteClusterJournal(cluster: Cluster, runId: string, namespace: string): Promise<void> {
  await cluster.delete(journalRef(runId, namespace));
}

/** One run that has left its plans in a cluster. */
export type ClusterJournal = {
  readonly runId: string;
  readonly namespace: string;
  readonly plans: readonly FaultPlan[];
};

/** The runs that have something to undo in this cluster, as the cluster itself tells. */
export async function readClusterJournals(cluster: Cluster, namespaces: readonly string[]): Promise<ClusterJournal[]> {
  const lists = await Promise.all(
    namespaces.map((namespace) => cluster.list(KINDS.configMap, { namespace, labelSelector: MANAGED_SELECTOR })),
  );
  return lists.flat().map((object) => ({
    runId: object.metadata.labels?.[RUN_LABEL] ?? '',
    namespace: object.metadata.namespace ?? '',
    plans: plansOf(object),
  }));
}

function plansOf(object: KubeObject): FaultPlan[] {
  const text = (object.data as { [PLANS_KEY]?: string } | undefined)?.[PLANS_KEY];
  if (text === undefined) return [];
  try {
    return JSON.parse(text) as FaultPlan[];
  } catch {
    return [];
  }
}
