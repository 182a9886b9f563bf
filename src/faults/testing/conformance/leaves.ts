import type { KubeObject } from '../../../model/kubernetes.ts';
import type { Json } from '../../../model/scenario.ts';

/** Where a value stands in an object: names of fields and positions in lists. */
type Path = readonly string[];

/** A field that holds something else than before; undefined where it is not there. */
export type Leaf = { readonly path: Path; readonly before: Json | undefined; readonly after: Json | undefined };

/**
 * What the API server and the controllers keep themselves, and the ephemeral containers: nobody can change one that is there
 * or take it out, so that there is neither a third value nor a patch that puts them back.
 */
const NOT_WRITTEN = [
  ['status'],
  ...['resourceVersion', 'generation', 'uid', 'managedFields'].map((name) => ['metadata', name]),
  ['spec', 'ephemeralContainers'],
];
const MARK = 'faultline.dev/';

/** The fields that differ between two states of an object, without what the server keeps and without marks of ours. */
export function changedLeaves(before: KubeObject, after: KubeObject): Leaf[] {
  const all = differences(before as unknown as Json, after as unknown as Json, []);
  return all.filter(
    ({ path }) =>
      !path.some((step) => step.startsWith(MARK)) &&
      !NOT_WRITTEN.some((kept) => kept.every((step, index) => path[index] === step)),
  );
}

/** The value at a path; undefined where it is not there. */
export function valueAt(object: KubeObject | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, step) => fieldsOf(value)[step], object as unknown as Json | undefined);
}

/** Sets the value at a path. What leads to it is made where it is not there. */
export function setAt(object: KubeObject, path: Path, value: Json): void {
  const [last = '', ...way] = [...path].reverse();
  let at = object as unknown as Record<string, Json>;
  for (const step of way.reverse()) {
    at[step] ??= {};
    at = at[step] as Record<string, Json>;
  }
  at[last] = value;
}

/** A value that is neither that of before nor that of the fault; undefined where there are only two. */
export function thirdValue({ before, after }: Leaf): Json | undefined {
  const sample = after ?? before;
  if (typeof sample === 'boolean') return undefined;
  if (typeof sample === 'number') return Math.max(...[before, after].filter((one) => typeof one === 'number')) + 1;
  if (Array.isArray(sample)) return ['third'];
  return `third-${sample}`;
}

/** Lists of plain values are one value, as a command is. */
function isBranch(value: Json | undefined): boolean {
  if (value === null || typeof value !== 'object') return false;
  return !Array.isArray(value) || value.some((item) => item !== null && typeof item === 'object');
}

function fieldsOf(value: Json | undefined): Record<string, Json | undefined> {
  return value !== null && typeof value === 'object' ? (value as Record<string, Json | undefined>) : {};
}

function differences(before: Json | undefined, after: Json | undefined, path: Path): Leaf[] {
  if (!isBranch(before) && !isBranch(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
  }
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  const steps = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return steps.flatMap((step) => differences(was[step], is[step], [...path, step]));
}
