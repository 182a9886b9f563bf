import type { KubeObject } from '../../model/kubernetes.ts';
import type { ServerContext } from './context.ts';
import { badRequest, invalid } from './errors.ts';
import { asMap, asObject, ensureMap, type JsonMap, mapOf, stringOf } from './json.ts';
import { objectReply, type Reply } from './reply.ts';
import { type ApiRequest, bodyMap, dropNulls, isDryRun, kindOf, PROTOBUF, unsupportedMediaType } from './request.ts';
import { knownFields, objectWarnings } from './schema/strict.ts';
import type { StoreWriteOptions } from './store.ts';

/** Options of a write: dry run and status subresource. */
export function writeOptions(request: ApiRequest): StoreWriteOptions & { readonly subresource?: 'status' } {
  const status = request.subresource === 'status' ? ({ subresource: 'status' } as const) : {};
  return { ...status, dryRun: isDryRun(request) };
}

export function handleCreate(request: ApiRequest, context: ServerContext): Reply {
  const { object, warnings } = readObject(request, bodyMap(request));
  const created = asMap(context.store.create(object, writeOptions(request)));
  return objectReply(created, 201, [...warnings, ...objectWarnings(created, request.resource, context.store)]);
}

export function handleUpdate(request: ApiRequest, context: ServerContext): Reply {
  if (request.subresource === 'status' && request.body.contentType === PROTOBUF) {
    throw unsupportedMediaType(['application/json', 'application/yaml']);
  }
  const { object, warnings } = readObject(request, bodyMap(request));
  requireVersion(request, object);
  const updated = asMap(context.store.update(object, writeOptions(request)));
  return objectReply(updated, 200, [...warnings, ...objectWarnings(updated, request.resource, context.store)]);
}

/** Kinds whose strategy has AllowUnconditionalUpdate false. */
const CONDITIONAL_KINDS = ['Lease', 'PodDisruptionBudget', 'CustomResourceDefinition'];

function requireVersion({ resource, name = '' }: ApiRequest, object: KubeObject): void {
  const conditional = resource.custom || CONDITIONAL_KINDS.includes(resource.kind);
  if (!conditional || (object.metadata.resourceVersion ?? '') !== '') return;
  const message = 'Invalid value: 0: must be specified for an update';
  throw invalid(resource, name, [{ reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' }]);
}

/** An object as a client sent it, and what the client is told about it. */
type ReadObject = { readonly object: KubeObject; readonly warnings: readonly string[] };

/**
 * Checks that a body is the object its URL says, and completes namespace and name from the URL. Fields that the kind does
 * not have are left out, and told or refused as the request wants.
 */
export function readObject(request: ApiRequest, body: JsonMap): ReadObject {
  const sent = dropNulls(body);
  checkKind(request, sent);
  const { object: map, warnings } = knownFields(request, sent);
  const metadata = ensureMap(map, 'metadata');
  if (request.namespace !== undefined) {
    const named = stringOf(metadata.namespace);
    if (named !== '' && named !== request.namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    metadata.namespace = request.namespace;
  }
  checkName(request, metadata);
  return { object: asObject(map), warnings };
}

/** Built-in kinds are decoded with the kind of the URL as default; custom resources must say what they are. */
function checkKind(request: ApiRequest, map: JsonMap): void {
  const { apiVersion, kind } = kindOf(request);
  if (stringOf(map.kind) === '' && request.resource.custom) {
    throw badRequest("Object 'Kind' is missing in the request body");
  }
  map.kind = stringOf(map.kind) || kind;
  map.apiVersion = stringOf(map.apiVersion) || apiVersion;
  if (map.kind !== kind) {
    throw badRequest(`${map.apiVersion}, Kind=${map.kind} in the data does not match the expected ${kind}`);
  }
  if (map.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${map.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
}

function checkName({ name }: ApiRequest, metadata: JsonMap): void {
  if (name === undefined) return;
  const sent = stringOf(mapOf(metadata).name);
  if (sent !== '' && sent !== name) {
    throw badRequest(`the name of the object (${sent}) does not match the name on the URL (${name})`);
  }
  metadata.name = name;
}
