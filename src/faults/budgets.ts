import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { isSelected, type LabelSelector } from '../model/label-selector.ts';
import type { Cluster } from '../model/ports.ts';
import type { Pod } from '../workload/pods.ts';

/** A PodDisruptionBudget that lets fewer of some pods be evicted at once than are meant to be. */
export type Shortage = {
  /** As `namespace/name`. */
  readonly budget: string;
  readonly pods: number;
  /** How many evictions it allows as it stands. */
  readonly allowed: number;
};

type BudgetSpec = { readonly selector?: LabelSelector };

/**
 * The budgets that stand in the way of evicting these pods at once. A pod that is not ready costs a budget nothing; one without
 * a selector is about no pod, and one whose controller has counted nothing yet says nothing (policy/v1).
 */
export async function shortages(pods: readonly Pod[], cluster: Pick<Cluster, 'list'>): Promise<Shortage[]> {
  const ready = pods.filter((pod) => pod.ready);
  const namespaces = [...new Set(ready.map(({ namespace }) => namespace))];
  const lists = await Promise.all(
    namespaces.map((namespace) => cluster.list(KINDS.podDisruptionBudget, { namespace })),
  );
  return lists.flat().flatMap((budget) => shortageOf(budget, ready));
}

function shortageOf({ metadata, spec, status }: KubeObject, ready: readonly Pod[]): Shortage[] {
  const { selector } = (spec ?? {}) as BudgetSpec;
  const { disruptionsAllowed: allowed } = (status ?? {}) as { readonly disruptionsAllowed?: number };
  if (selector === undefined || allowed === undefined) return [];
  const { namespace = '', name = '' } = metadata;
  const pods = ready.filter((pod) => pod.namespace === namespace && isSelected(selector, pod.labels)).length;
  return pods <= allowed ? [] : [{ budget: `${namespace}/${name}`, pods, allowed }];
}

export function shortageText({ budget, pods, allowed }: Shortage): string {
  const many = allowed === 0 ? 'no eviction' : `${allowed} at once`;
  return `PodDisruptionBudget ${budget} allows ${many} now, of the ${pods} pods that would be evicted`;
}
