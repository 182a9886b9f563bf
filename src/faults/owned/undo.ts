import type { FaultContext, FaultPlan, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import type { KubeObject, ObjectRef } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { endAll } from '../end-all.ts';
import { otherMark } from '../marks.ts';

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
  for (const ref of refs) await remove(cluster, ref, plan.runId);
  const there = (await endAll(refs.map((ref) => cluster.get(ref)))).filter(isThere);
  const left = there.filter((object) => otherMark(object, plan.runId) === undefined);
  const foreign = there.filter((object) => !left.includes(object));
  return {
    state: foreign.length > 0 ? 'conflict' : left.length > 0 ? 'failed' : 'undone',
    detail: there.length === 0 ? await done() : detailOf(left, foreign),
    objects: plan.objects.map((object) => touched(object, left, foreign)),
    commands: left.map(
      ({ kind, metadata: { namespace, name } }) => `kubectl -n ${namespace} delete ${kind.toLowerCase()}/${name}`,
    ),
  };
}

async function remove(cluster: Cluster, ref: Placed, runId: string): Promise<void> {
  const object = await cluster.get(ref);
  if (object === undefined || otherMark(object, runId) !== undefined) return;
  const { uid } = object.metadata;
  await cluster.delete(ref, uid === undefined ? {} : { uid });
}

/** There, and not on its way out. */
function isThere(object: KubeObject | undefined): object is KubeObject {
  return object !== undefined && object.metadata.deletionTimestamp === undefined;
}

function detailOf(left: readonly KubeObject[], foreign: readonly KubeObject[]): string {
  const nameOf = ({ kind, metadata: { namespace, name } }: KubeObject) => `${kind} ${namespace}/${name}`;
  const parts = [
    ...(left.length === 0 ? [] : [`left: ${left.map(nameOf).join(', ')}`]),
    ...(foreign.length === 0 ? [] : [`not of this run and left alone: ${foreign.map(nameOf).join(', ')}`]),
  ];
  return parts.join('; ');
}

function touched(object: TouchedObject, left: readonly KubeObject[], foreign: readonly KubeObject[]): TouchedObject {
  const isIt = ({ kind, metadata: { namespace, name } }: KubeObject) =>
    kind === object.kind && namespace === object.namespace && name === object.name;
  if (left.some(isIt)) return { ...object, after: 'present', state: 'left-behind' };
  if (foreign.some(isIt)) return { ...object, after: 'present', state: 'conflict' };
  return { ...object, after: 'absent', state: 'put-back' };
}
