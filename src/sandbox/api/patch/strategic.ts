import type { Json } from '../../../model/scenario.ts';
import { badRequest } from '../errors.ts';
import { clone, isMap, type JsonMap, listOf, mapOf, sameJson } from '../json.ts';
import { orderItems } from './order.ts';
import type { MergeRule } from './schema.ts';

const PATCH = '$patch';
const RETAIN = '$retainKeys';
const ORDER = '$setElementOrder/';
const REMOVE = '$deleteFromPrimitiveList/';

/**
 * Applies a strategic merge patch (k8s.io/apimachinery/pkg/util/strategicpatch): lists with a merge key are merged item by
 * item, with the directives `$patch`, `$retainKeys`, `$setElementOrder` and `$deleteFromPrimitiveList`.
 */
export function strategicMerge(live: JsonMap, patch: JsonMap, rule: MergeRule): JsonMap {
  const directive = patch[PATCH];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw badRequest(`Unknown patch type: ${JSON.stringify(directive)}`);
  }
  const result = clone(live);
  retainKeys(result, patch);
  for (const [field, value] of Object.entries(patch)) {
    if (!field.startsWith('$')) mergeField(result, field, value, rule.fields?.[field] ?? {}, patch);
  }
  for (const key of Object.keys(patch)) applyListDirective(result, key, patch, rule);
  return result;
}

function withoutDirectives(patch: JsonMap): JsonMap {
  return clone(
    Object.fromEntries(Object.entries(patch).filter(([key, value]) => !key.startsWith('$') && value !== null)),
  );
}

function retainKeys(result: JsonMap, patch: JsonMap): void {
  if (patch[RETAIN] === undefined) return;
  const keep = new Set(listOf(patch[RETAIN]));
  for (const key of Object.keys(result)) if (!keep.has(key)) delete result[key];
}

function mergeField(result: JsonMap, field: string, value: Json, rule: MergeRule, patch: JsonMap): void {
  if (value === null || (isMap(value) && value[PATCH] === 'delete')) {
    delete result[field];
  } else if (isMap(value)) {
    result[field] = strategicMerge(mapOf(result[field]), value, rule);
  } else if (Array.isArray(value) && rule.mergeKey !== undefined) {
    result[field] = mergeItems(listOf(result[field]), value, rule.mergeKey, rule.items ?? {});
  } else if (Array.isArray(value) && rule.set === true) {
    const removed = listOf(patch[REMOVE + field]);
    const current = listOf(result[field]).filter((item) => !removed.includes(item));
    result[field] = [...current, ...value.filter((item) => !current.includes(item))];
  } else {
    result[field] = clone(value);
  }
}

/** Merges a list of maps by its key. An item `{$patch: replace}` replaces the whole list by the other items. */
function mergeItems(live: readonly Json[], patch: readonly Json[], key: string, rule: MergeRule): Json[] {
  if (patch.some((item) => isMap(item) && item[PATCH] === 'replace')) {
    return patch.filter((item) => isMap(item) && item[PATCH] === undefined).map(clone);
  }
  let result = live.map(clone);
  for (const item of patch) {
    if (!isMap(item)) throw badRequest('expected a list of maps in the strategic merge patch');
    const id = item[key];
    if (id === undefined) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const index = result.findIndex((one) => isMap(one) && sameJson(one[key], id));
    if (item[PATCH] === 'delete') {
      result = result.filter((one) => !(isMap(one) && sameJson(one[key], id)));
    } else if (index < 0) {
      result.push(strategicMerge({}, item, rule));
    } else {
      result[index] = strategicMerge(mapOf(result[index]), item, rule);
    }
  }
  return result;
}

/** Directives that stand beside a list: removal from a list of scalars, and the order of the items. */
function applyListDirective(result: JsonMap, key: string, patch: JsonMap, rule: MergeRule): void {
  if (key.startsWith(REMOVE)) {
    const field = key.slice(REMOVE.length);
    if (patch[field] !== undefined || result[field] === undefined) return;
    const removed = listOf(patch[key]);
    result[field] = listOf(result[field]).filter((item) => !removed.includes(item));
  } else if (key.startsWith(ORDER)) {
    const field = key.slice(ORDER.length);
    if (!Array.isArray(result[field])) return;
    const { mergeKey } = rule.fields?.[field] ?? {};
    result[field] = orderItems(listOf(result[field]), listOf(patch[key]), mergeKey);
  }
}
