import type { Json } from '../../../model/scenario.ts';
import { isMap, type JsonMap } from '../json.ts';
import type { Decoded } from './builtin-fields.ts';
import { BUILTIN, customSchema, type Schema } from './schemas.ts';

/** What every object has, whatever its schema says of it. */
const COMMON = ['apiVersion', 'kind', 'metadata'];

/**
 * Prunes a custom resource: what its schema does not name is left out and told, in the order of the alphabet
 * (apiextensions-apiserver pkg/apiserver/schema/pruning).
 */
export function pruneCustom(object: JsonMap, resource: { kind: string; group: string }): Decoded {
  const unknown: string[] = [];
  const { metadata } = object;
  const common = Object.fromEntries(
    COMMON.flatMap((field) => (field in object ? [[field, object[field]]] : [])),
  ) as JsonMap;
  if (isMap(metadata)) common.metadata = pruneMetadata(metadata, unknown);
  const rest = Object.fromEntries(Object.entries(object).filter(([field]) => !COMMON.includes(field))) as JsonMap;
  const pruned = prune(rest, customSchema(resource), '', unknown) as JsonMap;
  return { object: { ...common, ...pruned }, unknown: unknown.sort() };
}

function pruneMetadata(metadata: JsonMap, unknown: string[]): JsonMap {
  const fields = BUILTIN.definitions['meta.v1.ObjectMeta'] ?? {};
  return Object.fromEntries(
    Object.entries(metadata).filter(([field]) => {
      if (Object.hasOwn(fields, field)) return true;
      unknown.push(`metadata.${field}`);
      return false;
    }),
  ) as JsonMap;
}

function prune(value: Json, schema: Schema, path: string, unknown: string[]): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item, index) => prune(item, items, `${path}[${index}]`, unknown));
  }
  if (!isMap(value)) return value;
  const kept: JsonMap = {};
  for (const [field, item] of Object.entries(value)) {
    const inner = path === '' ? field : `${path}.${field}`;
    const known = fieldSchema(schema, field);
    if (known === 'unknown') unknown.push(inner);
    else kept[field] = known === 'any' ? item : prune(item, known, inner, unknown);
  }
  return kept;
}

/** The schema of a field; `any` where everything is kept. */
function fieldSchema(schema: Schema, field: string): Schema | 'any' | 'unknown' {
  const { properties = {}, additionalProperties } = schema;
  if (Object.hasOwn(properties, field)) return properties[field] ?? 'any';
  if (typeof additionalProperties === 'object') return additionalProperties;
  const open = additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  return open ? 'any' : 'unknown';
}
