import { FIELD_MANAGER, type JsonPatchOp, type KubeObject, OWNERS_ANNOTATION } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { isMark, LABEL_PATH, OWNERS_PATH } from './marks.ts';

/*
 * Who owns a field (metadata.managedFields, Kubernetes: Server-Side Apply). A write takes the fields that it changes from whoever has applied
 * them, and a later write of the old value does not give them back: the next `kubectl apply --server-side` of their owner would be refused
 * with a conflict, days after the drill. So a fault leaves on what it changes who owned that, and its undo gives it back.
 */

/** A set of fields in the API server's own format (FieldsV1): `.` is the field itself, an empty object one without any below it. */
type Fields = { readonly [step: string]: Fields };

type Entry = {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly fieldsV1: Fields;
  readonly [other: string]: unknown;
};

/** The operations with one more that leaves on the object who owns what they change; the same where they do not mark it, or nobody does. */
export function keepOwners(object: KubeObject, ops: readonly JsonPatchOp[]): readonly JsonPatchOp[] {
  const mark = ops.find(({ op, path }) => op === 'add' && path === LABEL_PATH);
  if (mark?.op !== 'add') return ops;
  const changed = ops.filter(({ op, path }) => op !== 'test' && !path.startsWith('/metadata/')).map(({ path }) => path);
  const owned = entriesOf(object).flatMap((entry) => {
    const fieldsV1 = treeOf(leavesOf(entry.fieldsV1).filter((field) => changed.some((path) => isAt(field, path))));
    return Object.keys(fieldsV1).length === 0 ? [] : [{ ...identityOf(entry), fieldsV1 }];
  });
  return owned.length === 0
    ? ops
    : [...ops, { op: 'add', path: OWNERS_PATH, value: JSON.stringify({ runId: mark.value, owners: owned }) }];
}

/**
 * What of these operations is to be written first: where both are to be done, the marks stay on until the values are seen to be back.
 * Admission may make other values of what an undo writes, and the fault must be found then. And fields cannot be given back in the write
 * that puts their values back, since that is one more change of theirs.
 */
export function valuesFirst(ops: readonly JsonPatchOp[]): readonly JsonPatchOp[] {
  const values = ops.filter(({ path }) => !isMark(path));
  return values.some(({ op }) => op !== 'test') ? values : ops;
}

/**
 * Operations that give back, beside the marks that these take off, what this program owns now of what others had owned. They test and write
 * the entries concerned and no other: controllers renew their own all the time, at the latest in the rollout of this very undo.
 */
export function giveBackOps(object: KubeObject, ops: readonly JsonPatchOp[]): readonly JsonPatchOp[] {
  const isEnd = ops.some(({ op, path }) => op === 'remove' && path === OWNERS_PATH);
  return isEnd ? givenBack(object) : [];
}

/**
 * Whether somebody has written a value since that the fault had taken from its owner, be it with the same value: it is not this program's any
 * more. False where nobody can tell.
 */
export function isTakenSince(object: KubeObject, pointer: string): boolean {
  const entries = entriesOf(object);
  const kept = fieldsAt(keptOwners(object), pointer);
  const ours = fieldsAt(entries.filter(isOurs), pointer);
  return kept.length > 0 && entries.length > 0 && !kept.some((field) => ours.includes(field));
}

/** The same of a value that nobody had owned: whether it is others' now, and not this program's. */
export function isSetSince(object: KubeObject, pointer: string): boolean {
  const entries = entriesOf(object);
  const theirs = fieldsAt(
    entries.filter((entry) => !isOurs(entry)),
    pointer,
  );
  return theirs.length > 0 && fieldsAt(entries.filter(isOurs), pointer).length === 0;
}

function fieldsAt(entries: readonly Entry[], pointer: string): string[] {
  return entries.flatMap(({ fieldsV1 }) => pathsOf(fieldsV1)).filter((field) => isAt(field, pointer));
}

