import type { Json } from '../../../model/scenario.ts';
import { badRequest } from '../errors.ts';
import { isMap, type JsonMap } from '../json.ts';
import { BUILTIN } from './schemas.ts';

/** An object with the fields that its type has, and the paths of those that it has not. */
export type Decoded = { readonly object: JsonMap; readonly unknown: readonly string[] };

type Decoding = { readonly unknown: string[]; readonly what: string };
/** `field` is the path as Go tells it: without items and keys. */
type Place = { readonly path: string; readonly field: string; readonly owner: string };

const INTEGERS = new Set(['int32', 'int64', 'integer']);

/**
 * Decodes a built-in kind as the API server's typed decoding does: a field that the type does not have is left out and
 * told, in the order of the document; a value of another type is refused (sigs.k8s.io/json).
 */
export function decodeBuiltin(object: JsonMap): Decoded {
  const name = BUILTIN.kinds[`${object.apiVersion} ${object.kind}`];
  if (name === undefined) return { object, unknown: [] };
  const decoding = {
    unknown: [],
    what: `${object.kind} in version "${versionOf(String(object.apiVersion))}" cannot be handled as a ${object.kind}`,
  };
  return { object: mapIn(object, name, { path: '', field: '', owner: '' }, decoding), unknown: decoding.unknown };
}

/** The version alone, without the group. */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

function join(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

function mapIn(value: JsonMap, definition: string, place: Place, decoding: Decoding): JsonMap {
  const fields = BUILTIN.definitions[definition] ?? {};
  const kept: JsonMap = {};
  for (const [field, item] of Object.entries(value)) {
    const path = join(place.path, field);
    const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (type === undefined) decoding.unknown.push(path);
    else kept[field] = valueIn(item, type, { path, field: join(place.field, field), owner: definition }, decoding);
  }
  return kept;
}

function valueIn(value: Json, type: string, place: Place, decoding: Decoding): Json {
  if (value === null || type === 'any') return value;
  if (type.startsWith('[]')) {
    if (!Array.isArray(value)) throw mismatch(value, type, place, decoding);
    const inner = type.slice(2);
    return value.map((item, index) => valueIn(item, inner, { ...place, path: `${place.path}[${index}]` }, decoding));
  }
  if (type.startsWith('{}')) {
    if (!isMap(value)) throw mismatch(value, type, place, decoding);
    const inner = type.slice(2);
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, valueIn(item, inner, { ...place, path: `${place.path}.${key}` }, decoding)]),
    );
  }
  if (BUILTIN.definitions[type] !== undefined) {
    if (!isMap(value)) throw mismatch(value, type, place, decoding);
    return mapIn(value, type, place, decoding);
  }
  if (!isScalar(value, type)) throw mismatch(value, type, place, decoding);
  if (MICRO_TIMES.has(`${place.owner}.${place.path.slice(place.path.lastIndexOf('.') + 1)}`)) {
    refuseTime(String(value), decoding);
  }
  return value;
}

/** Fields of Go's type MicroTime, whose form the OpenAPI document does not tell from that of Time. */
const MICRO_TIMES = new Set(['coordination.v1.LeaseSpec.acquireTime', 'coordination.v1.LeaseSpec.renewTime']);
const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
const MICROS = /^\.\d{6}(Z|[+-]\d\d:\d\d)$/;

/** Go's time.Parse takes six digits of a second where its layout has six, and no other number of them. */
function refuseTime(value: string, { what }: Decoding): void {
  const [seconds = ''] = SECONDS.exec(value) ?? [];
  const rest = value.slice(seconds.length);
  if (seconds !== '' && MICROS.test(rest)) return;
  const wanted = seconds === '' ? '2006' : '.000000';
  const why = `cannot parse "${rest}" as "${wanted}"`;
  throw badRequest(`${what}: parsing time "${value}" as "2006-01-02T15:04:05.000000Z07:00": ${why}`);
}

function isScalar(value: Json, type: string): boolean {
  if (INTEGERS.has(type)) return typeof value === 'number' && Number.isInteger(value);
  if (type === 'int-or-string' || type === 'quantity') return typeof value === 'number' || typeof value === 'string';
  return typeof value === type;
}

const GO_TYPES: Readonly<Record<string, string>> = { boolean: 'bool', integer: 'int64', number: 'float64' };

/** Worded as Go's decoder words it; names of lists and maps of types are shortened. */
function mismatch(value: Json, type: string, { field, owner }: Place, { what }: Decoding): Error {
  const found = Array.isArray(value) ? 'array' : isMap(value) ? 'object' : typeof value === 'boolean' ? 'bool' : '';
  const spelt = found || (typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : typeof value);
  const struct = owner.slice(owner.lastIndexOf('.') + 1);
  const wanted = type.replace('{}', 'map[string]').replace(/[a-z]+$/, (name) => GO_TYPES[name] ?? name);
  const why = `json: cannot unmarshal ${spelt} into Go struct field ${struct}.${field} of type ${wanted}`;
  return badRequest(`${what}: ${why}`);
}
