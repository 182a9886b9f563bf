import type { Json } from '../../../model/scenario.ts';
import { clone, type JsonMap, mapOf, mapsOf, sameJson, stringOf } from '../json.ts';
import { changedFields, type FieldSet, fieldsOf, isLeaf, minus, union } from './field-set.ts';
import type { MergeRule } from './schema.ts';

/** Who writes, and through which door. */
export type Writer = {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string;
};

/** One entry of metadata.managedFields. */
export type ManagerEntry = Writer & { readonly time: string; readonly fields: FieldSet };

const SYSTEM_METADATA = [
  'name',
  'namespace',
  'generateName',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'uid',
  'generation',
  'resourceVersion',
  'selfLink',
  'managedFields',
];

/** The part of an object whose ownership is tracked for a writer: the status only through its subresource, and nothing else there. */
export function trackedPart(object: JsonMap, subresource: string | undefined): JsonMap {
  if (subresource === 'status') return object.status === undefined ? {} : { status: object.status };
  const { apiVersion: _, kind: __, status: ___, metadata, ...rest } = object;
  const kept = Object.entries(mapOf(metadata)).filter(([field]) => !SYSTEM_METADATA.includes(field));
  return kept.length === 0 ? rest : { metadata: Object.fromEntries(kept), ...rest };
}

export function readManagers(object: JsonMap): ManagerEntry[] {
  return mapsOf(mapOf(object.metadata).managedFields)
    .filter((entry) => stringOf(entry.manager) !== '')
    .map((entry) => ({
      manager: stringOf(entry.manager),
      operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
      apiVersion: stringOf(entry.apiVersion),
      ...(typeof entry.subresource === 'string' ? { subresource: entry.subresource } : {}),
      time: stringOf(entry.time),
      fields: clone(mapOf(entry.fieldsV1)) as FieldSet,
    }));
}

export function writeManagers(entries: readonly ManagerEntry[]): Json {
  return entries
    .filter((entry) => !isLeaf(entry.fields))
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      manager,
      operation,
      apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: fields as JsonMap,
      ...(subresource === undefined ? {} : { subresource }),
    }));
}

export function sameWriter(a: Writer, b: Writer): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.apiVersion === b.apiVersion &&
    (a.subresource ?? '') === (b.subresource ?? '')
  );
}

/** Puts what a writer owns now into the list; the time moves only with the set of fields. */
export function withEntry(
  entries: readonly ManagerEntry[],
  writer: Writer,
  fields: FieldSet,
  time: string,
): ManagerEntry[] {
  const old = entries.find((entry) => sameWriter(entry, writer));
  const entry: ManagerEntry = { ...writer, fields, time: old && sameJson(old.fields, fields) ? old.time : time };
  return old === undefined ? [...entries, entry] : entries.map((one) => (one === old ? entry : one));
}

type UpdateFacts = {
  readonly before: JsonMap | undefined;
  readonly after: JsonMap;
  readonly writer: Writer;
  readonly rule: MergeRule;
  readonly time: string;
};

/**
 * managedFields after an ordinary write: the writer owns what it changed, everybody loses what is gone
 * (structured-merge-diff Update). A list that the client left out is kept; `[{}]` starts a new one.
 */
export function managersAfterUpdate({ before, after, writer, rule, time }: UpdateFacts): Json {
  const old = trackedPart(before ?? {}, writer.subresource);
  const next = trackedPart(after, writer.subresource);
  const changed = changedFields(old, next, rule) ?? {};
  const gone = minus(fieldsOf(old, rule), fieldsOf(next, rule));
  const given = mapsOf(mapOf(after.metadata).managedFields).length > 0;
  const entries = readManagers(given ? after : (before ?? {})).map((entry) => {
    const kept = minus(entry.fields, gone);
    return { ...entry, fields: sameWriter(entry, writer) ? kept : minus(kept, changed) };
  });
  if (isLeaf(changed)) return writeManagers(entries);
  const own = entries.find((entry) => sameWriter(entry, writer));
  return writeManagers(withEntry(entries, writer, union(own?.fields ?? {}, changed), time));
}
