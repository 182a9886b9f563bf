import { FaultlineError } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, type ObjectRef, RUN_LABEL } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';

/** Label that finds everything faultline has created. */
export const MANAGED_SELECTOR = 'app.kubernetes.io/managed-by=faultline';

const PLANS_KEY = 'plans.json';

/** The name is fixed, so that a second run meets the first one's copy and is refused: it is the lock of the cluster. */
function journalRef(namespace: string): ObjectRef {
  return { ...KINDS.configMap, namespace, name: 'faultline-run' };
}

/**
 * Writes the plans of a run into the cluster they touch, before anything is touched: on a hosted runner the disk is
 * gone after the job, and this copy is what `recover` works from on another machine. Rejects with OPEN_RUN while another
 * run holds the cluster.
 */
export async function writeClusterJournal(
  cluster: Cluster,
  runId: string,
  namespace: string,
  plans: readonly FaultPlan[],
): Promise<void> {
  const ref = journalRef(namespace);
  const found = await cluster.get(ref);
  if (found !== undefined) {
    const run = found.metadata.labels?.[RUN_LABEL] ?? 'unknown';
    throw new FaultlineError('OPEN_RUN', `cluster ${cluster.name}: run ${run} has begun in the meantime`, {
      hint: 'One run at a time in a cluster. If that run is dead: faultline recover --scan --target <targets file>',
    });
  }
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

/** Takes a run's own in-cluster copy away: the sign that nothing is left to undo. Another run's copy stays. */
export async function deleteClusterJournal(cluster: Cluster, runId: string, namespace: string): Promise<void> {
  const ref = journalRef(namespace);
  const { labels, uid } = (await cluster.get(ref))?.metadata ?? {};
  if (labels?.[RUN_LABEL] === runId && uid !== undefined) await cluster.delete(ref, { uid });
}

/** One run that has left its plans in a cluster. `damaged`: the plans cannot be read, so nobody may take them away. */
export type ClusterJournal = {
  readonly runId: string;
  readonly namespace: string;
  readonly plans: readonly FaultPlan[];
  readonly damaged: boolean;
};

/** The runs that have something to undo in this cluster, as the cluster itself tells. */
export async function readClusterJournals(cluster: Cluster, namespaces: readonly string[]): Promise<ClusterJournal[]> {
  const lists = await Promise.all(
    namespaces.map((namespace) => cluster.list(KINDS.configMap, { namespace, labelSelector: MANAGED_SELECTOR })),
  );
  return lists.flat().map((object) => {
    const plans = plansOf(object);
    return {
      runId: object.metadata.labels?.[RUN_LABEL] ?? '',
      namespace: object.metadata.namespace ?? '',
      plans: plans ?? [],
      damaged: plans === undefined,
    };
  });
}

function plansOf(object: KubeObject): FaultPlan[] | undefined {
  const text = (object.data as { [PLANS_KEY]?: string } | undefined)?.[PLANS_KEY];
  try {
    const plans: unknown = JSON.parse(text ?? '');
    return Array.isArray(plans) ? (plans as FaultPlan[]) : undefined;
  } catch {
    return undefined;
  }
}
