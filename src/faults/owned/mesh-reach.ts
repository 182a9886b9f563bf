import type { HostReach } from '../../model/host-route.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Labels } from '../../model/labels.ts';
import { resolveHost, serviceSpelled } from '../../model/service-host.ts';
import type { GatewayPods } from '../../model/target.ts';
import { routesOf } from './routing.ts';

type Destination = { readonly host?: string };
type Leading = {
  readonly route?: readonly { readonly destination?: Destination }[];
  readonly mirror?: Destination;
  readonly mirrors?: readonly { readonly destination?: Destination }[];
};
type Parent = { readonly kind?: string; readonly namespace?: string; readonly name?: string };
type MeshSpec = {
  readonly hosts?: readonly string[];
  readonly hostnames?: readonly string[];
  readonly gateways?: readonly string[];
  readonly exportTo?: readonly string[];
  readonly parentRefs?: readonly Parent[];
  readonly selector?: Labels;
  readonly servers?: readonly { readonly hosts?: readonly string[] }[];
  readonly http?: readonly Leading[];
  readonly tls?: readonly Leading[];
  readonly tcp?: readonly Leading[];
};

/**
 * The calls that an object of the mesh's configuration changes, where either end may be in another namespace than its own: routes
 * (VirtualService, Gateway API), hosts (ServiceEntry) and what gateways take in (Gateway). A DestinationRule is for callers of its own namespace, or for its own
 * hosts (Istio: PushContext.destinationRule); what selects pods does so in its own namespace, but for the root namespace. `declared` are the target's ingress gateways.
 */
export function reachesOf(object: KubeObject, declared: readonly GatewayPods[]): HostReach[] {
  const { apiVersion, kind, metadata } = object;
  const { namespace: own = '' } = metadata;
  const spec = (object.spec ?? {}) as MeshSpec;
  if (apiVersion.startsWith('gateway.networking.k8s.io/')) return ofParents(spec, own);
  if (kind === 'VirtualService')
    return [...routesOf(asRoot(object, spec)), ...atGateways(spec, own), ...sentTo(spec, own)];
  if (kind === 'ServiceEntry')
    return routesOf({ ...object, spec: { ...spec, gateways: ['mesh'] } as KubeObject['spec'] });
  return kind === 'Gateway' ? takenIn(spec, declared) : [];
}

/** A delegate has no hosts: it is for those of whichever VirtualService names it, of the namespaces to which it is exported. */
function asRoot(object: KubeObject, spec: MeshSpec): KubeObject {
  return (spec.hosts ?? []).length > 0 ? object : { ...object, spec: { ...spec, hosts: ['*'] } as KubeObject['spec'] };
}

/** What comes in at a gateway belongs to whoever has the Gateway, `namespace/name`. */
function atGateways({ gateways = [], hosts = [] }: MeshSpec, own: string): HostReach[] {
  const names = gateways.filter((name) => name !== 'mesh');
  const places = names.map((name) => (name.includes('/') ? name.split('/')[0] : own) ?? own);
  return [...new Set(places)].flatMap((namespace) =>
    hosts.map((host) => ({ host: resolveHost(host, own), namespace })),
  );
}

/** Services that get calls of other hosts, or copies of them. */
function sentTo({ hosts = [], http = [], tls = [], tcp = [] }: MeshSpec, own: string): HostReach[] {
  const ends = [...http, ...tls, ...tcp].flatMap(({ route = [], mirror, mirrors = [] }) => [
    ...route.map(({ destination }) => destination),
    mirror,
    ...mirrors.map(({ destination }) => destination),
  ]);
  const called = new Set(hosts.map((host) => serviceSpelled(resolveHost(host, own))));
  const to = ends.flatMap((one) => (one?.host === undefined ? [] : resolveHost(one.host, own)));
  const others = [...new Set(to)].filter((host) => {
    const service = serviceSpelled(host);
    return service !== undefined && !called.has(service);
  });
  return others.map((host) => ({ host, namespace: null, isSentTo: true }));
}

/** Routes of the Gateway API say whose they are: of a Gateway, or of a Service, for all if it is of their own namespace, else for callers there (GAMMA). */
function ofParents({ parentRefs = [], hostnames = ['*'] }: MeshSpec, own: string): HostReach[] {
  return parentRefs.flatMap(({ kind = 'Gateway', namespace = own, name = '' }): HostReach[] =>
    kind === 'Gateway'
      ? hostnames.map((host) => ({ host, namespace }))
      : [{ host: resolveHost(name, namespace), namespace: namespace === own ? null : own }],
  );
}

/** A Gateway selects pods of all namespaces by its labels: those of the declared gateways, unless these say another value. */
function takenIn({ selector = {}, servers = [] }: MeshSpec, declared: readonly GatewayPods[]): HostReach[] {
  const isMeant = (pods: GatewayPods) =>
    Object.entries(selector).every(([key, value]) => (pods.selector[key] ?? value) === value);
  const hosts = servers.flatMap((server) => server.hosts ?? ['*']);
  return declared.filter(isMeant).flatMap(({ namespace }) => hosts.map((host) => ({ host, namespace })));
}
