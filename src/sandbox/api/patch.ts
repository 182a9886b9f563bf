import type { ServerContext } from './context.ts';
import { ApiError, conflict } from './errors.ts';
import { timestamp } from './identity.ts';
import { asMap, asObject, ensureMap, type JsonMap, stringOf } from './json.ts';
import { serverSideApply } from './patch/apply.ts';
import { fieldsOf } from './patch/field-set.ts';
import { jsonPatch } from './patch/json-patch.ts';
import { trackedPart, type Writer, writeManagers } from './patch/managed-fields.ts';
import { mergePatch } from './patch/merge.ts';
import { mergeRules } from './patch/schema.ts';
import { strategicMerge } from './patch/strategic.ts';
import { refOf, requireObject } from './read.ts';
import { objectReply, type Reply } from './reply.ts';
import { type ApiRequest, bodyMap, isDryRun, kindOf, unsupportedMediaType } from './request.ts';
import { readObject, writeOptions } from './write.ts';

const APPLY = 'application/apply-patch+yaml';

/** All four kinds of patch; server-side apply also creates. */
export function handlePatch(request: ApiRequest, context: ServerContext): Reply {
  if (request.body.contentType === APPLY) return handleApply(request, context);
  if (request.query.get('force') !== null) {
    const message =
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch';
    throw new ApiError(422, 'Invalid', message, { kind: 'PatchOptions', group: 'meta.k8s.io' });
  }
  const live = asMap(requireObject(request, context));
  const patched = readObject(request, applyPatchTo(live, request));
  return objectReply(asMap(context.store.update(patched, writeOptions(request, context))));
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
        throw unsupportedMediaType(['application/json-patch+json', 'application/merge-patch+json', APPLY]);
      }
      return strategicMerge(live, bodyMap(request), mergeRules(request.resource));
  }
}

function handleApply(request: ApiRequest, context: ServerContext): Reply {
  const { resource, query } = request;
  const manager = query.get('fieldManager') ?? '';
  if (manager === '') {
    const message = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch';
    throw new ApiError(422, 'Invalid', message, { kind: 'PatchOptions', group: 'meta.k8s.io' });
  }
  const config = asMap(readObject(request, bodyMap(request)));
  if (ensureMap(config, 'metadata').managedFields !== undefined) {
    throw new ApiError(400, 'BadRequest', 'metadata.managedFields must be nil');
  }
  const status = request.subresource === 'status' ? ({ subresource: 'status' } as const) : {};
  const writer: Writer = { manager, operation: 'Apply', apiVersion: kindOf(request).apiVersion, ...status };
  const dryRun = isDryRun(request);
  const live = context.store.get(refOf(request));
  const rule = mergeRules(resource);
  const time = timestamp(context.clock);
  if (live === undefined) {
    refuseRecreation(request, config);
    const entry = { ...writer, time, fields: fieldsOf(trackedPart(config, undefined), rule) };
    const created = context.store.create(asObject(config), { dryRun, managedFields: () => writeManagers([entry]) });
    return objectReply(asMap(created), 201);
  }
  const force = ['true', '1'].includes(query.get('force') ?? '');
  const { object, managedFields } = serverSideApply({ live: asMap(live), config, writer, force, rule, time });
  keepPreconditions(object, config);
  const options = { ...status, dryRun, managedFields: () => managedFields };
  return objectReply(asMap(context.store.update(asObject(object), options)));
}

/** An apply that names a uid means that very object: it is not created again when it is gone. */
function refuseRecreation({ resource, name = '' }: ApiRequest, config: JsonMap): void {
  const uid = stringOf(ensureMap(config, 'metadata').uid);
  if (uid !== '')
    throw conflict(
      resource,
      name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    );
}

/** resourceVersion and uid of the configuration are preconditions, not fields to own. */
function keepPreconditions(object: JsonMap, config: JsonMap): void {
  const metadata = ensureMap(object, 'metadata');
  const wanted = ensureMap(config, 'metadata');
  for (const field of ['resourceVersion', 'uid']) {
    const value = wanted[field];
    if (value !== undefined) metadata[field] = value;
  }
}
