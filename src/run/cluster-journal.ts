import { pointerStep } from '../faults/marks.ts';
import { isPlan } from '../faults/plan-shape.ts';
import { rewrite } from '../faults/rewrite.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import { type KubeObject, RUN_LABEL } from '../model/kubernetes.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import { SCAN_COMMAND } from '../model/recover-command.ts';
import { again } from './again.ts';
import { describeLease, readLease } from './lease-record.ts';
import { plansRef } from './lock-objects.ts';

const PLANS_KEY = 'plans.json';

/**
 * Writes the plans of a run into the cluster they touch, before anything is touched: on a hosted runner the disk is
 * gone after the job, and this copy is what `recover` works from on another machine. Resolves to the object that holds
 * them. Rejects with OPEN_RUN where another run has left its own.
 */
export async function writeClusterJournal(
  cluster: Cluster,
  namespace: string,
  runId: string,
  plans: readonly FaultPlan[],
): Promise<KubeObject> {
  await refuseOpenRun(cluster, namespace);
  const { apiVersion, kind, name } = plansRef(namespace);
  const labels = { 'app.kubernetes.io/managed-by': 'faultline', [RUN_LABEL]: runId };
  const data = { [PLANS_KEY]: JSON.stringify(plans) };
  try {
    return await cluster.create({ apiVersion, kind, metadata: { name, namespace, labels }, data });
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'FAULT_CONFLICT') await refuseOpenRun(cluster, namespace);
    throw error;
  }
}

/** Rejects with OPEN_RUN where a run has left its plans: it has died, or nobody could undo all of it. */
export async function refuseOpenRun(cluster: Cluster, namespace: string): Promise<void> {
  const found = await readClusterJournal(cluster, namespace);
  if (found === undefined) return;
  throw new FaultlineError('OPEN_RUN', `cluster ${cluster.name}: run ${found.runId} has not been undone`, {
    hint: `Undo it first: ${SCAN_COMMAND}`,
  });
}

/**
 * As refuseOpenRun, for whoever does not hold the lease: where somebody does, that run may live, and there is nothing to
 * recover then.
 */
export async function refuseOpenOrHeld(cluster: Cluster, namespace: string): Promise<void> {
  const found = await readClusterJournal(cluster, namespace);
  if (found === undefined) return;
  const record = await readLease(cluster, namespace);
  if (record.holder === undefined) return refuseOpenRun(cluster, namespace);
  const text = `cluster ${cluster.name}: run ${found.runId} has not been undone, and ${describeLease(record)}`;
  throw new FaultlineError('OPEN_RUN', text, {
    hint: `If it lives, wait for its end: --wait 30m. If it has died, what looks first whether it lives: ${SCAN_COMMAND}`,
  });
}

/**
 * Takes a run's own in-cluster copy away: the sign that nothing is left to undo. Another run's copy stays. Tried again
 * a few times, since the next run is refused while it is there, and over when it was seen to be gone: the success may be
 * that of a proxy which has passed nothing on. Rejects with KUBE_API where it stays.
 */
export async function deleteClusterJournal(
  cluster: Cluster,
  namespace: string,
  runId: string,
  clock: Clock,
): Promise<void> {
  const ref = plansRef(namespace);
  await again(clock, async () => {
    const object = await cluster.get(ref);
    const { uid } = object?.metadata ?? {};
    if (object === undefined || uid === undefined || runOf(object, runId) !== runId) return;
    await cluster.delete(ref, { uid });
    const after = await cluster.get(ref);
    if (after?.metadata.uid !== uid || after.metadata.deletionTimestamp !== undefined) return;
    const { namespace, name } = ref;
    const remove = inContext(`kubectl -n ${namespace} delete configmap/${name} --wait=false`, cluster);
    throw new FaultlineError('KUBE_API', `cluster ${cluster.name}: ConfigMap ${namespace}/${name} is still there`, {
      hint: `It was deleted with success. Is its API server behind a proxy? ${remove}`,
    });
  });
}

/**
 * Takes the plans of faults that are undone out of a run's copy, while others keep that there: what anybody sets from then on is theirs.
 * What is no plan stays.
 */
export async function dropPlans(
  cluster: Cluster,
  namespace: string,
  runId: string,
  isUndone: (plan: FaultPlan) => boolean,
): Promise<void> {
  await rewrite(cluster, plansRef(namespace), (object) => {
    const found = object === undefined || runOf(object, runId) !== runId ? undefined : listIn(object);
    const left = found?.filter((one) => !(isPlan(one) && one.runId === runId && isUndone(one)));
    if (left === undefined || left.length === found?.length) return [];
    return [{ op: 'replace', path: `/data/${pointerStep(PLANS_KEY)}`, value: JSON.stringify(left) }];
  });
}

/** A run that has left its plans in a cluster. `damaged`: not all of them can be read, so nobody may take them away. */
export type ClusterJournal = {
  readonly runId: string;
  /** Those that can be read, in the order of their injection. */
  readonly plans: readonly FaultPlan[];
  readonly damaged: boolean;
};

/** The run that has something to undo in this cluster, as the cluster itself tells: `wanted`, where anything there says so. */
export async function readClusterJournal(
  cluster: Cluster,
  namespace: string,
  wanted?: string,
): Promise<ClusterJournal | undefined> {
  const object = await cluster.get(plansRef(namespace));
  if (object === undefined) return undefined;
  const { plans, damaged } = plansOf(object);
  const runId = runOf(object, wanted);
  return { runId, plans, damaged: damaged || plans.some((plan) => plan.runId !== runId) };
}

/** What is said of plans of which not all can be read, or not all are of the same run. */
export function damagedText({ name }: Cluster, { runId }: ClusterJournal): string {
  return `cluster ${name}: the plans of run ${runId} are damaged: somebody has written there`;
}

/** Whether the plans of this run are still in the cluster: whoever recovers it takes them away when all is undone. */
export async function holdsPlansOf(cluster: Cluster, namespace: string, runId: string): Promise<boolean> {
  return (await readClusterJournal(cluster, namespace, runId))?.runId === runId;
}

/** The plans say it themselves, and the label where they do not agree: anybody may have changed one of them. */
function runOf(object: KubeObject, wanted?: string): string {
  const label = object.metadata.labels?.[RUN_LABEL];
  const told = plansOf(object).plans.map(({ runId }) => runId);
  if (wanted !== undefined && (label === wanted || told.includes(wanted))) return wanted;
  return (label !== undefined && told.includes(label) ? label : told[0]) ?? label ?? 'unknown';
}

/** Anybody may have written there: each plan is looked at by itself. */
function plansOf(object: KubeObject): Pick<ClusterJournal, 'plans' | 'damaged'> {
  const found = listIn(object);
  const plans = found?.filter(isPlan) ?? [];
  return { plans, damaged: plans.length !== found?.length };
}

/** Undefined where it is no list. */
function listIn(object: KubeObject): readonly unknown[] | undefined {
  try {
    const found: unknown = JSON.parse((object.data as { [PLANS_KEY]?: string } | undefined)?.[PLANS_KEY] ?? '');
    return Array.isArray(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
