import { FaultlineError } from '../model/errors.ts';
import type { JsonPatchOp, KubeObject, ObjectRef } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { sameObjectOp, unchangedOps } from './marks.ts';

/** How often a write that met somebody else's write is decided anew. */
const TRIES = 5;

type Target = ObjectRef & { readonly subresource?: string };
type Decide = (object: KubeObject | undefined) => readonly JsonPatchOp[];

/**
 * Reads an object, decides on it, and writes what was decided only if nobody has written in between; else it reads and
 * decides anew, a few times. No operations: nothing is written. What `decide` throws ends it at once.
 */
export function rewrite(cluster: Cluster, ref: Target, decide: Decide): Promise<void> {
  return write(cluster, ref, decide, unchangedOps);
}

/**
 * As `rewrite`, for an undo, whose operations test every value that they change: what others write beside it, as often as
 * they like, does not keep it from being put back.
 */
export function restore(cluster: Cluster, ref: Target, decide: Decide): Promise<void> {
  return write(cluster, ref, decide, (object) => [sameObjectOp(object)]);
}

async function write(
  cluster: Cluster,
  ref: Target,
  decide: Decide,
  guard: (object: KubeObject) => readonly JsonPatchOp[],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const object = await cluster.get(ref);
    const ops = decide(object);
    if (object === undefined || ops.length === 0) return;
    try {
      await cluster.patch(ref, [...guard(object), ...ops]);
      return;
    } catch (error) {
      const again = error instanceof FaultlineError && error.code === 'FAULT_CONFLICT' && attempt < TRIES;
      if (!again) throw error;
    }
  }
}
