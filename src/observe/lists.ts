import { messageOf } from '../model/errors.ts';
import type { KubeKind, KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Troubles } from './troubles.ts';

type Filter = { readonly namespace?: string; readonly labelSelector?: string };

/** Objects of one kind in one place, kept up to date. */
type ObservedList = {
  readonly kind: KubeKind;
  readonly filter: Filter;
  /** Where and what, for people: `Pods in default`. */
  readonly what: string;
  /** What is read of each object; one that makes it throw is left out. */
  readonly read: (object: KubeObject) => unknown;
  /** Undefined until they could be listed. */
  current: readonly KubeObject[] | undefined;
  /** Those that were left out, as `namespace/name`. */
  odd: readonly string[];
};

/** A list that is not kept up to date yet. */
export function listOf(kind: KubeKind, filter: Filter = {}, read: ObservedList['read'] = () => {}): ObservedList {
  const where = filter.namespace === undefined ? '' : ` in ${filter.namespace}`;
  const which = filter.labelSelector === undefined ? '' : ` with ${filter.labelSelector}`;
  return { kind, filter, what: `${kind.kind}s${where}${which}`, read, current: undefined, odd: [] };
}

/**
 * Keeps lists of one cluster up to date until the signal, and calls `onChange` after every change of any. An object that
 * cannot be read stops no other: it is left out, and that is trouble.
 */
export async function keep(
  cluster: Cluster,
  lists: readonly ObservedList[],
  told: { readonly onChange: () => void; readonly troubles: Troubles },
  signal: AbortSignal,
): Promise<void> {
  const keeping = lists.map((list) => {
    const known = new WeakMap<KubeObject, string | undefined>();
    const problemOf = (object: KubeObject) => {
      if (!known.has(object)) known.set(object, problemIn(list, object, told.troubles));
      return known.get(object);
    };
    const onChange = (objects: readonly KubeObject[]) => {
      list.current = objects.filter((object) => problemOf(object) === undefined);
      list.odd = objects.flatMap((object) => problemOf(object) ?? []);
      told.onChange();
    };
    return cluster.observe(list.kind, list.filter, onChange, signal, (trouble) =>
      told.troubles.add({ ...trouble, kind: list.kind.kind, what: list.what }),
    );
  });
  await Promise.all(keeping);
}

/** The name of an object that cannot be read. */
function problemIn({ kind, read }: ObservedList, object: KubeObject, troubles: Troubles): string | undefined {
  try {
    read(object);
    return undefined;
  } catch (error) {
    const { namespace, name } = object.metadata;
    const place = namespace === undefined ? `${name}` : `${namespace}/${name}`;
    troubles.add({ cannot: 'read', reason: messageOf(error), kind: kind.kind, what: `${kind.kind} ${place}` });
    return place;
  }
}
