import type { UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { heldText, removalCommand } from '../../model/leaving.ts';

/** `NetworkPolicy shop/faultline-…` */
const nameOf = ({ kind, metadata: { namespace, name } }: KubeObject): string => `${kind} ${namespace}/${name}`;

function leftText(object: KubeObject): string {
  const held = heldText(object);
  return `${nameOf(object)}${held === undefined ? '' : `, which ${held}`}`;
}

/**
 * What the deletion of a fault's objects came to, as it was read back: `left` is of this run and still there, `foreign` has
 * one of its names and is somebody else's. `done` says what is so when neither is there, `commandFor` what deletes one by hand.
 */
export function deletionOutcome(
  planned: readonly TouchedObject[],
  { left, foreign }: { readonly left: readonly KubeObject[]; readonly foreign: readonly KubeObject[] },
  { done, commandFor }: { readonly done: string; readonly commandFor: (object: KubeObject) => string },
): UndoOutcome {
  const parts = [
    ...(left.length === 0 ? [] : [`left: ${left.map(leftText).join(', ')}`]),
    ...(foreign.length === 0 ? [] : [`not of this run and left alone: ${foreign.map(nameOf).join(', ')}`]),
  ];
  return {
    // What failed is tried again; a conflict is found again then.
    state: left.length > 0 ? 'failed' : foreign.length > 0 ? 'conflict' : 'undone',
    detail: parts.length === 0 ? done : parts.join('; '),
    objects: planned.map((object) => touched(object, left, foreign)),
    commands: left.map(commandFor),
  };
}

/**
 * What is said of objects that were deleted and that somebody had changed since the fault made them: Kubernetes counts changes of a spec in
 * `metadata.generation`, from 1 on. Begins with a semicolon; empty where there are none.
 */
export function editedText(deleted: readonly (KubeObject | undefined)[]): string {
  const edited = deleted
    .filter((object) => object !== undefined && isEdited(object))
    .map((object) => nameOf(object as KubeObject));
  return edited.length === 0
    ? ''
    : `; what somebody had changed since it was made has gone with it: ${edited.join(', ')}`;
}

/** A deletion that waits for finalizers counts as a change as well. */
function isEdited({ metadata: { generation = 1, deletionTimestamp } }: KubeObject): boolean {
  return generation > 1 && deletionTimestamp === undefined;
}

/** The command that deletes an object by hand; of one that finalizers hold, the command that shows them. */
export function deleteCommand(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return removalCommand(`kubectl -n ${namespace}`, `${object.kind.toLowerCase()}/${name}`, object);
}

function touched(object: TouchedObject, left: readonly KubeObject[], foreign: readonly KubeObject[]): TouchedObject {
  const isIt = ({ kind, metadata: { namespace, name } }: KubeObject) =>
    kind === object.kind && namespace === object.namespace && name === object.name;
  if (left.some(isIt)) return { ...object, after: 'present', state: 'left-behind' };
  if (foreign.some(isIt)) return { ...object, after: 'present', state: 'conflict' };
  return { ...object, after: 'absent', state: 'put-back' };
}
