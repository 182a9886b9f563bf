import type { KubeObject } from '../../model/kubernetes.ts';

type Spec = { workloadSelector: { labels: Record<string, string> }; configPatches: { patch: { value: object } }[] };

/** The filters that the sidecar of a pod has by EnvoyFilters of its namespace, at once. */
export function filtersOf(filters: readonly KubeObject[], pod: KubeObject | undefined): object[] {
  return filters
    .filter(({ metadata }) => metadata.namespace === pod?.metadata.namespace)
    .map(({ spec }) => spec as unknown as Spec)
    .filter(({ workloadSelector }) =>
      Object.entries(workloadSelector.labels).every(([label, value]) => pod?.metadata.labels?.[label] === value),
    )
    .flatMap(({ configPatches }) => configPatches.map(({ patch }) => patch.value));
}
