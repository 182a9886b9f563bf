/**
 * A route in the mesh. Of two for one host the proxies take the older one only, and one for a pattern counts for no host that
 * has its own (Istio, VirtualService).
 */
export type HostRoute = {
  /** Full name, or a pattern with `*`. */
  readonly host: string;
  /** Of the callers that have it; null where it is for all. */
  readonly namespace: string | null;
};

/** Whether there is a caller, and a host that it calls, for which only one of two routes can count. */
export function isSameRoute(one: HostRoute, other: HostRoute): boolean {
  if (!isFor(one.host, other.host) && !isFor(other.host, one.host)) return false;
  return one.namespace === null || other.namespace === null || one.namespace === other.namespace;
}

function isFor(pattern: string, host: string): boolean {
  return pattern.startsWith('*') ? host.endsWith(pattern.slice(1)) : pattern === host;
}

export function routeText({ host, namespace }: HostRoute): string {
  return `the routes of ${host} for callers of ${namespace === null ? 'all namespaces' : namespace}`;
}
