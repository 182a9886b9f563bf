import { FaultlineError } from '../../model/errors.ts';
import { readJob, whyJobIsOver } from '../../model/job-object.ts';
import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import { isLeaving } from '../../model/leaving.ts';
import type { Cluster } from '../../model/ports.ts';
import { admittedNew } from '../admission.ts';
import { expiryJob, type FaultId, objectName } from './objects.ts';

/** Where a fault has its Job, and after how long that ends it. */
export type Expiry = { readonly namespace: string; readonly expirySeconds: number };

/** An object of a fault; it has the fault's own name where none is said. */
type Owned = Expiry & { readonly kind: KubeKind; readonly name?: string };

/** The controller of Kubernetes itself, which counts the deadline; another one may not (Job: spec.managedBy). */
const JOB_CONTROLLER = 'kubernetes.io/job-controller';

/** Why Kubernetes would not delete a Job when the time of its fault is over: words that follow its name. Undefined where it would. */
export function whyNoExpiry(job: KubeObject | undefined, expirySeconds: number): string | undefined {
  const over = whyJobIsOver(job);
  if (over !== undefined || job === undefined) return over;
  const { activeDeadlineSeconds, ttlSecondsAfterFinished, managedBy = JOB_CONTROLLER } = readJob(job);
  if (activeDeadlineSeconds !== expirySeconds) {
    return `has activeDeadlineSeconds ${activeDeadlineSeconds ?? 'unset'} in place of ${expirySeconds}`;
  }
  if (ttlSecondsAfterFinished !== 0)
    return `has ttlSecondsAfterFinished ${ttlSecondsAfterFinished ?? 'unset'} in place of 0`;
  return managedBy === JOB_CONTROLLER ? undefined : `is left to another controller (managedBy ${managedBy})`;
}

/** Why an object would not go with its Job: words that follow its name. Another owner keeps it (Kubernetes: garbage collection). */
export function whyNotOwned({ metadata: { ownerReferences = [] } }: KubeObject, job: KubeObject): string | undefined {
  const { name, uid } = job.metadata;
  if (!ownerReferences.some((owner) => owner.uid === uid)) return `is not owned by its Job ${name}`;
  const other = ownerReferences.find((owner) => owner.uid !== uid);
  return other === undefined ? undefined : `is owned by ${other.kind} ${other.name} as well, which keeps it`;
}

/**
 * Looks whether Kubernetes would still end a fault by itself, and says why not. An object that is gone, or about to be, is off:
 * its proof says so.
 */
export async function whyEndless(
  cluster: Cluster,
  plan: FaultId,
  { kind, namespace, name = objectName(plan), expirySeconds }: Owned,
): Promise<string | undefined> {
  const object = await cluster.get({ ...kind, namespace, name });
  if (object === undefined || isLeaving(object)) return undefined;
  const job = await cluster.get({ ...KINDS.job, namespace, name: objectName(plan) });
  const why = whyNoExpiry(job, expirySeconds);
  if (why !== undefined || job === undefined) return `Job ${namespace}/${objectName(plan)} ${why}`;
  const notOwned = whyNotOwned(object, job);
  return notOwned === undefined ? undefined : `${kind.kind} ${namespace}/${name} ${notOwned}`;
}

/**
 * Asks by a dry run what the cluster would store of the Job of a fault. Throws FAULT_REFUSED where that would not end it, or is
 * not admitted.
 */
export async function requireExpiry(
  cluster: Cluster,
  plan: FaultId,
  { namespace, expirySeconds }: Expiry,
): Promise<void> {
  const what = `cluster ${cluster.name}: the Job that is to end fault ${plan.fault} when its time is over is not admitted in ${namespace}`;
  const job = expiryJob(plan, namespace, expirySeconds);
  const stored = await admittedNew(cluster, job, { what, hint: EXEMPT });
  const why = stored === undefined ? undefined : whyNoExpiry(stored, expirySeconds);
  if (why !== undefined) throw endless(cluster, `a new Job in ${namespace} ${why} once it is stored`);
}

/** Says that nothing would end a fault but its undo; `what` is the object, and what is wrong with it. */
export function endless({ name }: Cluster, what: string, then = ''): FaultlineError {
  const message = `cluster ${name}: ${what}: Kubernetes would not end the fault by itself if this run died${then}`;
  return new FaultlineError('FAULT_REFUSED', message, { hint: EXEMPT });
}

const EXEMPT =
  'Exempt what has the label app.kubernetes.io/managed-by=faultline, or that namespace, from what changes or refuses new objects ' +
  '(Kueue: managedJobsNamespaceSelector; Kyverno: exclude): kubectl get mutatingwebhookconfigurations';
