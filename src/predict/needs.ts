import { SYSTEM_NAMESPACE } from '../mesh/east-west.ts';
import { MESH_CONFIG, ROOT_NAMESPACE } from '../mesh/istiod/configuration.ts';
import type { Permission } from '../model/fault.ts';
import { KINDS, type KubeKind, MESH_KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { ObservedScope } from '../model/target.ts';

/** Whose label names the network of a cluster's pods. */
export const SYSTEM = { ...KINDS.namespace, namespace: SYSTEM_NAMESPACE, name: SYSTEM_NAMESPACE } as const;

/** Namespaces whose configuration reaches the callers of a target. */
export function configuredIn({ namespaces, gateways = [] }: ObservedScope): string[] {
  return [...new Set([...namespaces, ...gateways.map(({ namespace }) => namespace), ROOT_NAMESPACE])];
}

/**
 * What a prediction reads in a cluster, beside the workloads that its faults read themselves. A run goes on without
 * any of it, and then nothing is predicted. Mesh configuration is read where the proxies of the cluster get theirs from.
 */
export function predictNeeds(scope: ObservedScope, { configuredBy }: Pick<Cluster, 'configuredBy'>): Permission[] {
  const { namespaces, gateways = [] } = scope;
  const list = (kind: KubeKind, places: readonly string[]): Permission[] =>
    places.map((namespace) => ({ ...kind, verb: 'list', namespace }));
  return [
    ...list(KINDS.node, ['']),
    ...list(KINDS.pod, [...new Set([...namespaces, ...gateways.map(({ namespace }) => namespace)])]),
    // An east-west gateway's stands beside istiod.
    ...list(KINDS.service, [...new Set([...namespaces, SYSTEM_NAMESPACE])]),
    ...list(KINDS.endpointSlice, namespaces),
    ...(configuredBy === undefined ? configurationNeeds(scope) : []),
    { ...SYSTEM, verb: 'get' },
  ];
}

function configurationNeeds(scope: ObservedScope): Permission[] {
  const places = configuredIn(scope);
  const list = (kind: KubeKind): Permission[] => places.map((namespace) => ({ ...kind, verb: 'list', namespace }));
  return [...Object.values(MESH_KINDS).flatMap(list), { ...MESH_CONFIG, verb: 'get' }];
}
