import type { HostRoute } from '../../model/host-route.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Labels } from '../../model/labels.ts';
import { resolveHost } from '../../model/service-host.ts';
import type { GatewayPods } from '../../model/target.ts';
import { exportedTo, routesOf } from './routing.ts';

type Parent = { readonly kind?: string; readonly namespace?: string; readonly name?: string };
type ReachSpec = {
  readonly hosts?: readonly string[];
  readonly hostnames?: readonly string[];
  readonly gateways?: readonly string[];
  readonly exportTo?: readonly string[];
  readonly parentRefs?: readonly Parent[];
  readonly selector?: Labels;
  readonly servers?: readonly { readonly hosts?: readonly string[] }[];
};

/**
 * The calls that configuration of the mesh changes, where host and callers may be in other namespaces than it is: what sidecars are told, and
 * what comes in at gateways, of which `declared` are the target's. A DestinationRule is for callers of its own namespace, or for its hosts
 * (Istio: PushContext.destinationRule); what selects pods does so in its own, but for the root namespace.
 */
export function reachesOf(object: KubeObject, declared: readonly GatewayPods[]): HostRoute[] {
  return [...meshRoutes(object), ...gatewayRoutes(object, declared)];
}

/** Calls of sidecars that it changes. */
export function meshRoutes(object: KubeObject): HostRoute[] {
  const { kind, own, spec } = read(object);
  if (kind === 'VirtualService') return routesOf(object);
  if (kind === 'ServiceEntry') {
    // A host without dots is none of its namespace: it is taken as it stands.
    const { hosts = [], exportTo = [] } = spec;
    return hosts.flatMap((host) => exportedTo(exportTo, own).map((namespace) => ({ host, namespace })));
  }
  // For all callers of a Service of the route's own namespace, else for callers there (Gateway API: GAMMA).
  return parentsOf(object, true).map(({ name = '', namespace = own }) => ({
    host: resolveHost(name, namespace),
    namespace: namespace === own ? null : own,
  }));
}

/** Calls that it changes at gateways, which are the callers: whoever has these has to agree. */
function gatewayRoutes(object: KubeObject, declared: readonly GatewayPods[]): HostRoute[] {
  const { kind, own, spec } = read(object);
  const { hosts = [], exportTo = [], gateways = [], hostnames = ['*'], selector = {}, servers = [] } = spec;
  if (kind === 'VirtualService') {
    const named = gateways.filter((name) => name !== 'mesh').map((name) => namespaceOf(name, own));
    const places = exportedTo(exportTo, own).flatMap((namespace) => (namespace === null ? named : [namespace]));
    return named.length === 0 ? [] : between(hosts, places, own);
  }
  if (kind === 'Gateway') {
    const taken = servers.flatMap((server) => server.hosts ?? ['*']).map((host) => host.replace(/^.*\//, ''));
    const places = declared.filter((pods) => mayBe(selector, pods.selector)).map(({ namespace }) => namespace);
    return between(taken, places, own);
  }
  const parents = parentsOf(object, false).map(({ namespace = own }) => namespace);
  return between(hostnames, parents, own);
}

function between(hosts: readonly string[], namespaces: readonly string[], own: string): HostRoute[] {
  return [...new Set(namespaces)].flatMap((namespace) =>
    hosts.map((host) => ({ host: resolveHost(host, own), namespace })),
  );
}

/** The kind where it is one of Istio's, by any version of it. */
function read({ apiVersion, kind, metadata, spec }: KubeObject) {
  const { namespace: own = '' } = metadata;
  const isIstios = apiVersion.startsWith('networking.istio.io/');
  return { kind: isIstios ? kind : undefined, own, spec: (spec ?? {}) as ReachSpec };
}

/** What a route of the Gateway API is attached to: Services, or gateways. */
function parentsOf({ apiVersion, spec }: KubeObject, isOfServices: boolean): Parent[] {
  if (!apiVersion.startsWith('gateway.networking.k8s.io/')) return [];
  const { parentRefs = [] } = (spec ?? {}) as ReachSpec;
  return parentRefs.filter(({ kind = 'Gateway' }) => (kind === 'Service' || kind === 'ServiceEntry') === isOfServices);
}

/** The namespace of a Gateway as a VirtualService names it: `namespace/name`, a name, or a full one (Istio: resolveGatewayName). */
function namespaceOf(gateway: string, own: string): string {
  const [place = '', name] = gateway.split('/');
  if (name !== undefined) return place === '.' ? own : place;
  return gateway.split('.')[1] ?? own;
}

/** Whether pods of which only these labels are known may be those that a Gateway selects, in whatever namespace. */
function mayBe(selector: Labels, known: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => (known[key] ?? value) === value);
}
