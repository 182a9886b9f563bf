import { matches } from '../schema/pattern.ts';
import type { JsonSchema } from '../schema/schema.ts';
import { type Above, type Cursor, ownerSpan, pathText } from './cursor.ts';
import { standsElsewhere } from './elsewhere.ts';
import { listed, quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import { nearest } from './suggest.ts';
import type { Entry, MapNode } from './yaml-tree.ts';

type DecodeAt = (schema: JsonSchema, cursor: Cursor, problems: Problems) => unknown;

/** Keys that are not fields, and the fields they were probably meant to be. */
type Misspelt = { readonly count: number; readonly meant: ReadonlySet<string> };

/** Reads a mapping: its fields, what is missing, what does not belong, and which groups of fields are given. */
export function decodeMap(schema: JsonSchema, map: MapNode, cursor: Cursor, problems: Problems, decodeAt: DecodeAt) {
  const { properties = {}, additionalProperties: rest = true } = schema;
  const result: { [name: string]: unknown } = {};
  const unknown: Entry[] = [];
  const here = aboveOf(schema, cursor);
  for (const entry of map.entries) {
    const known = Object.hasOwn(properties, entry.key) ? properties[entry.key] : undefined;
    const field = known ?? (typeof rest === 'object' ? rest : undefined);
    const child = { node: entry.value, path: [...cursor.path, entry.key], key: entry.keySpan, above: here };
    if (known === undefined && schema.propertyNames !== undefined) checkName(schema.propertyNames, entry, problems);
    if (field !== undefined) result[entry.key] = decodeAt(field, child, problems);
    else if (rest === false) unknown.push(entry);
  }
  const misspelt = reportUnknown(schema, map, unknown, cursor, problems);
  reportMissing(schema, map, misspelt, cursor, problems);
  reportGroups(schema, map, misspelt, cursor, problems);
  fillDefaults(properties, map, cursor, result, decodeAt);
  return result;
}

function aboveOf(schema: JsonSchema, { path, above }: Cursor): Above {
  return { schema, path, ...(above && { above }) };
}

function checkName(names: JsonSchema, entry: Entry, problems: Problems): void {
  if (names.pattern === undefined || matches(names.pattern, entry.key)) return;
  const reason = names.patternErrorMessage ?? `must match the pattern ${quoted(names.pattern)}`;
  const hint = names['x-elsewhere']?.[entry.key.toLowerCase()];
  error(problems, 'FIELD_VALUE', entry.keySpan, `the name ${quoted(entry.key)} ${reason}`, hint);
}

function reportUnknown(
  schema: JsonSchema,
  map: MapNode,
  unknown: readonly Entry[],
  cursor: Cursor,
  problems: Problems,
): Misspelt {
  const fields = Object.keys(schema.properties ?? {});
  const given = new Set(map.entries.map((entry) => entry.key));
  const likely = [...fields.filter((field) => !given.has(field)), ...fields.filter((field) => given.has(field))];
  const meant = new Set<string>();
  const where = cursor.path.length === 0 ? 'at the top of the file' : `in ${pathText(cursor.path)}`;
  for (const { key, keySpan } of unknown) {
    const suggestion = nearest(key, likely);
    if (suggestion !== undefined) meant.add(suggestion);
    const what = schema['x-choice'] === undefined ? 'field' : `field or ${schema['x-choice']}`;
    const near = suggestion === undefined ? `known here: ${listed(fields)}` : `did you mean ${quoted(suggestion)}?`;
    const elsewhere = standsElsewhere(key, aboveOf(schema, cursor));
    const hint = elsewhere === undefined ? near : `it stands in ${elsewhere}`;
    error(problems, 'FIELD_UNKNOWN', keySpan, `unknown ${what} ${quoted(key)} ${where}`, hint);
  }
  return { count: unknown.length, meant };
}

function reportMissing(schema: JsonSchema, map: MapNode, misspelt: Misspelt, cursor: Cursor, problems: Problems): void {
  for (const name of schema.required ?? []) {
    if (misspelt.meant.has(name) || map.entries.some((entry) => entry.key === name)) continue;
    const code = schema.properties?.[name]?.['x-code'] ?? 'FIELD_MISSING';
    error(
      problems,
      code,
      ownerSpan(cursor),
      `${pathText(cursor.path)} needs the field ${quoted(name)}`,
      example(schema, name),
    );
  }
  const least = schema.minProperties ?? 0;
  if (map.entries.length < least) {
    const fields = Object.keys(schema.properties ?? {});
    const hint = fields.length === 0 ? undefined : `known here: ${listed(fields)}`;
    const message = `${pathText(cursor.path)} needs at least ${least === 1 ? 'one field' : `${least} fields`}`;
    error(problems, 'FIELD_MISSING', ownerSpan(cursor), message, hint);
  }
}

function example(schema: JsonSchema, name: string): string | undefined {
  const field = schema.properties?.[name];
  const value = field?.examples?.[0] ?? field?.const ?? (field?.enum?.length === 1 ? field.enum[0] : undefined);
  return typeof value === 'string' || typeof value === 'number'
    ? `for example ${quoted(`${name}: ${value}`)}`
    : undefined;
}

/** `anyOf` and `oneOf` beside `properties` are groups of required fields; a mapping may have both. */
function reportGroups(schema: JsonSchema, map: MapNode, misspelt: Misspelt, cursor: Cursor, problems: Problems): void {
  for (const rule of [schema.oneOf, schema.anyOf]) {
    if (rule !== undefined) reportGroup(rule, schema, map, misspelt, cursor, problems);
  }
}

function reportGroup(
  rule: readonly JsonSchema[],
  schema: JsonSchema,
  map: MapNode,
  misspelt: Misspelt,
  cursor: Cursor,
  problems: Problems,
): void {
  const groups = rule.map((branch) => branch.required ?? []);
  const isGiven = (name: string): boolean => map.entries.some((entry) => entry.key === name);
  const complete = groups.filter((group, at) => group.every(isGiven) && !rule[at]?.not?.required?.some(isGiven));
  const names = groups.map((group) => group.join(' + '));
  const what = schema['x-choice'] === undefined ? undefined : `one ${schema['x-choice']}`;
  const owner = pathText(cursor.path);
  if (complete.length === 0 && misspelt.count === 0) {
    const message = what === undefined ? `${owner} needs ${listed(names, 'or')}` : `${owner} needs ${what}`;
    const hint = what === undefined ? undefined : `one of ${listed(names, 'or')}`;
    error(problems, 'FIELD_MISSING', ownerSpan(cursor), message, hint);
  }
  if (rule !== schema.oneOf || complete.length < 2) return;
  const second = map.entries.filter((entry) => complete.some((group) => group.includes(entry.key)))[1];
  const message = `${owner} must have only ${what ?? `one of ${listed(names)}`}`;
  error(problems, 'FIELD_VALUE', second?.keySpan ?? ownerSpan(cursor), message);
}

function fillDefaults(
  properties: { readonly [name: string]: JsonSchema },
  map: MapNode,
  cursor: Cursor,
  result: { [name: string]: unknown },
  decodeAt: DecodeAt,
): void {
  for (const [name, field] of Object.entries(properties)) {
    if (field.default === undefined || map.entries.some((entry) => entry.key === name)) continue;
    const node = literal(field.default);
    result[name] = decodeAt(field, { node, path: [...cursor.path, name] }, []);
  }
}

function literal(value: unknown): Cursor['node'] {
  const place = { start: 0, end: 0 };
  if (Array.isArray(value)) return { kind: 'list', items: value.map(literal), ...place };
  if (typeof value === 'object') return { kind: 'map', entries: [], ...place };
  return { kind: 'scalar', value: value as string | number | boolean, source: String(value), ...place };
}
