import type { KubeObject, ObjectRef } from '../../model/kubernetes.ts';
import type { ServerContext } from './context.ts';
import { ApiError, badRequest, expired, notFound } from './errors.ts';
import { asMap, type JsonMap } from './json.ts';
import { objectReply, type Reply } from './reply.ts';
import { kindOf, type ResourceRequest } from './request.ts';
import { selectionOf } from './selection.ts';

/** The object a request names. */
export function refOf(target: ResourceRequest): ObjectRef {
  return {
    ...kindOf(target),
    name: target.name ?? '',
    ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
  };
}

/** The object a request names, or 404. */
export function requireObject(target: ResourceRequest, { store }: ServerContext): KubeObject {
  const object = store.get(refOf(target));
  if (object === undefined) throw notFound(target.resource, target.name ?? '');
  return object;
}

export function handleGet(target: ResourceRequest, context: ServerContext): Reply {
  return objectReply(asMap(requireObject(target, context)));
}

/** Lists with selectors, `limit` and `continue`, and the resourceVersion rules of the API concepts page. */
export function handleList(target: ResourceRequest, context: ServerContext): Reply {
  const { query } = target;
  const token = query.get('continue') ?? '';
  const limit = wholeNumber(query, 'limit');
  if (token === '') checkRevision(query, context.store.revision());
  const page =
    token === ''
      ? {
          revision: context.store.revision(),
          rest: context.store.list(kindOf(target), target.namespace).filter(selectionOf(target)),
        }
      : context.pages.take(token);
  const cut = limit > 0 && page.rest.length > limit;
  const items = cut ? page.rest.slice(0, limit) : page.rest;
  const metadata: JsonMap = { resourceVersion: String(page.revision) };
  if (cut) {
    const rest = page.rest.slice(limit);
    metadata.continue = context.pages.keep({ revision: page.revision, rest });
    if (!query.has('labelSelector') && !query.has('fieldSelector')) metadata.remainingItemCount = rest.length;
  }
  return { kind: 'list', items: items.map(asMap), metadata };
}

export function wholeNumber(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '0';
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name}: invalid value ${JSON.stringify(text)}`);
  return Number(text);
}

function checkRevision(query: URLSearchParams, current: number): void {
  const wanted = wholeNumber(query, 'resourceVersion');
  if (wanted > current) throw tooLarge(wanted, current);
  if (query.get('resourceVersionMatch') === 'Exact' && wanted !== current) {
    throw expired('The provided resource version is too old.');
  }
}

/** The answer to a version from the future, for example one of another cluster (apiserver storage NewTooLargeResourceVersionError). */
function tooLarge(wanted: number, current: number): ApiError {
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return new ApiError(504, 'Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
