import type { Json } from '../../../model/scenario.ts';
import { clone, isMap, type JsonMap } from '../json.ts';
import { itemElement } from './field-set.ts';
import type { MergeRule } from './schema.ts';

/** Lays an applied configuration over a live value: maps field by field, keyed lists item by item, sets joined, the rest replaced. */
export function mergeConfig(live: Json | undefined, config: Json, rule: MergeRule): Json {
  if (isMap(config) && isMap(live) && rule.atomic !== true) {
    const result = clone(live);
    for (const [field, value] of Object.entries(config)) {
      result[field] = mergeConfig(live[field], value, rule.fields?.[field] ?? {});
    }
    return result;
  }
  if (!Array.isArray(config) || !Array.isArray(live)) return clone(config);
  if (rule.mapKeys !== undefined) return mergeItems(live, config, rule, rule.mapKeys);
  return rule.set === true ? [...live, ...config.filter((item) => !live.includes(item))] : clone(config);
}

function mergeItems(live: readonly Json[], config: readonly Json[], rule: MergeRule, keys: readonly string[]): Json[] {
  const result = live.map(clone);
  for (const item of config.filter(isMap)) {
    const element = itemElement(item, keys);
    const index = result.findIndex((one) => isMap(one) && itemElement(one, keys) === element);
    if (index < 0) result.push(clone(item));
    else result[index] = mergeConfig(result[index], item, rule.items ?? {});
  }
  return result;
}

/** Removes what a path of a field set leads to, in place. */
export function removeField(parent: Json | undefined, path: readonly string[], rule: MergeRule): void {
  const [element = '', ...rest] = path;
  if (isMap(parent)) {
    const field = element.slice(2);
    if (rest.length === 0) delete parent[field];
    else removeField(parent[field], rest, rule.fields?.[field] ?? {});
  } else if (Array.isArray(parent)) {
    const index = parent.findIndex((item) => elementOf(item, rule) === element);
    if (index < 0) return;
    if (rest.length === 0) parent.splice(index, 1);
    else removeField(parent[index], rest, rule.items ?? {});
  }
}

function elementOf(item: Json, rule: MergeRule): string {
  return isMap(item) && rule.mapKeys !== undefined
    ? itemElement(item as JsonMap, rule.mapKeys)
    : `v:${JSON.stringify(item)}`;
}
