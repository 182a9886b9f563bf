import { serviceSpelled } from './service-host.ts';

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

/** Whether a host, which may be a pattern with `*`, is meant by another one. */
export function isFor(pattern: string, host: string): boolean {
  return pattern.startsWith('*') ? host.endsWith(pattern.slice(1)) : pattern === host;
}

export function routeText({ host, namespace }: HostRoute): string {
  return `the routes of ${host} for callers of ${namespace === null ? 'all namespaces' : namespace}`;
}

/** Namespaces of which one has to agree to a route: that of its callers, where it is not for all, and that of its host, however it is spelled. */
export function ownersOf({ host, namespace }: HostRoute): string[] {
  const [ofHost] = serviceSpelled(host)?.split('/') ?? [];
  return [...new Set([namespace, ofHost].filter((one) => typeof one === 'string'))];
}
