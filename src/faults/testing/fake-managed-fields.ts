import { FIELD_MANAGER, type KubeObject } from '../../model/kubernetes.ts';

type Fields = { [step: string]: Fields };
type Entry = { manager: string; operation: string; apiVersion: string; fieldsType: string; fieldsV1: Fields };
/** A field and what it holds, as text; that of a list's item is of its being there. */
type Leaf = readonly [path: string, value: string];

const BETWEEN = '\n';

function leavesOf(value: unknown, path: readonly string[]): Leaf[] {
  const at = path.join(BETWEEN);
  if (isNamedList(value)) {
    return value.flatMap((item): Leaf[] => {
      const own = [...path, `k:${JSON.stringify({ name: item.name })}`];
      return [[own.join(BETWEEN), ''], ...leavesOf(item, own)];
    });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [[at, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, one]) => leavesOf(one, [...path, `f:${key}`]));
}

function isNamedList(value: unknown): value is readonly { readonly name: string }[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item?.name === 'string');
}

function fieldsOf({ spec, metadata: { labels, annotations } }: KubeObject): Map<string, string> {
  const own = {
    ...(spec === undefined ? {} : { spec }),
    metadata: { labels: labels ?? {}, annotations: annotations ?? {} },
  };
  return new Map(leavesOf(own, []));
}

function treeOf(paths: readonly string[]): Fields {
  const root: Fields = {};
  for (const path of paths) {
    let at = root;
    for (const step of path.split(BETWEEN)) at = at[step] ??= {};
  }
  for (const path of paths) {
    const at = path.split(BETWEEN).reduce<Fields>((node, step) => node[step] ?? {}, root);
    if (Object.keys(at).length > 0) at['.'] = {};
  }
  return root;
}

function pathsOf(fields: Fields, above: readonly string[] = []): string[] {
  return Object.entries(fields).flatMap(([step, below]) => {
    if (step === '.') return [above.join(BETWEEN)];
    const path = [...above, step];
    return Object.keys(below).length === 0 ? [path.join(BETWEEN)] : pathsOf(below, path);
  });
}

/** The object as somebody has applied it server-side, all fields of it (Kubernetes: Server-Side Apply). */
export function appliedBy(manager: string, object: KubeObject): KubeObject {
  const { apiVersion } = object;
  const fieldsV1 = treeOf([...fieldsOf(object).keys()]);
  const entry: Entry = { manager, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1 };
  return { ...object, metadata: { ...object.metadata, managedFields: [entry] } } as KubeObject;
}

/**
 * What a patch of this program leaves, where the API server tells who owns what: fields that it has changed are its own, and nobody's who had
 * applied them; what the patch says of owners itself comes before that.
 */
export function ownedAfter(before: KubeObject, after: KubeObject): KubeObject {
  const { managedFields } = after.metadata as { managedFields?: Entry[] };
  if (managedFields === undefined) return after;
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  const changed = new Set([...was.keys(), ...is.keys()].filter((path) => was.get(path) !== is.get(path)));
  const isOurs = ({ manager, operation }: Entry) => manager === FIELD_MANAGER && operation === 'Update';
  const ours = managedFields.find(isOurs) ?? {
    ...{ manager: FIELD_MANAGER, operation: 'Update', apiVersion: after.apiVersion, fieldsType: 'FieldsV1' },
    fieldsV1: {},
  };
  const others = managedFields.filter((entry) => !isOurs(entry));
  const without = (entry: Entry) => pathsOf(entry.fieldsV1).filter((path) => !changed.has(path));
  const taken = [...without(ours), ...[...changed].filter((path) => is.has(path))];
  const entries = [
    ...others.map((entry) => ({ ...entry, fieldsV1: treeOf(without(entry)) })),
    { ...ours, fieldsV1: treeOf(taken) },
  ];
  const left = entries.filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0);
  return { ...after, metadata: { ...after.metadata, managedFields: left } } as KubeObject;
}
