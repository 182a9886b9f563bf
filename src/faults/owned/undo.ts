import type { FaultContext, FaultPlan, UndoOutcome } from '../../model/fault.ts';
import type { KubeObject, ObjectRef } from '../../model/kubernetes.ts';
import { isLeaving } from '../../model/leaving.ts';
import type { Cluster } from '../../model/ports.ts';
import { endAll } from '../end-all.ts';
import { otherMark } from '../marks.ts';
import { deleteCommand, deletionOutcome, editedText } from './outcome.ts';

type Placed = ObjectRef & { readonly namespace: string };

/**
 * Deletes what a fault has created, in this order, by UID, and reads back. The name of each has run and fault in it, so that
 * one whose marks somebody has taken off is ours all the same; one that is marked by another run is not, and stays. `done` says in
 * words what is so when nothing is left.
 */
export async function removeOwned(
  plan: Pick<FaultPlan, 'runId' | 'objects'>,
  refs: readonly Placed[],
  { cluster }: Pick<FaultContext, 'cluster'>,
  done: () => Promise<string>,
): Promise<UndoOutcome> {
  const deleted: (KubeObject | undefined)[] = [];
  for (const ref of refs) deleted.push(await remove(cluster, ref, plan.runId));
  const there = (await endAll(refs.map((ref) => cluster.get(ref)))).filter(isThere);
  const left = there.filter((object) => otherMark(object, plan.runId) === undefined);
  const foreign = there.filter((object) => !left.includes(object));
  const words = there.length === 0 ? `${await done()}${editedText(deleted)}` : '';
  return deletionOutcome(plan.objects, { left, foreign }, { done: words, commandFor: deleteCommand });
}

/** Resolves to what was deleted. */
async function remove(cluster: Cluster, ref: Placed, runId: string): Promise<KubeObject | undefined> {
  const object = await cluster.get(ref);
  if (object === undefined || otherMark(object, runId) !== undefined) return undefined;
  const { uid } = object.metadata;
  await cluster.delete(ref, uid === undefined ? {} : { uid });
  return object;
}

/** There, and not about to be gone. */
function isThere(object: KubeObject | undefined): object is KubeObject {
  return object !== undefined && !isLeaving(object);
}
