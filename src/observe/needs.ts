import type { Permission } from '../model/fault.ts';
import { KINDS, type KubeKind } from '../model/kubernetes.ts';
import type { ObservedScope } from '../model/target.ts';
import { CONTROL_PLANE } from '../workload/control-plane.ts';
import { ROUTES, routedFrom } from './routes.ts';
import { RULES, ruledFrom } from './subsets.ts';

/**
 * What observing needs in each cluster. A run goes on without any of it; what then is not seen is not judged. The
 * proxies' statistics are read through the pods' proxy subresource (`get pods/proxy`), and whom they call over a
 * port-forward, for which a WebSocket is asked `get`, and since Kubernetes 1.35 `create` as well
 * (AuthorizePodWebsocketUpgradeCreatePermission). Where that is refused and `pods/exec` is not, exec serves; it is not
 * asked for here, because it allows far more. Where both are, `pods/proxy` tells workloads. `bySubset`: clauses speak of subsets, which DestinationRules make.
 * `configures`: the mesh configuration of the cluster counts.
 */
export function observeNeeds(scope: ObservedScope, bySubset = false, configures = true): Permission[] {
  const { namespaces } = scope;
  const places = placesOf(scope);
  return [
    ...watched(KINDS.node, ''),
    ...namespaces.flatMap((namespace) => watched(KINDS.endpointSlice, namespace)),
    ...places.flatMap((namespace) => watched(KINDS.pod, namespace)),
    ...places.map((namespace) => ({ ...KINDS.pod, subresource: 'proxy', verb: 'get', namespace })),
    ...places.flatMap((namespace) =>
      ['get', 'create'].map((verb) => ({ ...KINDS.pod, subresource: 'portforward', verb, namespace })),
    ),
    ...places.flatMap((namespace) => watched(KINDS.event, namespace)),
    { ...KINDS.pod, verb: 'list', namespace: CONTROL_PLANE.namespace },
    ...(configures ? routedFrom(scope).map((namespace) => ({ ...ROUTES, verb: 'list', namespace })) : []),
    ...(bySubset ? ruledFrom(scope).flatMap((namespace) => watched(RULES, namespace)) : []),
  ];
}

/** Namespaces of applications and gateways, each once. */
export function placesOf({ namespaces, gateways = [] }: ObservedScope): string[] {
  return [...new Set([...namespaces, ...gateways.map(({ namespace }) => namespace)])];
}

function watched(kind: KubeKind, namespace: string): Permission[] {
  return ['list', 'watch'].map((verb) => ({ ...kind, verb, namespace }));
}
