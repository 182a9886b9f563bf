import { holdMarks } from '../faults/held-marks.ts';
import { pointerStep } from '../faults/marks.ts';
import { isPlan } from '../faults/plan-shape.ts';
import { rewrite } from '../faults/rewrite.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import { type KubeObject, RUN_LABEL } from '../model/kubernetes.ts';
import { heldText, isLeaving } from '../model/leaving.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import { SCAN_COMMAND } from '../model/recover-command.ts';
import { again } from './again.ts';
import { describeLease, readLease } from './lease-record.ts';
import { plansRef } from './lock-objects.ts';

const PLANS_KEY = 'plans.json';

/**
 * Writes the plans of a run into the cluster they touch, before anything is touched: on a hosted runner the disk is gone after the job,
 * and this copy is what `recover` works from on another machine. Resolves to the object that holds them. Rejects with OPEN_RUN where
 * another run has left its own, and with FAULT_REFUSED where the cluster does not store them as they were sent.
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
    const held = {
      text: `the plans in ${PLANS_KEY}`,
      isOn: (object: KubeObject) => textIn(object) === data[PLANS_KEY],
    };
    return await holdMarks(cluster, [held]).create({ apiVersion, kind, metadata: { name, namespace, labels }, data });
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
 * that of a proxy which has passed nothing on. Rejects with KUBE_API where it stays, and where finalizers hold it.
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
    if (after?.metadata.uid !== uid || isLeaving(after)) return;
    const held = heldText(after);
    const why =
      held === undefined
        ? 'it was deleted with success and is still there (is its API server behind a proxy?)'
        : `it ${held}`;
    throw new FaultlineError('KUBE_API', why);
  });
}

/**
 * What is said of plans that stay in a cluster though they are of no use any more: where, of which run, and the command that takes them
 * away.
 */
export function keptPlansText(cluster: Cluster, namespace: string, runId: string, error: unknown): string {
  const { kind, name } = plansRef(namespace);
  const remove = inContext(`kubectl -n ${namespace} delete configmap/${name} --wait=false`, cluster);
  return (
    `cluster ${cluster.name}: the plans of run ${runId} in ${kind} ${namespace}/${name} could not be taken away: ${messageOf(error)}. ` +
    `While they are there, the next run is refused, and a recovery that does not read the journal of this run takes its faults for open: ${remove}`
  );
}

/** As keptPlansText, where the plans of other faults, which are open, are needed there. */
export function undonePlansText(cluster: Cluster, namespace: string, runId: string, error: unknown): string {
  const { kind, name } = plansRef(namespace);
  const look = inContext(`kubectl -n ${namespace} get configmap/${name} -o yaml`, cluster);
  return (
    `cluster ${cluster.name}: the plans of faults of run ${runId} that are undone could not be taken out of ${kind} ${namespace}/${name}: ` +
    `${messageOf(error)}. A recovery that does not read the journal of this run takes them for open: ${look}`
  );
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
  /** Somebody has deleted them, and finalizers hold them. */
  readonly held: boolean;
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
  const held = object.metadata.deletionTimestamp !== undefined;
  return { runId, plans, damaged: damaged || plans.some((plan) => plan.runId !== runId), held };
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

const textIn = ({ data }: KubeObject): string | undefined =>
  (data as { [PLANS_KEY]?: string } | undefined)?.[PLANS_KEY];

/** Undefined where it is no list. */
function listIn(object: KubeObject): readonly unknown[] | undefined {
  try {
    const found: unknown = JSON.parse(textIn(object) ?? '');
    return Array.isArray(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
