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

/** Calls that configuration of the mesh changes, by the host that is called and by its callers. */
export type HostReach = HostRoute & {
  /** It is no host that was called: calls of others are sent there. */
  readonly isSentTo?: true;
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

export function reachText({ host, namespace, isSentTo }: HostReach): string {
  if (isSentTo) return `it sends calls to ${host} that were for others`;
  return `it changes what callers of ${namespace === null ? 'all namespaces' : namespace} get of ${host}`;
}

/** Namespaces of which one has to agree: that of the host, in whatever spelling, or that of its callers, where it is for none else. */
export function ownersOf({ host, namespace }: HostReach): string[] {
  const ofHost = serviceSpelled(host)?.split('/')[0];
  return [namespace, ofHost].filter((one) => typeof one === 'string');
}
