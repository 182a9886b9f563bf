import { withoutEffect } from '../effect/without-effect.ts';
import { ApiError, badRequest } from '../errors.ts';
import { admitIstio } from '../istio/admission.ts';
import type { JsonMap } from '../json.ts';
import type { ApiRequest } from '../request.ts';
import type { Resource } from '../resource.ts';
import type { ObjectStore } from '../store.ts';
import { type Decoded, decodeBuiltin, versionOf } from './builtin-fields.ts';
import { pruneCustom } from './custom-fields.ts';

const DIRECTIVES = ['Ignore', 'Warn', 'Strict'] as const;
type Directive = (typeof DIRECTIVES)[number];

/** Query parameter `fieldValidation`, which kubectl sends for --validate; a server warns by default. */
function directiveOf({ query }: ApiRequest): Directive {
  const asked = query.get('fieldValidation') || 'Warn';
  const found = DIRECTIVES.find((one) => one === asked);
  if (found !== undefined) return found;
  const supported = DIRECTIVES.map((one) => `"${one}"`).join(', ');
  const message = `fieldValidation: Unsupported value: "${asked}": supported values: ${supported}`;
  throw new ApiError(422, 'Invalid', message);
}

/**
 * The fields of an object that its kind has. Another field is left out, with a warning by default, and refused by
 * `Strict` (apiserver endpoints/handlers/create.go, patch.go).
 */
export function knownFields(request: ApiRequest, sent: JsonMap): { object: JsonMap; warnings: readonly string[] } {
  const directive = directiveOf(request);
  const { object, unknown } = decoded(sent, request.resource);
  const told = unknown.map((path) => `unknown field "${path}"`);
  if (directive !== 'Strict') return { object, warnings: directive === 'Warn' ? told : [] };
  if (told.length === 0) return { object, warnings: [] };
  const why = `strict decoding error: ${told.join(', ')}`;
  if (request.verb === 'patch') throw unfitPatch(sent, why);
  const kind = String(sent.kind);
  const what = `${kind} in version "${versionOf(String(sent.apiVersion))}" cannot be handled as a ${kind}`;
  throw badRequest(`${what}: ${why}`);
}

/** The whole object stands in the message (apiserver endpoints/handlers/patch.go). */
function unfitPatch(patched: JsonMap, why: string): ApiError {
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(patched))}: ${why}`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }];
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${message}`, { causes });
}

function decoded(object: JsonMap, resource: Resource): Decoded {
  return resource.custom ? pruneCustom(object, resource) : decodeBuiltin(object);
}

/** What a client is told about an object that was let through: by admission, and what of it has no effect here. */
export function objectWarnings(
  object: JsonMap,
  resource: Resource,
  { configuredBy }: Pick<ObjectStore, 'configuredBy'>,
): readonly string[] {
  return [...admitIstio(object, resource), ...withoutEffect(object, configuredBy)];
}
