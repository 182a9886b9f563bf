import type { HostRoute } from '../../model/host-route.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { resolveHost } from '../../model/service-host.ts';

type RoutingSpec = {
  readonly hosts?: readonly string[];
  readonly gateways?: readonly string[];
  readonly exportTo?: readonly string[];
};

/** What a VirtualService routes in the mesh, by host and by namespace of callers; nothing where it is for gateways alone. */
export function routesOf({ metadata, spec }: KubeObject): HostRoute[] {
  const { namespace: own = '' } = metadata;
  const { hosts = [], gateways = [], exportTo = [] } = (spec ?? {}) as RoutingSpec;
  if (gateways.length > 0 && !gateways.includes('mesh')) return [];
  return hosts.flatMap((host) =>
    exportedTo(exportTo, own).map((namespace) => ({ host: resolveHost(host, own), namespace })),
  );
}

/** The namespaces whose proxies hear of an object of this namespace; null for all of them, as where it does not say (Istio: exportTo). */
export function exportedTo(exportTo: readonly string[], own: string): (string | null)[] {
  const places = exportTo.length === 0 ? ['*'] : exportTo.filter((to) => to !== '~');
  return places.map((to) => (to === '*' ? null : to === '.' ? own : to));
}
