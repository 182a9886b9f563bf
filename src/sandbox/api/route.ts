import { methodNotAllowed, unknownPath } from './errors.ts';
import type { ResourceRequest, Verb } from './request.ts';
import type { Resource, Subresource } from './resource.ts';
import { resourceAt } from './resources.ts';

const ITEM_VERBS: Readonly<Record<string, Verb>> = {
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  POST: 'create',
};
const COLLECTION_VERBS: Readonly<Record<string, Verb>> = {
  GET: 'list',
  HEAD: 'list',
  POST: 'create',
  DELETE: 'deletecollection',
};

/** `/api/v1/…` or `/apis/group/version/…` split into apiVersion and what follows; undefined for anything else. */
export function splitApiPath(path: string): { apiVersion: string; version: string; rest: string[] } | undefined {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const [root, first = '', second = ''] = parts;
  if (root === 'api' && first !== '') return { apiVersion: first, version: first, rest: parts.slice(2) };
  if (root === 'apis' && second !== '')
    return { apiVersion: `${first}/${second}`, version: second, rest: parts.slice(3) };
  return undefined;
}

/** Reads a resource request (apiserver endpoints/request/requestinfo.go). Throws 404 or 405 where nothing is served. */
export function routeResource(method: string, path: string, query: URLSearchParams): ResourceRequest {
  const split = splitApiPath(path);
  if (split === undefined) throw unknownPath();
  const { apiVersion, version, rest } = split;
  const inNamespace = rest[0] === 'namespaces' && rest.length >= 3 && rest[2] !== 'status' && rest[2] !== 'finalize';
  const [plural = '', name, subresource, ...tail] = inNamespace ? rest.slice(2) : rest;
  const resource = resourceAt(apiVersion, plural);
  if (resource === undefined) throw unknownPath();
  checkShape(resource, { inNamespace, name, subresource });
  const verb = verbOf(method, name, query);
  if (!inNamespace && resource.namespaced && verb !== 'list' && verb !== 'watch') throw methodNotAllowed();
  return {
    verb,
    resource,
    version,
    namespace: inNamespace ? rest[1] : undefined,
    name,
    subresource,
    rest: tail.map(encodeURIComponent).join('/'),
    query,
  };
}

type Shape = {
  readonly inNamespace: boolean;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
};

function checkShape(resource: Resource, { inNamespace, name, subresource }: Shape): void {
  if (name === '' || (inNamespace && !resource.namespaced)) throw unknownPath();
  if (name !== undefined && resource.namespaced && !inNamespace) throw unknownPath();
  if (subresource !== undefined && !resource.subresources.includes(subresource as Subresource)) throw unknownPath();
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): Verb {
  const verb = (name === undefined ? COLLECTION_VERBS : ITEM_VERBS)[method];
  if (verb === undefined) throw methodNotAllowed();
  const watching = ['true', '1'].includes(query.get('watch') ?? '');
  return watching && (verb === 'list' || verb === 'get') ? 'watch' : verb;
}
