import type { ServerContext } from './context.ts';
import { ApiError } from './errors.ts';
import { asMap, type JsonMap } from './json.ts';
import { jsonPatch } from './patch/json-patch.ts';
import { mergePatch } from './patch/merge.ts';
import { mergeRules } from './patch/schema.ts';
import { strategicMerge } from './patch/strategic.ts';
import { requireObject } from './read.ts';
import { objectReply, type Reply } from './reply.ts';
import { type ApiRequest, bodyMap, unsupportedMediaType } from './request.ts';
import { objectWarnings } from './schema/strict.ts';
import { readObject, writeOptions } from './write.ts';

/** JSON patch, merge patch and strategic merge patch. */
export function handlePatch(request: ApiRequest, context: ServerContext): Reply {
  if (request.query.get('force') !== null) {
    const message =
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch';
    throw new ApiError(422, 'Invalid', message, { kind: 'PatchOptions', group: 'meta.k8s.io' });
  }
  const live = asMap(requireObject(request, context));
  const { object, warnings } = readObject(request, applyPatchTo(live, request));
  const patched = asMap(context.store.update(object, writeOptions(request)));
  return objectReply(patched, 200, [...warnings, ...objectWarnings(patched, request.resource, context.store)]);
}

/** The object after the patch of the request, before defaulting and validation. */
export function applyPatchTo(live: JsonMap, request: ApiRequest): JsonMap {
  switch (request.body.contentType) {
    case 'application/json-patch+json':
      return jsonPatch(live, request.body.value ?? null);
    case 'application/merge-patch+json':
      return mergePatch(live, bodyMap(request));
    default:
      if (request.resource.custom) {
        throw unsupportedMediaType(['application/json-patch+json', 'application/merge-patch+json']);
      }
      return strategicMerge(live, bodyMap(request), mergeRules(request.resource));
  }
}