/** Operations that put every field back at its owner that is ours now. */
function givenBack(object: KubeObject): JsonPatchOp[] {
  const entries = entriesOf(object);
  const ours = new Set(entries.filter(isOurs).flatMap(({ fieldsV1 }) => pathsOf(fieldsV1)));
  const due = keptOwners(object).flatMap((entry) => {
    const fields = pathsOf(entry.fieldsV1).filter((field) => ours.has(field));
    return fields.length === 0 || isOurs(entry) ? [] : [{ entry, fields }];
  });
  const gone = new Set(due.flatMap(({ fields }) => fields));
  const changes = managedFieldsOf(object).flatMap((entry, place) => {
    if (!isEntry(entry)) return [];
    const all = pathsOf(entry.fieldsV1);
    const back = due.filter((one) => isSame(one.entry, entry)).flatMap(({ fields }) => fields);
    const fields = isOurs(entry) ? all.filter((field) => !gone.has(field)) : [...all, ...back];
    return fields.length === all.length ? [] : [{ path: `${ENTRIES_PATH}/${place}`, entry, fields }];
  });
  return [
    ...changes.map(({ path, entry }) => ({ op: 'test' as const, path, value: jsonOf(entry) })),
    // The last first: what is taken out moves those behind it.
    ...changes.toReversed().map(({ path, entry, fields }): JsonPatchOp => {
      if (fields.length === 0) return { op: 'remove', path };
      return { op: 'replace', path, value: jsonOf({ ...entry, fieldsV1: treeOf(fields) }) };
    }),
    ...due
      .filter(({ entry }) => !entries.some((one) => isSame(one, entry)))
      .map(({ entry, fields }): JsonPatchOp => {
        const anew = { ...identityOf(entry), fieldsType: 'FieldsV1', fieldsV1: treeOf(fields) };
        return { op: 'add', path: `${ENTRIES_PATH}/-`, value: jsonOf(anew) };
      }),
  ];
}

const ENTRIES_PATH = '/metadata/managedFields';
const jsonOf = (entry: Entry) => entry as unknown as Json;

const isOurs = ({ manager, operation }: Entry): boolean => manager === FIELD_MANAGER && operation === 'Update';

/** The entries that are whole; anybody may have written what stands there. */
function entriesOf(object: KubeObject): Entry[] {
  return managedFieldsOf(object).filter(isEntry);
}

function managedFieldsOf({ metadata }: KubeObject): readonly unknown[] {
  const { managedFields } = metadata as { readonly managedFields?: unknown };
  return Array.isArray(managedFields) ? managedFields : [];
}

function keptOwners({ metadata }: KubeObject): Entry[] {
  try {
    const { owners } = JSON.parse(metadata.annotations?.[OWNERS_ANNOTATION] ?? '') as { readonly owners?: unknown };
    return Array.isArray(owners) ? owners.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is Entry {
  if (value === null || typeof value !== 'object') return false;
  const { manager, operation, apiVersion, fieldsV1 } = value as Partial<Entry>;
  return [manager, operation, apiVersion].every((one) => typeof one === 'string') && isFields(fieldsV1);
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && Object.values(value).every(isFields);
}

function identityOf({ manager, operation, apiVersion, subresource }: Entry) {
  return { manager, operation, apiVersion, ...(subresource === undefined ? {} : { subresource }) };
}

function isSame(a: Entry, b: Entry): boolean {
  return JSON.stringify(identityOf(a)) === JSON.stringify(identityOf(b));
}

/** Between the steps of a field: none of them has one. */
const BETWEEN = '\n';

/** Every field of a set. */
function pathsOf(fields: Fields, above: readonly string[] = []): string[] {
  return Object.entries(fields).flatMap(([step, below]) => {
    if (step === '.') return [above.join(BETWEEN)];
    const path = [...above, step];
    return Object.keys(below).length === 0 ? [path.join(BETWEEN)] : pathsOf(below, path);
  });
}

/** Those that have none below them. */
function leavesOf(fields: Fields): string[] {
  const all = pathsOf(fields);
  return all.filter((path) => !all.some((other) => other.startsWith(`${path}${BETWEEN}`)));
}

type Growing = { [step: string]: Growing };

function treeOf(paths: readonly string[]): Fields {
  const root: Growing = {};
  const wanted = new Set(paths);
  for (const path of wanted) {
    let at = root;
    for (const step of path.split(BETWEEN)) at = at[step] ??= {};
  }
  for (const path of wanted) {
    const at = path.split(BETWEEN).reduce<Growing>((node, step) => node[step] ?? {}, root);
    if (Object.keys(at).length > 0) at['.'] = {};
  }
  return root;
}

/** Whether a field is the one at a JSON pointer, or one within it, or a list or map that is owned as a whole around it. */
function isAt(field: string, pointer: string): boolean {
  const steps = field.split(BETWEEN);
  const names = pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  // An item of a list is named by its keys there, and by its place here.
  return names.every((name, index) => {
    const step = steps[index];
    return step === undefined || step === `f:${name}` || (/^[kvi]:/.test(step) && /^\d+$|^-$/.test(name));
  });
}
