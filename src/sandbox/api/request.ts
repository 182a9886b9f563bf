import type { KubeKind } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { ApiError, badRequest } from './errors.ts';
import type { JsonMap } from './json.ts';
import { isMap } from './json.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf } from './resources.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a request to a resource asks for, read from its line and headers. */
export type ResourceRequest = {
  readonly verb: Verb;
  readonly resource: Resource;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** What follows the subresource, for the pod proxy. */
  readonly rest: string;
  readonly query: URLSearchParams;
};

/** Decoded without its status. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

export type Body = {
  readonly contentType: string;
  /** Undefined when the request carries none. */
  readonly value: Json | undefined;
};

/** What goes on to a pod as it came. */
export type Passed = { readonly method: string; readonly contentType: string | undefined; readonly body: Buffer };

/** A request as the handlers see it. */
export type ApiRequest = ResourceRequest & {
  readonly body: Body;
  readonly passed: Passed;
};

/** The kind in the version the request speaks. */
export function kindOf(target: ResourceRequest): KubeKind {
  return { apiVersion: apiVersionOf(target.resource, target.version), kind: target.resource.kind };
}

export function isDryRun(request: ApiRequest, options: JsonMap = {}): boolean {
  const asked = [...request.query.getAll('dryRun'), ...(Array.isArray(options.dryRun) ? options.dryRun : [])];
  for (const value of asked) {
    if (value !== 'All') throw badRequest(`dryRun: Unsupported value: "${String(value)}": supported values: "All"`);
  }
  return asked.length > 0;
}

/** The body as a map, or 400. */
export function bodyMap(request: ApiRequest): JsonMap {
  if (!isMap(request.body.value)) throw badRequest('the request body must be a JSON object');
  return request.body.value;
}

/** Removes null fields as Kubernetes' typed decoding does; lists keep theirs. */
export function dropNulls<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(dropNulls) as T;
  if (!isMap(value)) return value;
  const kept = Object.entries(value).filter(([key, item]) => item !== null && key !== '__proto__');
  return Object.fromEntries(kept.map(([key, item]) => [key, dropNulls(item)])) as T;
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new ApiError(415, 'UnsupportedMediaType', message);
}
