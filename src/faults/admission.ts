import { FaultlineError, messageOf } from '../model/errors.ts';
import { isUnauthenticated } from '../model/http-status.ts';
import type { JsonPatchOp, KubeObject, ObjectRef } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Json } from '../model/scenario.ts';
import { markOps, sameJson, sameObjectOp } from './marks.ts';
import { keepOwners } from './ownership.ts';

/** How a refusal of admission is told, and what helps. */
type Refusal = { readonly what: string; readonly hint: string };

/**
 * The object as a patch would leave it after all that admission has to say, which may be another value than the patch has
 * (a webhook that names the mirror of a registry): asked by a dry run, which stores nothing. Undefined where that cannot be
 * asked: the caller may not patch, or a webhook takes no dry run, as none of `admissionregistration.k8s.io/v1` can be.
 * Throws FAULT_REFUSED where admission forbids it.
 */
export function admitted(
  cluster: Cluster,
  ref: ObjectRef & { readonly subresource?: string },
  ops: readonly JsonPatchOp[],
  refusal: Refusal,
): Promise<KubeObject | undefined> {
  return tried('patch', () => cluster.patch(ref, ops, { dryRun: true }), refusal);
}

/** The same of an object that is to be created; undefined as well where one of its name is there. */
export function admittedNew(cluster: Cluster, object: KubeObject, refusal: Refusal): Promise<KubeObject | undefined> {
  const ask = () => cluster.create(object, { dryRun: true });
  return tried('create', ask, refusal).catch((error) => {
    if (error instanceof FaultlineError && error.code === 'FAULT_CONFLICT') return undefined;
    throw error;
  });
}

async function tried(
  verb: 'patch' | 'create',
  ask: () => Promise<KubeObject>,
  { what, hint }: Refusal,
): Promise<KubeObject | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    if (error.message.includes('does not support dry run')) return undefined;
    // Where the credentials are not accepted nobody has asked admission.
    if (error.code !== 'PERMISSION_DENIED' || isUnauthenticated(error)) throw error;
    // What is not permitted is left to the list of permissions.
    if (error.message.includes(`cannot ${verb} resource`)) return undefined;
    throw new FaultlineError('FAULT_REFUSED', `${what}: ${error.message}`, { hint, cause: error });
  }
}

/** A value in an object, and what a fault would change it with. */
type Change<Value> = {
  readonly ref: ObjectRef;
  readonly object: KubeObject;
  readonly ops: readonly JsonPatchOp[];
  readonly read: (object: KubeObject) => Value;
  /** Whose mark the change leaves on the object. */
  readonly runId: string;
};

/**
 * What a value will be once it is changed so: what an undo finds there is that, and nobody else's doing. Undefined where it cannot be
 * asked. The change is asked with the marks that go with it. Throws FAULT_NO_TARGET where admission would make something else of the
 * value that is there now by any write: no undo could put it back.
 */
export async function admittedValue<Value extends Json | object>(
  cluster: Cluster,
  { ref, object, ops, read, runId }: Change<Value>,
): Promise<Value | undefined> {
  const where = `cluster ${cluster.name}: ${textOf(ref)}`;
  const refusal = {
    what: `${where}: the change is not admitted`,
    hint: 'The policy that is named there has to allow it.',
  };
  const ask = async (some: readonly JsonPatchOp[]): Promise<Value | undefined> => {
    const answer = await admitted(cluster, ref, [sameObjectOp(object), ...some], refusal);
    return answer === undefined ? undefined : read(answer);
  };
  const [now, kept] = [read(object), await ask([])];
  if (kept === undefined) return undefined;
  if (!sameJson(now as Json, kept as Json)) {
    const what = `${where}: admission makes ${JSON.stringify(kept)} of its ${JSON.stringify(now)} at any write, so that it could not be put back`;
    const hint = 'Let it hold what admission makes of it first: any write does that, as of a label.';
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  return ask(keepOwners(object, [...markOps(object, runId, {}), ...ops]));
}

/** A value that a fault has written, and the object as the API has answered that. */
type Written<Value> = {
  readonly ref: ObjectRef;
  readonly answer: KubeObject | undefined;
  readonly wanted: Value;
  readonly read: (object: KubeObject) => Value;
  /** What puts the value back, and takes the marks off, from what stands in the answer. */
  readonly back: (answer: KubeObject) => readonly JsonPatchOp[];
};

/**
 * Holds the answer to a write of a fault against what was sent. A webhook may change the real write alone, and nothing in a dry run: what
 * stands then is the fault's own doing, but no undo, which has the plan alone, could tell it from somebody else's edit. So it is put back at
 * once. Throws FAULT_REFUSED where it is another value.
 */
export async function requireWritten<Value extends Json | object>(
  cluster: Cluster,
  { ref, answer, wanted, read, back }: Written<Value>,
): Promise<void> {
  if (answer === undefined) return;
  const made = read(answer);
  if (sameJson(made as Json, wanted as Json)) return;
  const putBack = await cluster.patch(ref, [sameObjectOp(answer), ...back(answer)]).then(
    () => 'it was put back at once',
    (error) => `it could not be put back at once: ${messageOf(error)}`,
  );
  const what = `cluster ${cluster.name}: ${textOf(ref)}: ${admissionMade(made, wanted)}, which a dry run had not told; ${putBack}`;
  const hint =
    'Something changes real writes alone; it has to leave those of a drill as they are: kubectl get mutatingwebhookconfigurations';
  throw new FaultlineError('FAULT_REFUSED', what, { hint });
}

/** What is said where the API has stored another value than was sent. */
export function admissionMade(made: Json | object, sent: Json | object): string {
  return `admission of the cluster has made ${JSON.stringify(made)} of the ${JSON.stringify(sent)} that was written`;
}

function textOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
