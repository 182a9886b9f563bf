import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { admittedNew } from '../admission.ts';
import { markedBy } from '../marks.ts';
import { type Expiry, endless, whyNoExpiry, whyNotOwned } from './expiry.ts';
import { expiryJob, type FaultId } from './objects.ts';

/** Creates an object of ours; one that this run has left in an earlier try is taken as it is. */
export async function createIfAbsent(cluster: Cluster, object: KubeObject): Promise<KubeObject> {
  const found = await cluster.get(refOf(object));
  if (found === undefined) return cluster.create(object);
  if (markedBy(found) === markedBy(object)) return found;
  const what = `cluster ${cluster.name}: ${nameOf(object)} is there already, and not of this run`;
  throw new FaultlineError('FAULT_CONFLICT', what);
}

/**
 * Creates the Job that ends a fault when its time is over, and the object that it owns. Rejects with FAULT_REFUSED, having taken
 * away what it has created, where what is stored would not end the fault: a dry run tells that of the object before it does anything.
 */
export async function createExpiring(
  cluster: Cluster,
  plan: FaultId,
  { namespace, expirySeconds }: Expiry,
  ownedBy: (job: KubeObject) => KubeObject,
): Promise<void> {
  const job = await createIfAbsent(cluster, expiryJob(plan, namespace, expirySeconds));
  await insist(cluster, job, [job], whyNoExpiry(job, expirySeconds));
  const object = ownedBy(job);
  const what = `cluster ${cluster.name}: ${nameOf(object)} is not admitted`;
  const tried = await admittedNew(cluster, object, { what, hint: 'The policy that is named there has to allow it.' });
  if (tried !== undefined) await insist(cluster, object, [job], whyNotOwned(tried, job));
  const stored = await createIfAbsent(cluster, object);
  await insist(cluster, stored, [stored, job], whyNotOwned(stored, job));
}

/** Takes away what was created, in this order and the Job last, where there is a reason to. */
async function insist(
  cluster: Cluster,
  object: KubeObject,
  created: readonly KubeObject[],
  why: string | undefined,
): Promise<void> {
  if (why === undefined) return;
  const job = created.at(-1);
  const removed = async () => {
    for (const one of created) await cluster.delete(refOf(one), { ...uidOf(one), foreground: one !== job });
    return 'what was created was taken away at once';
  };
  const then = await removed().catch(
    (error) => `what was created could not be taken away at once: ${messageOf(error)}`,
  );
  throw endless(cluster, `${nameOf(object)} ${why}`, `; ${then}`);
}

const refOf = ({ apiVersion, kind, metadata: { namespace = '', name = '' } }: KubeObject) => ({
  apiVersion,
  kind,
  namespace,
  name,
});

const nameOf = ({ kind, metadata: { namespace, name } }: KubeObject): string => `${kind} ${namespace}/${name}`;

const uidOf = ({ metadata: { uid } }: KubeObject) => (uid === undefined ? {} : { uid });
