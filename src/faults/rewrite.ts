import { FaultlineError } from '../model/errors.ts';
import type { JsonPatchOp, KubeObject, ObjectRef } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { unchangedOps } from './marks.ts';

/** How often a write that met somebody else's write is decided anew. */
const TRIES = 5;

/**
 * Reads an object, decides on it, and writes what was decided only if nobody has written in between; else it reads and
 * decides anew, a few times. No operations: nothing is written. What `decide` throws ends it at once.
 */
export async function rewrite(
  cluster: Cluster,
  ref: ObjectRef & { readonly subresource?: string },
  decide: (object: KubeObject | undefined) => readonly JsonPatchOp[],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const object = await cluster.get(ref);
    const ops = decide(object);
    if (object === undefined || ops.length === 0) return;
    try {
      await cluster.patch(ref, [...unchangedOps(object), ...ops]);
      return;
    } catch (error) {
      const again = error instanceof FaultlineError && error.code === 'FAULT_CONFLICT' && attempt < TRIES;
      if (!again) throw error;
    }
  }
}
