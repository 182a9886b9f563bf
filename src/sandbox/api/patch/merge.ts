import type { Json } from '../../../model/scenario.ts';
import { clone, isMap, type JsonMap, mapOf } from '../json.ts';

/** JSON Merge Patch (RFC 7386). */
export function mergePatch(live: JsonMap, patch: JsonMap): JsonMap {
  const result = clone(live);
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = isMap(value) ? mergePatch(mapOf(result[field]), value) : clone<Json>(value);
  }
  return result;
}
