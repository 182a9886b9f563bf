import type { Json } from './scenario.ts';

/*
 * JSON pointers, RFC 6901: `/order/items/0/name`; `~1` stands for a slash inside a name and `~0` for a tilde. The empty
 * pointer is the whole document.
 */

/** The steps of a pointer; undefined when it is none. */
export function pointerSteps(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a place; undefined when there is none. */
export function valueAt(document: Json, steps: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const step of steps) {
    if (value === null || typeof value !== 'object') return undefined;
    if (Array.isArray(value)) value = isIndex(step) ? value[Number(step)] : undefined;
    else value = Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

/** A copy with another value at a place. Unchanged when nothing holds that place. */
export function withValueAt(document: Json, steps: readonly string[], value: Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (document === null || typeof document !== 'object') return document;
  if (Array.isArray(document)) {
    return document.map((item, index) =>
      isIndex(step) && index === Number(step) ? withValueAt(item, rest, value) : item,
    );
  }
  return {
    ...document,
    [step]: withValueAt(Object.hasOwn(document, step) ? (document[step] ?? null) : null, rest, value),
  };
}

/** Whether `withValueAt` can put a value there: all but the last step exist. */
export function hasPlace(document: Json, steps: readonly string[]): boolean {
  const last = steps.at(-1);
  if (last === undefined) return true;
  const holder = valueAt(document, steps.slice(0, -1));
  if (holder === undefined || holder === null || typeof holder !== 'object') return false;
  return !Array.isArray(holder) || (isIndex(last) && Number(last) < holder.length);
}

/** Without leading zeros, as RFC 6901 wants it. */
function isIndex(step: string): boolean {
  return /^(0|[1-9]\d{0,9})$/.test(step);
}
