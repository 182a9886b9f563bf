import { FaultlineError } from '../model/errors.ts';
import type { FaultPlan, Permission } from '../model/fault.ts';
import { KINDS, type KubeObject, type ObjectRef, RUN_LABEL } from '../model/kubernetes.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import { again } from './again.ts';

const PLANS_KEY = 'plans.json';

/**
 * Name and namespace are fixed, so that a second run meets the first one's plans whatever its targets file allows: it
 * is the lock of the cluster. The namespace is the one that every cluster has and that nobody can delete.
 */
export const JOURNAL_REF = {
  ...KINDS.configMap,
  namespace: 'default',
  name: 'faultline-run',
} as const satisfies ObjectRef;

/** What looking for the plans of a run needs, in every cluster of a target. */
export const JOURNAL_READ: readonly Permission[] = [{ ...JOURNAL_REF, verb: 'get' }];

/** What keeping them needs, in a cluster with faults. Creating cannot be granted by name. */
export const JOURNAL_WRITE: readonly Permission[] = [
  { ...KINDS.configMap, namespace: JOURNAL_REF.namespace, verb: 'create' },
  { ...JOURNAL_REF, verb: 'delete' },
];

/**
 * Writes the plans of a run into the cluster they touch, before anything is touched: on a hosted runner the disk is
 * gone after the job, and this copy is what `recover` works from on another machine. Rejects with OPEN_RUN while another
 * run holds the cluster.
 */
export async function writeClusterJournal(cluster: Cluster, runId: string, plans: readonly FaultPlan[]): Promise<void> {
  const found = await readClusterJournal(cluster);
  if (found !== undefined) throw openRun(cluster, found.runId);
  const { apiVersion, kind, namespace, name } = JOURNAL_REF;
  const labels = { 'app.kubernetes.io/managed-by': 'faultline', [RUN_LABEL]: runId };
  const data = { [PLANS_KEY]: JSON.stringify(plans) };
  try {
    await cluster.create({ apiVersion, kind, metadata: { name, namespace, labels }, data });
  } catch (error) {
    const lost = error instanceof FaultlineError && error.code === 'FAULT_CONFLICT';
    throw lost ? openRun(cluster, (await readClusterJournal(cluster))?.runId ?? 'unknown') : error;
  }
}

function openRun(cluster: Cluster, runId: string): FaultlineError {
  return new FaultlineError('OPEN_RUN', `cluster ${cluster.name}: run ${runId} has begun in the meantime`, {
    hint: 'One run at a time in a cluster. If that run is dead: faultline recover --scan --target <targets file>',
  });
}

/**
 * Takes a run's own in-cluster copy away: the sign that nothing is left to undo. Another run's copy stays. Tried again
 * a few times, since the next run is refused while it is there.
 */
export async function deleteClusterJournal(cluster: Cluster, runId: string, clock: Clock): Promise<void> {
  await again(clock, async () => {
    const { labels, uid } = (await cluster.get(JOURNAL_REF))?.metadata ?? {};
    if (labels?.[RUN_LABEL] === runId && uid !== undefined) await cluster.delete(JOURNAL_REF, { uid });
  });
}

/** A run that has left its plans in a cluster. `damaged`: the plans cannot be read, so nobody may take them away. */
type ClusterJournal = {
  readonly runId: string;
  /** In the order of their injection. */
  readonly plans: readonly FaultPlan[];
  readonly damaged: boolean;
};

/** The run that has something to undo in this cluster, or is still going on, as the cluster itself tells. */
export async function readClusterJournal(cluster: Cluster): Promise<ClusterJournal | undefined> {
  const object = await cluster.get(JOURNAL_REF);
  if (object === undefined) return undefined;
  const plans = plansOf(object);
  return {
    runId: object.metadata.labels?.[RUN_LABEL] ?? 'unknown',
    plans: plans ?? [],
    damaged: plans === undefined,
  };
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
