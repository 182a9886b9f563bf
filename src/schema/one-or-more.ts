import type { Path } from './draft.ts';

/** A field that takes one value or several, as a list with the path of each. */
export function several<T>(
  value: T | readonly (T | undefined)[] | undefined,
  path: Path,
): { readonly value: T; readonly path: Path }[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ value: value as T, path }];
  const items: readonly (T | undefined)[] = value;
  return items.flatMap((item, index) => (item === undefined ? [] : [{ value: item, path: [...path, index] }]));
}

/** A field that takes one value or several, as a list. */
export function asList<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}
