import type { Json } from '../../../model/scenario.ts';
import { isMap, type JsonMap, listOf, mapOf, sameJson } from '../json.ts';
import type { MergeRule } from './schema.ts';

/**
 * A set of fields in the form of managedFields' FieldsV1: `f:name` is a field, `k:{…}` an item of a keyed list, `v:…` an item
 * of a set, `.` the element itself. A branch without children is a member.
 */
export type FieldSet = { [element: string]: FieldSet };

const KEY_DEFAULTS: Readonly<Record<string, Json>> = { protocol: 'TCP' };

/** FieldsV1 name of a keyed list's item; keys that are left out have their default. */
export function itemElement(item: JsonMap, keys: readonly string[]): string {
  const id = Object.fromEntries(
    [...keys].sort().flatMap((key) => {
      const value = item[key] ?? KEY_DEFAULTS[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  return `k:${JSON.stringify(id)}`;
}

/** All fields an object sets. */
export function fieldsOf(value: Json | undefined, rule: MergeRule): FieldSet {
  if (Array.isArray(value)) return listFields(value, rule);
  if (!isMap(value) || rule.atomic === true) return {};
  const set: FieldSet = {};
  for (const [field, child] of Object.entries(value)) set[`f:${field}`] = fieldsOf(child, rule.fields?.[field] ?? {});
  return set;
}

function listFields(list: readonly Json[], rule: MergeRule): FieldSet {
  const set: FieldSet = {};
  const { mapKeys } = rule;
  if (mapKeys !== undefined) {
    for (const item of list.filter(isMap)) {
      set[itemElement(item, mapKeys)] = { '.': {}, ...fieldsOf(item, rule.items ?? {}) };
    }
  } else if (rule.set === true) {
    for (const item of list) set[`v:${JSON.stringify(item)}`] = {};
  }
  return set;
}

/** The fields of `next` that are new or have another value than in `current`. */
export function changedFields(
  current: Json | undefined,
  next: Json | undefined,
  rule: MergeRule,
): FieldSet | undefined {
  if (current === undefined) return next === undefined ? undefined : fieldsOf(next, rule);
  if (sameJson(current, next) || next === undefined) return undefined;
  if (isMap(current) && isMap(next) && rule.atomic !== true) {
    return collect(Object.keys(next), (field) => [
      `f:${field}`,
      changedFields(current[field], next[field], rule.fields?.[field] ?? {}),
    ]);
  }
  const { mapKeys } = rule;
  if (Array.isArray(current) && Array.isArray(next) && mapKeys !== undefined) {
    const before = new Map(current.filter(isMap).map((item) => [itemElement(item, mapKeys), item]));
    return collect(next.filter(isMap), (item) => {
      const element = itemElement(item, mapKeys);
      const old = before.get(element);
      const fields = changedFields(old, item, rule.items ?? {});
      return [element, old === undefined && fields !== undefined ? { '.': {}, ...fields } : fields];
    });
  }
  if (rule.set === true) {
    const before = listOf(current);
    return collect(listOf(next), (item) => [`v:${JSON.stringify(item)}`, before.includes(item) ? undefined : {}]);
  }
  return {};
}

function collect<T>(items: readonly T[], entry: (item: T) => [string, FieldSet | undefined]): FieldSet | undefined {
  const entries = items.map(entry).filter((one): one is [string, FieldSet] => one[1] !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

export function isLeaf(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { ...a };
  for (const [element, child] of Object.entries(b)) {
    const mine = result[element];
    result[element] = mine === undefined ? child : union(mine, child);
  }
  return result;
}

/** The members of `a` that are not members of `b`. */
export function minus(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [element, child] of Object.entries(a)) {
    const other = b[element];
    if (other === undefined) result[element] = child;
    else if (!isLeaf(other) && !isLeaf(child)) {
      const rest = minus(child, other);
      if (!isLeaf(rest)) result[element] = rest;
    }
  }
  return result;
}

/** The members that both have. A member of one covers everything below it in the other. */
export function intersect(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [element, child] of Object.entries(a)) {
    const other = b[element];
    if (other === undefined) continue;
    if (isLeaf(child) || isLeaf(other)) {
      result[element] = isLeaf(child) ? other : child;
    } else {
      const both = intersect(child, other);
      if (!isLeaf(both)) result[element] = both;
    }
  }
  return result;
}

/** Every member as a list of elements from the root. */
export function members(set: FieldSet, prefix: readonly string[] = []): string[][] {
  return Object.entries(set).flatMap(([element, child]) => {
    if (element === '.') return [[...prefix]];
    const path = [...prefix, element];
    return isLeaf(child) ? [path] : members(child, path);
  });
}

/** A path as conflict messages print it: `.spec.template.spec.containers[name="c"].image`. */
export function printPath(path: readonly string[]): string {
  return path
    .map((element) => {
      const text = element.slice(2);
      if (element.startsWith('f:')) return `.${text}`;
      if (element.startsWith('v:')) return `[=${text}]`;
      const keys = Object.entries(mapOf(JSON.parse(text)));
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
