import { applyPatch } from 'rfc6902';
import type { Json } from '../../../model/scenario.ts';
import { ApiError, badRequest, unprocessable } from '../errors.ts';
import { clone, isMap, type JsonMap } from '../json.ts';

const MAX_OPERATIONS = 10_000;
const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

type Operations = Parameters<typeof applyPatch>[1];

/** JSON Patch (RFC 6902). A failed `test` or a missing path is 422, as in apiserver handlers/patch.go. */
export function jsonPatch(live: JsonMap, patch: Json): JsonMap {
  if (!Array.isArray(patch) || !patch.every(isOperation)) {
    throw badRequest('error decoding patch: json patch must be a list of operations');
  }
  if (patch.length > MAX_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new ApiError(413, 'RequestEntityTooLarge', message);
  }
  const result = clone(live);
  const failures = applyPatch(result, clone(patch) as unknown as Operations);
  if (failures.some((failure) => failure !== null)) throw unprocessable();
  return result;
}

function isOperation(value: Json): boolean {
  return (
    isMap(value) &&
    OPERATIONS.includes(String(value.op)) &&
    typeof value.path === 'string' &&
    (value.path === '' || value.path.startsWith('/')) &&
    !value.path.split('/').includes('__proto__')
  );
}
