import { type JsonPatchOp, type KubeObject, RUN_LABEL, UNDO_ANNOTATION } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';

/** Escapes one step of a JSON pointer (RFC 6901). */
export function pointerStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

const LABEL_PATH = `/metadata/labels/${pointerStep(RUN_LABEL)}`;
const ANNOTATION_PATH = `/metadata/annotations/${pointerStep(UNDO_ANNOTATION)}`;

/** Patch operations that fail when anybody has written the object since it was read. */
export function unchangedOps(object: KubeObject): JsonPatchOp[] {
  const { uid = '', resourceVersion = '' } = object.metadata;
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
  ];
}

/** Patch operations that mark an object as changed by a run, with what to put back, in the same patch as the change. */
export function markOps(object: KubeObject, runId: string, undo: Json): JsonPatchOp[] {
  const ops: JsonPatchOp[] = [];
  if (object.metadata.labels === undefined) ops.push({ op: 'add', path: '/metadata/labels', value: {} });
  if (object.metadata.annotations === undefined) ops.push({ op: 'add', path: '/metadata/annotations', value: {} });
  ops.push({ op: 'add', path: LABEL_PATH, value: runId });
  ops.push({ op: 'add', path: ANNOTATION_PATH, value: JSON.stringify(undo) });
  return ops;
}

/** Patch operations that take a run's marks off an object; none where it carries none of this run. */
export function unmarkOps(object: KubeObject, runId: string): JsonPatchOp[] {
  if (object.metadata.labels?.[RUN_LABEL] !== runId) return [];
  const ops: JsonPatchOp[] = [
    { op: 'test', path: LABEL_PATH, value: runId },
    { op: 'remove', path: LABEL_PATH },
  ];
  if (object.metadata.annotations?.[UNDO_ANNOTATION] !== undefined) ops.push({ op: 'remove', path: ANNOTATION_PATH });
  return ops;
}

/** The run that has marked an object, if any. */
export function markedBy(object: KubeObject): string | undefined {
  return object.metadata.labels?.[RUN_LABEL];
}

/** Sets a field that may be there or not; undefined takes it away. */
export function setOps(path: string, from: Json | undefined, to: Json | undefined): JsonPatchOp[] {
  const guard: JsonPatchOp[] = from === undefined ? [] : [{ op: 'test', path, value: from }];
  if (to === undefined) return from === undefined ? [] : [...guard, { op: 'remove', path }];
  return [...guard, { op: from === undefined ? 'add' : 'replace', path, value: to }];
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
