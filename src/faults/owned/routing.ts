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
  const { hosts = [], gateways = ['mesh'], exportTo = ['*'] } = (spec ?? {}) as RoutingSpec;
  if (!gateways.includes('mesh')) return [];
  return hosts.flatMap((host) =>
    exportTo.map((to) => ({
      host: resolveHost(host, own),
      namespace: to === '*' ? null : to === '.' ? own : to,
    })),
  );
}
