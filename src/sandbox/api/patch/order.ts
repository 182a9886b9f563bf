import type { Json } from '../../../model/scenario.ts';
import { isMap, sameJson } from '../json.ts';

/**
 * Puts the items of a merged list in the order of `$setElementOrder`. Items that the order does not name keep their place
 * relative to their neighbours in the live list (strategicpatch mergeSortedSlice).
 */
export function orderItems(items: readonly Json[], order: readonly Json[], mergeKey: string | undefined): Json[] {
  const idOf = (item: Json): Json | undefined => (mergeKey !== undefined && isMap(item) ? item[mergeKey] : item);
  const rank = (item: Json): number => order.findIndex((one) => sameJson(idOf(one), idOf(item)));
  const place = new Map(items.map((item, index) => [item, index]));
  const named = items.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  const others = items.filter((item) => rank(item) < 0);
  const result: Json[] = [];
  while (named.length > 0 && others.length > 0) {
    const [left, right] = [named[0] as Json, others[0] as Json];
    const first = (place.get(left) ?? 0) < (place.get(right) ?? 0) ? named : others;
    result.push(first.shift() as Json);
  }
  return [...result, ...named, ...others];
}
