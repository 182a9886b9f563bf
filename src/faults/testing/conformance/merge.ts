import { expect } from 'chai';
import { applyPatch, type Operation } from 'rfc6902';
import type { KubeObject } from '../../../model/kubernetes.ts';
import type { Json } from '../../../model/scenario.ts';

type Fields = { readonly [name: string]: Json };

/** As `kubectl patch` does: a list is a JSON patch, a mapping a strategic merge patch, which custom resources do not have. */
export function patchedWith(object: KubeObject, patch: Json): KubeObject {
  if (!Array.isArray(patch)) {
    expect(object.apiVersion, 'no custom resource').to.not.contain('argoproj.io');
    return strategicMerge(object as unknown as Json, patch) as unknown as KubeObject;
  }
  const next = structuredClone(object);
  expect(applyPatch(next, patch as unknown as Operation[]), 'a JSON patch that can be done').to.deep.equal(
    patch.map(() => null),
  );
  return next;
}

/**
 * What `kubectl patch` makes of a value by a strategic merge patch, as far as faults use it: mappings are merged, null
 * takes a field away, items of a list are merged by their `name`, and any other list is replaced.
 */
function strategicMerge(target: Json | undefined, patch: Json): Json {
  if (isNamedList(patch)) return mergeByName(target, patch);
  if (!isFields(patch)) return patch;
  const merged = { ...(isFields(target) ? target : {}) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = strategicMerge(merged[name], value);
  }
  return merged;
}

function mergeByName(target: Json | undefined, patch: readonly Fields[]): Json {
  const items = isNamedList(target) ? target : [];
  const changed = items.map((item) => patch.filter(({ name }) => name === item.name).reduce(strategicMergeItem, item));
  const added = patch.filter(({ name }) => !items.some((item) => item.name === name));
  return [...changed, ...added.map((item) => strategicMerge({}, item))];
}

function strategicMergeItem(item: Fields, patch: Fields): Fields {
  return strategicMerge(item, patch) as Fields;
}

function isFields(value: Json | undefined): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isNamedList(value: Json | undefined): value is Fields[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isFields(item) && 'name' in item);
}
