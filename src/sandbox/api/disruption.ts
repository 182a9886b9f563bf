import { isServing } from '../../model/conditions.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { isSelected, type LabelSelector } from '../../model/label-selector.ts';
import { at, mapOf } from './json.ts';
import type { ObjectStore } from './store.ts';

/** Whether a PodDisruptionBudget is about a pod. */
export function budgetSelects(budget: KubeObject, pod: KubeObject): boolean {
  return isSelected(at(budget, 'spec', 'selector') as LabelSelector | undefined, pod.metadata.labels);
}

/** How many pods a budget is about, how many are healthy, and how many it needs; percentages are rounded up. */
export function disruptionState(
  budget: KubeObject,
  store: ObjectStore,
): { expected: number; healthy: number; needed: number } {
  const pods = store.list(KINDS.pod, budget.metadata.namespace).filter((pod) => budgetSelects(budget, pod));
  const { minAvailable, maxUnavailable } = mapOf(budget.spec);
  const needed =
    minAvailable === undefined ? pods.length - share(maxUnavailable, pods.length) : share(minAvailable, pods.length);
  return { expected: pods.length, healthy: pods.filter(isServing).length, needed: Math.max(0, needed) };
}

function share(value: unknown, total: number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? Number.parseFloat(value) : 0;
  return Math.ceil((percent * total) / 100);
}
