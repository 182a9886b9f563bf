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
  /** Undefined until they could be listed. */
  current: readonly KubeObject[] | undefined;
};

/** A list that is not kept up to date yet. */
export function listOf(kind: KubeKind, filter: Filter = {}): ObservedList {
  const where = filter.namespace === undefined ? '' : ` in ${filter.namespace}`;
  const which = filter.labelSelector === undefined ? '' : ` with ${filter.labelSelector}`;
  return { kind, filter, what: `${kind.kind}s${where}${which}`, current: undefined };
}

/** Keeps lists of one cluster up to date until the signal, and calls `onChange` after every change of any. */
export async function keep(
  cluster: Cluster,
  lists: readonly ObservedList[],
  told: { readonly onChange: () => void; readonly troubles: Troubles },
  signal: AbortSignal,
): Promise<void> {
  const keeping = lists.map((list) => {
    const onChange = (objects: readonly KubeObject[]) => {
      list.current = objects;
      told.onChange();
    };
    return cluster.observe(list.kind, list.filter, onChange, signal, (trouble) =>
      told.troubles.add({ ...trouble, kind: list.kind.kind, what: list.what }),
    );
  });
  await Promise.all(keeping);
}
