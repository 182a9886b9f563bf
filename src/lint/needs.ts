import type { Permission } from '../model/fault.ts';
import { KINDS, type KubeKind, MESH_KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { ObservedScope } from '../model/target.ts';
import { placesOf } from '../observe/needs.ts';
import { configuredIn, predictNeeds } from '../predict/needs.ts';
import { CONTROL_PLANE } from '../workload/control-plane.ts';

export const AUTOSCALER = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' } as const;
/** Where istiod writes what proxies trust, in every namespace. It holds no key. */
export const ROOTS = { ...KINDS.configMap, name: 'istio-ca-root-cert' } as const;
/** Where istiod serves its statistics. */
export const METRICS_PORT = 15014;

/**
 * What lint asks of each cluster. Without the first part, which predictions need, too, it cannot look at all; what else is
 * not allowed is told. No Secret is ever read: istiod's statistics say whether it knows other clusters.
 */
export function lintNeeds(
  scope: ObservedScope,
  cluster: Pick<Cluster, 'configuredBy'>,
): { readonly must: Permission[]; readonly may: Permission[] } {
  const list = (kind: KubeKind, places: readonly string[]): Permission[] =>
    places.map((namespace) => ({ ...kind, verb: 'list', namespace }));
  const places = placesOf(scope);
  const [first = 'default'] = scope.namespaces;
  return {
    must: predictNeeds(scope, cluster),
    may: [
      ...(cluster.configuredBy === undefined
        ? []
        : Object.values(MESH_KINDS).flatMap((kind) => list(kind, configuredIn(scope)))),
      ...[KINDS.deployment, AUTOSCALER, KINDS.podDisruptionBudget].flatMap((kind) => list(kind, places)),
      ...scope.namespaces.map((name): Permission => ({ ...KINDS.namespace, verb: 'get', namespace: name, name })),
      { ...ROOTS, verb: 'get', namespace: first },
      { ...KINDS.pod, verb: 'list', namespace: CONTROL_PLANE.namespace },
      { ...KINDS.pod, subresource: 'proxy', verb: 'get', namespace: CONTROL_PLANE.namespace },
    ],
  };
}
