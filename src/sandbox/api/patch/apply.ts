import type { Json } from '../../../model/scenario.ts';
import { ApiError } from '../errors.ts';
import type { JsonMap } from '../json.ts';
import { mergeConfig, removeField } from './apply-merge.ts';
import { changedFields, type FieldSet, fieldsOf, intersect, isLeaf, members, minus, printPath } from './field-set.ts';
import {
  type ManagerEntry,
  readManagers,
  sameWriter,
  trackedPart,
  type Writer,
  withEntry,
  writeManagers,
} from './managed-fields.ts';
import type { MergeRule } from './schema.ts';

export type ApplyRequest = {
  readonly live: JsonMap;
  /** What the applier wants to own, and nothing else. */
  readonly config: JsonMap;
  readonly writer: Writer;
  readonly force: boolean;
  readonly rule: MergeRule;
  readonly time: string;
};

export type Applied = { readonly object: JsonMap; readonly managedFields: Json };

/**
 * Server-side apply (structured-merge-diff merge/update.go): fields of the config are set, fields this applier had applied
 * before and no longer names are removed unless somebody else owns them, and a field that another manager owns with another
 * value is a conflict.
 */
export function serverSideApply({ live, config, writer, force, rule, time }: ApplyRequest): Applied {
  const wanted = trackedPart(config, writer.subresource);
  const fields = fieldsOf(wanted, rule);
  const managers = knownManagers(live, writer, rule);
  const others = managers.filter((entry) => !sameWriter(entry, writer));
  const merged = mergeConfig(live, wanted, rule) as JsonMap;
  const changed = changedFields(live, merged, rule) ?? {};
  const conflicts = others
    .map((entry) => ({ entry, fields: intersect(entry.fields, changed) }))
    .filter((one) => !isLeaf(one.fields));
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);

  const last = managers.find((entry) => sameWriter(entry, writer))?.fields ?? {};
  for (const path of members(minus(last, fields))) {
    if (!others.some((entry) => ownsUnder(entry.fields, path))) removeField(merged, path, rule);
  }
  const rest = managers.map((entry) =>
    sameWriter(entry, writer) ? entry : { ...entry, fields: minus(entry.fields, changed) },
  );
  return { object: merged, managedFields: writeManagers(withEntry(rest, writer, fields, time)) };
}

/** Fields of an object that nobody tracked so far belong to `before-first-apply`. */
function knownManagers(live: JsonMap, writer: Writer, rule: MergeRule): ManagerEntry[] {
  const managers = readManagers(live);
  const fields = fieldsOf(trackedPart(live, undefined), rule);
  if (managers.length > 0 || isLeaf(fields)) return managers;
  const { apiVersion } = writer;
  return [{ manager: 'before-first-apply', operation: 'Update', apiVersion, time: '', fields }];
}

function ownsUnder(set: FieldSet, path: readonly string[]): boolean {
  let current: FieldSet | undefined = set;
  for (const element of path) {
    current = current[element];
    if (current === undefined) return false;
    if (isLeaf(current)) return true;
  }
  return true;
}

/** Worded as apiserver's fieldmanager: `Apply failed with 1 conflict: conflict with "x" using apps/v1: .spec.replicas`. */
function conflictError(conflicts: readonly { readonly entry: ManagerEntry; readonly fields: FieldSet }[]): ApiError {
  const all = conflicts.flatMap(({ entry, fields }) =>
    members(fields).map((path) => ({
      who: ownerText(entry),
      field: printPath(path),
    })),
  );
  const count = `${all.length} conflict${all.length === 1 ? '' : 's'}`;
  const lines = [...new Set(all.map(({ who }) => who))].map((who) => {
    const paths = all.filter((one) => one.who === who).map((one) => one.field);
    return paths.length === 1 ? `${who}: ${paths[0]}` : `${who}:\n${paths.map((path) => `- ${path}`).join('\n')}`;
  });
  return new ApiError(409, 'Conflict', `Apply failed with ${count}: ${lines.join('\n')}`, {
    causes: all.map(({ who, field }) => ({ reason: 'FieldManagerConflict', message: who, field })),
  });
}

/** An applier is known by its name, everybody else also by the door and the version it wrote through. */
function ownerText({ manager, operation, apiVersion, subresource }: ManagerEntry): string {
  if (operation === 'Apply') return `conflict with "${manager}"`;
  const door = subresource === undefined ? '' : ` with subresource "${subresource}"`;
  return `conflict with "${manager}"${door} using ${apiVersion}`;
}
