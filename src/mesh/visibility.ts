import type { KubeObject } from '../model/kubernetes.ts';
import { hostMatches, namespaceOf, object, strings } from './config-read.ts';

/** Whether the object is exported to a namespace; `fallback` is what MeshConfig says of those that say nothing. */
export function isExported(item: KubeObject, namespace: string, fallback: readonly string[] = []): boolean {
  const own = strings(object(item.spec).exportTo);
  return reaches(own.length > 0 ? own : fallback, namespaceOf(item), namespace);
}

/** Whether `exportTo` of an object in one namespace reaches another. Nothing said is everywhere. */
export function reaches(to: readonly string[], from: string, namespace: string): boolean {
  if (to.length === 0 || to.includes('*') || to.includes(namespace)) return true;
  return to.includes('.') && from === namespace;
}

/** Objects with the oldest first, then by name and namespace (Istio: sortConfigByCreationTime). */
export function oldestFirst(items: readonly KubeObject[]): KubeObject[] {
  return [...items].sort((a, b) => ageKey(a).localeCompare(ageKey(b)));
}

function ageKey({ metadata }: KubeObject): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name} ${metadata.namespace}`;
}

/** How much a pattern says of a host: a name more than any wildcard, a longer wildcard more than a shorter one; 0 for no match. */
export function specificity(pattern: string, host: string): number {
  if (!hostMatches(pattern, host)) return 0;
  return pattern.startsWith('*') ? pattern.length : Number.MAX_SAFE_INTEGER;
}

/** The items that say most of a host by the score of each; none where all score 0. */
export function mostSpecific<T>(items: readonly T[], score: (item: T) => number): T[] {
  const most = Math.max(0, ...items.map(score));
  return most === 0 ? [] : items.filter((item) => score(item) === most);
}
