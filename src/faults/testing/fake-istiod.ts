import type { KubeObject } from '../../model/kubernetes.ts';
import { hasLabels } from '../../model/labels.ts';

type Spec = { workloadSelector: { labels: Record<string, string> }; configPatches: { patch: { value: object } }[] };

/** The filters that the sidecar of a pod has by EnvoyFilters of its namespace, at once. */
export function filtersOf(filters: readonly KubeObject[], pod: KubeObject | undefined): object[] {
  return filters
    .filter(({ metadata }) => metadata.namespace === pod?.metadata.namespace)
    .map(({ spec }) => spec as unknown as Spec)
    .filter(({ workloadSelector }) => hasLabels(pod?.metadata.labels, workloadSelector.labels))
    .flatMap(({ configPatches }) => configPatches.map(({ patch }) => patch.value));
}

/** The routes that the sidecars of a pod's namespace have by its VirtualServices, at once. */
export function routesOf(virtualServices: readonly KubeObject[], pod: KubeObject | undefined): object[] {
  return virtualServices
    .filter(({ metadata }) => metadata.namespace === pod?.metadata.namespace)
    .flatMap(({ spec }) => (spec as unknown as { http: { name?: string }[] }).http);
}
