import { FaultlineError } from '../../model/errors.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Json } from '../../model/scenario.ts';
import { markedBy } from '../marks.ts';
import { expiryJob, type FaultId, ownedMetadata } from './objects.ts';

/** Creates an object of ours; one that this run has left in an earlier try is taken as it is. */
export async function createIfAbsent(cluster: Cluster, object: KubeObject): Promise<KubeObject> {
  const { namespace = '', name = '' } = object.metadata;
  const found = await cluster.get({ apiVersion: object.apiVersion, kind: object.kind, namespace, name });
  if (found === undefined) return cluster.create(object);
  if (markedBy(found) === markedBy(object)) return found;
  const what = `cluster ${cluster.name}: ${object.kind} ${namespace}/${name} is there already, and not of this run`;
  throw new FaultlineError('FAULT_CONFLICT', what);
}

/** What a fault creates, and how long it may last. */
type OwnedFault = {
  readonly kind: { readonly apiVersion: string; readonly kind: string };
  readonly namespace: string;
  readonly spec: Json;
  readonly expirySeconds: number;
};

/** Creates the dead-man Job and the object that it owns. */
export async function createOwned(cluster: Cluster, plan: FaultId, owned: OwnedFault): Promise<void> {
  const { kind, namespace, spec, expirySeconds } = owned;
  const job = await createIfAbsent(cluster, expiryJob(plan, namespace, expirySeconds));
  await createIfAbsent(cluster, { ...kind, metadata: ownedMetadata(plan, namespace, job), spec });
}
