import { FaultlineError } from '../model/errors.ts';
import type { JsonPatchOp, KubeObject, ObjectRef } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { backAtOnce, MarksLost } from './held-marks.ts';
import { sameObjectOp, unchangedOps } from './marks.ts';
import { giveBackOps, keepOwners, valuesFirst } from './ownership.ts';

/** How often a write that met somebody else's write is decided anew. */
const TRIES = 5;

/** How often an undo tries to give fields back to their owners, whose entries others have written in between; a try is two requests. */
const OWNER_TRIES = 30;

type Rewritten = ObjectRef & { readonly subresource?: string };
type Decide = (object: KubeObject | undefined) => readonly JsonPatchOp[];

/**
 * Reads an object, decides on it, and writes what was decided only if nobody has written in between; else it reads and decides anew, a
 * few times. No operations: nothing is written. What `decide` throws ends it at once. Resolves to what the API has answered to the write:
 * the object as admission has let it be stored. Where that lacks marks, it is put back at once, and rejects with FAULT_REFUSED.
 */
export async function rewrite(cluster: Cluster, ref: Rewritten, decide: Decide): Promise<KubeObject | undefined> {
  for (let attempt = 1; ; attempt++) {
    const object = await cluster.get(ref);
    const ops = decide(object);
    if (object === undefined || ops.length === 0) return undefined;
    const marked = [...unchangedOps(object), ...keepOwners(object, ops)];
    const answer = await write(cluster, ref, marked, attempt).catch(async (error) => {
      throw error instanceof MarksLost ? await backAtOnce(cluster, ref, object, error) : error;
    });
    if (answer !== undefined) return answer;
  }
}

/**
 * As `rewrite`, for an undo, whose operations test every value that they change: what others write beside it, as often as
 * they like, does not keep it from being put back. With the marks goes what the fault has taken of others' ownership, unless others
 * change that all the time. It reads back and goes on until nothing is left to decide, and resolves to the object as it was then; rejects
 * with FAULT_CONFLICT where others change what is decided on all the time. `onAnswer` hears what the API has answered to each write: the
 * object as admission has let it be stored.
 */
export async function restore(
  cluster: Cluster,
  ref: Rewritten,
  decide: Decide,
  onAnswer: (answer: KubeObject) => void = () => {},
): Promise<KubeObject | undefined> {
  let lost = 0;
  for (let attempt = 1; ; attempt++) {
    const object = await cluster.get(ref);
    const ops = decide(object);
    if (object === undefined || ops.length === 0) return object;
    if (attempt > TRIES + lost) throw restless(cluster, ref);
    const next = valuesFirst(ops);
    const owners = lost < OWNER_TRIES ? giveBackOps(object, next) : [];
    const tried = owners.length > 0 ? 1 : attempt - lost;
    const answer = await write(cluster, ref, [sameObjectOp(object), ...owners, ...next], tried);
    if (answer !== undefined) onAnswer(answer);
    else if (owners.length > 0) lost += 1;
  }
}

function restless({ name }: Cluster, { kind, namespace, name: object }: Rewritten): FaultlineError {
  const place = namespace === undefined ? '' : `${namespace}/`;
  const what = `cluster ${name}: ${kind} ${place}${object} is changed all the time: what an undo writes there does not stay`;
  const hint =
    'Somebody, or what changes writes there (a webhook, a policy), sets it anew each time: stop that, and recover again.';
  return new FaultlineError('FAULT_CONFLICT', what, { hint });
}

/** The answer; undefined where somebody else was faster. Rejects with that after too many tries. */
async function write(
  cluster: Cluster,
  ref: Rewritten,
  ops: readonly JsonPatchOp[],
  attempt: number,
): Promise<KubeObject | undefined> {
  try {
    return await cluster.patch(ref, ops);
  } catch (error) {
    if (!(error instanceof FaultlineError && error.code === 'FAULT_CONFLICT' && attempt < TRIES)) throw error;
    return undefined;
  }
}
