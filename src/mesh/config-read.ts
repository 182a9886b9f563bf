import type { KubeObject } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { type Millis, parseDuration } from '../model/units.ts';

export type JsonObject = { readonly [key: string]: Json };

/** The value as an object; anything else reads as empty, because a mesh ignores what it does not understand. */
export function object(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function duration(value: unknown): Millis | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined;
}

export function namespaceOf(item: KubeObject): string {
  return item.metadata.namespace ?? 'default';
}

/** `*` alone, `*.suffix`, or the name itself. */
export function hostMatches(pattern: string, host: string): boolean {
  if (pattern === '*') return true;
  return pattern.startsWith('*') ? host.endsWith(pattern.slice(1)) : pattern === host;
}
