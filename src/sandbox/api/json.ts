import type { KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';

export type JsonMap = { [key: string]: Json };

/** A Kubernetes object seen as plain JSON. Stored objects are frozen: a writer copies first. */
export function asMap(object: KubeObject): JsonMap {
  return object as unknown as JsonMap;
}

/** Plain JSON seen as a Kubernetes object; the caller has checked apiVersion, kind and metadata. */
export function asObject(map: JsonMap): KubeObject {
  return map as unknown as KubeObject;
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object, or an empty one. */
export function mapOf(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

/** The value as a list, or an empty one. */
export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** The maps of a list; anything else in it is left out. */
export function mapsOf(value: unknown): JsonMap[] {
  return listOf(value).filter(isMap);
}

export function stringOf(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

export function numberOf(value: unknown, fallback = 0): number {
  return typeof value === 'number' ? value : fallback;
}

/** Follows own properties only, so that `__proto__` and `constructor` lead nowhere. */
export function at(value: unknown, ...path: readonly (string | number)[]): Json | undefined {
  let current: unknown = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current as Json | undefined;
}

/** A deep copy that may be changed. */
export function clone<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(clone) as T;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key !== '__proto__' && item !== undefined) copy[key] = clone(item);
  }
  return copy as T;
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}

/** Deep equality of JSON values; the order of keys does not matter, a missing key equals undefined. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => sameJson(left[key], right[key]));
}

/** JSON text with sorted keys: equal values give equal text. */
export function canonicalJson(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isMap(value)) return JSON.stringify(value ?? null);
  const fields = Object.keys(value).sort();
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

/** Sets a field where the object has none yet. */
export function setDefault(map: JsonMap, field: string, value: Json): void {
  if (map[field] === undefined || map[field] === null) map[field] = value;
}

/** The object under `field`, created when it is not there. */
export function ensureMap(map: JsonMap, field: string): JsonMap {
  const existing = map[field];
  if (isMap(existing)) return existing;
  const created: JsonMap = {};
  map[field] = created;
  return created;
}
