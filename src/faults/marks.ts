import type { FaultContext } from '../model/fault.ts';
import {
  FENCE_LABEL,
  type JsonPatchOp,
  type KubeObject,
  OWNERS_ANNOTATION,
  PLAN_ANNOTATION,
  RUN_LABEL,
  UNDO_ANNOTATION,
} from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';

/** Escapes one step of a JSON pointer (RFC 6901). */
export function pointerStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Where the label of the run stands. */
export const LABEL_PATH = `/metadata/labels/${pointerStep(RUN_LABEL)}`;
/** Where the fence of an undo stands. */
export const FENCE_PATH = `/metadata/labels/${pointerStep(FENCE_LABEL)}`;
const annotationPath = (name: string) => `/metadata/annotations/${pointerStep(name)}`;
/** Where the patch stands that puts a changed object back. */
export const UNDO_PATH = annotationPath(UNDO_ANNOTATION);
/** Where the plan of the fault stands on an object. */
export const PLAN_PATH = annotationPath(PLAN_ANNOTATION);
/** Where on an object stands who owned what the fault has changed of it. */
export const OWNERS_PATH = annotationPath(OWNERS_ANNOTATION);

const MARKS = [LABEL_PATH, FENCE_PATH, UNDO_PATH, PLAN_PATH, OWNERS_PATH];

/** Whether something at this path is a mark, and no value of a fault. */
export function isMark(path: string): boolean {
  return MARKS.includes(path);
}

/** A patch operation that fails when the object of this name is another one by now. */
export function sameObjectOp({ metadata: { uid = '' } }: KubeObject): JsonPatchOp {
  return { op: 'test', path: '/metadata/uid', value: uid };
}

/** Patch operations that fail when anybody has written the object since it was read. */
export function unchangedOps(object: KubeObject): JsonPatchOp[] {
  const { resourceVersion = '' } = object.metadata;
  return [sameObjectOp(object), { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }];
}

/** Patch operations that mark an object as changed by a run, with what to put back, in the same patch as the change. */
export function markOps(object: KubeObject, runId: string, undo: Json): JsonPatchOp[] {
  const ops: JsonPatchOp[] = [];
  if (object.metadata.labels === undefined) ops.push({ op: 'add', path: '/metadata/labels', value: {} });
  if (object.metadata.annotations === undefined) ops.push({ op: 'add', path: '/metadata/annotations', value: {} });
  ops.push({ op: 'add', path: LABEL_PATH, value: runId });
  ops.push({ op: 'add', path: UNDO_PATH, value: JSON.stringify(undo) });
  return ops;
}

/**
 * Patch operations that take off an object what is left of a run's marks; none where it carries none of this run. Each is
 * removed by itself: somebody may have taken off or changed the others. The label of another run stays, with what that has left beside it.
 */
export function unmarkOps(object: KubeObject, runId: string): JsonPatchOp[] {
  const { labels = {}, annotations = {} } = object.metadata;
  const isOther = otherRun(object, runId) !== undefined;
  const isOurs = isOther ? planRun(annotations[PLAN_ANNOTATION]) === runId : isMarkedBy(object, runId);
  return [
    ...(isOurs && !isOther ? setOps(LABEL_PATH, labels[RUN_LABEL], undefined) : []),
    ...(labels[FENCE_LABEL] === runId ? setOps(FENCE_PATH, runId, undefined) : []),
    ...(isOurs ? setOps(UNDO_PATH, annotations[UNDO_ANNOTATION], undefined) : []),
    ...(isOurs ? setOps(PLAN_PATH, annotations[PLAN_ANNOTATION], undefined) : []),
    ...(planRun(annotations[OWNERS_ANNOTATION]) === runId
      ? setOps(OWNERS_PATH, annotations[OWNERS_ANNOTATION], undefined)
      : []),
  ];
}

/** As runs are named: by the time of their beginning. */
const RUN_ID = /^\d{8}t\d{6}z-/;

/** The run that the label of an object names, where that is another one than this. */
function otherRun({ metadata }: KubeObject, runId: string): string | undefined {
  const label = metadata.labels?.[RUN_LABEL];
  return label !== undefined && label !== runId && RUN_ID.test(label) ? label : undefined;
}

/** The run whose plan an object carries, if any; else that of its label. */
export function planOn({ metadata }: KubeObject): string | undefined {
  return planRun(metadata.annotations?.[PLAN_ANNOTATION]) ?? metadata.labels?.[RUN_LABEL];
}

/**
 * The run whose fault has marked an object, if any. Its plan says so even where somebody has changed the label; but a label that names a
 * run is of that one, since every fault writes both at once, and a rollback brings back the plan of an old one without its label.
 */
function faultOn(object: KubeObject): string | undefined {
  const planned = planOn(object);
  return (planned === undefined ? undefined : otherRun(object, planned)) ?? planned;
}

/** The run that has marked an object, if any; that of an undo which has left its fence, where no fault has. */
export function markedBy(object: KubeObject): string | undefined {
  return faultOn(object) ?? object.metadata.labels?.[FENCE_LABEL];
}

/**
 * Whether a fault of this run has marked an object, as its label or its plan says: either may have been changed, and a rollback
 * brings back the plan of an old drill, which its revision still has, and no label.
 */
export function hasFaultOf(object: KubeObject, runId: string): boolean {
  return object.metadata.labels?.[RUN_LABEL] === runId || faultOn(object) === runId;
}

/** As hasFaultOf; or an undo of this run has left its fence. */
export function isMarkedBy(object: KubeObject, runId: string): boolean {
  return hasFaultOf(object, runId) || markedBy(object) === runId;
}

/** The run that an object belongs to where it is another than this one; who has taken our marks off has not made it theirs. */
export function otherMark(object: KubeObject, runId: string): string | undefined {
  return isMarkedBy(object, runId) ? undefined : markedBy(object);
}

/** Whether an object is another one than the plan is about: somebody has deleted that one and created this. */
export function isAnew({ metadata }: KubeObject, { uid }: { readonly uid: string }): boolean {
  return metadata.uid !== uid;
}

/** Whether nobody can tell if a value of the fault on this object, which others set as well, is the fault's or theirs. */
export function isUnclaimed({ metadata }: KubeObject, { runId, plansGone }: FaultContext): boolean {
  return plansGone === true && metadata.labels?.[RUN_LABEL] !== runId;
}

/** What is said of such a value. */
export const UNCLAIMED =
  'which is what the fault had written, but neither its mark nor its plans are in the cluster any more: it was recovered, and somebody has set it on purpose since, or somebody has taken both away';

function planRun(text: string | undefined): string | undefined {
  try {
    const { runId } = JSON.parse(text ?? '{}') as { readonly runId?: unknown };
    return typeof runId === 'string' ? runId : undefined;
  } catch {
    return undefined;
  }
}

/** Sets a field that may be there or not; undefined takes it away. */
export function setOps(path: string, from: Json | undefined, to: Json | undefined): JsonPatchOp[] {
  const test: JsonPatchOp[] = from === undefined ? [] : [{ op: 'test', path, value: from }];
  if (to === undefined) return from === undefined ? [] : [...test, { op: 'remove', path }];
  return [...test, { op: from === undefined ? 'add' : 'replace', path, value: to }];
}

/** True when two JSON values are equal, whatever the order of their keys. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonical(a) === canonical(b);
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`;
}
