import type { KubeKind } from '../../model/kubernetes.ts';
import { ApiError } from './errors.ts';
import type { Resource } from './resource.ts';
import { ARGO_RESOURCES } from './resources-argo.ts';
import { BUILTIN_RESOURCES } from './resources-builtin.ts';
import { ISTIO_RESOURCES } from './resources-istio.ts';
import { K6_RESOURCES } from './resources-k6.ts';

export const RESOURCES: readonly Resource[] = [
  ...BUILTIN_RESOURCES,
  ...ISTIO_RESOURCES,
  ...K6_RESOURCES,
  ...ARGO_RESOURCES,
];

/** `v1` for the core group, `group/version` for the others. */
export function apiVersionOf(resource: Resource, version: string = resource.versions[0]): string {
  return resource.group === '' ? version : `${resource.group}/${version}`;
}

export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

const byKind = new Map<string, Resource>();
const byPath = new Map<string, Resource>();
for (const resource of RESOURCES) {
  for (const version of resource.versions) {
    byKind.set(`${apiVersionOf(resource, version)} ${resource.kind}`, resource);
    byPath.set(`${apiVersionOf(resource, version)} ${resource.plural}`, resource);
  }
}

/** The resource of a kind in any of its served versions. */
export function findResource(kind: KubeKind): Resource | undefined {
  return byKind.get(`${kind.apiVersion} ${kind.kind}`);
}

/** As findResource, but an unknown kind is an error as the API server words it. */
export function resourceOf(kind: KubeKind): Resource {
  const resource = findResource(kind);
  if (resource === undefined) {
    const { version } = splitApiVersion(kind.apiVersion);
    throw new ApiError(400, 'BadRequest', `no kind "${kind.kind}" is registered for version "${version}"`);
  }
  return resource;
}

/** The resource that a URL names by its plural. */
export function resourceAt(apiVersion: string, plural: string): Resource | undefined {
  return byPath.get(`${apiVersion} ${plural}`);
}

/** Key of all objects of a resource, whatever version they are read in. Both Event APIs share one storage. */
export function storageKey(resource: Resource): string {
  return resource.kind === 'Event' ? 'events' : `${resource.plural}.${resource.group}`;
}
