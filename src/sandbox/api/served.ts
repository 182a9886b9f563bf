import type { Resource } from './resource.ts';
import { apiVersionOf, RESOURCES } from './resources.ts';
import type { ObjectStore } from './store.ts';

const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' } as const;

/** Whether an API server serves a resource: a custom one only while its CustomResourceDefinition is there (`Established`). */
export function isEstablished(store: ObjectStore, { custom, plural, group }: Resource): boolean {
  return !custom || store.get({ ...DEFINITION, name: `${plural}.${group}` }) !== undefined;
}

/** What an API server serves now. */
export function servedResources(store: ObjectStore): readonly Resource[] {
  return RESOURCES.filter((resource) => isEstablished(store, resource));
}

/** Whether it serves anything of a group in this version. */
export function isVersionServed(store: ObjectStore, apiVersion: string): boolean {
  return RESOURCES.some(
    (resource) =>
      resource.versions.some((version) => apiVersionOf(resource, version) === apiVersion) &&
      isEstablished(store, resource),
  );
}
