import type { HostState, ServiceHosts } from '../mesh/clusters-reader.ts';
import type { HostCalls } from '../model/history.ts';

const COUNTERS = [
  'requests',
  'served',
  'failed',
  'refused',
  'timedOut',
] as const satisfies readonly (keyof HostState)[];
const STATE = ['region', 'zone', 'priority', 'healthy', 'ejected'] as const satisfies readonly (keyof HostState)[];

/**
 * What was counted of a Service's hosts between two readings of one proxy: hosts that were called, that are new or gone, or
 * whose state is another one. Without a reading before, every host, and nothing counted: what there is was counted earlier.
 */
export function callsBetween(before: ServiceHosts | undefined, now: ServiceHosts): HostCalls[] {
  const there = [...now.hosts.values()].flatMap((host) => {
    if (before === undefined) return uncounted(host);
    const last = before.hosts.get(host.address);
    const calls = last === undefined ? host : since(last, host);
    const isNews = last === undefined || STATE.some((field) => last[field] !== host[field]);
    return isNews || COUNTERS.some((counter) => calls[counter] > 0) ? calls : [];
  });
  const gone = [...(before?.hosts.values() ?? [])].filter(({ address }) => !now.hosts.has(address));
  return [...there, ...gone.map((host) => ({ ...uncounted(host), gone: true as const }))];
}

/** Whether any counter of a host has fallen: the page is an older one, or the proxy, or its cluster, began to count anew. */
export function hasFallen(before: ServiceHosts | undefined, now: ServiceHosts): boolean {
  return [...now.hosts.values()].some((host) => {
    const last = before?.hosts.get(host.address);
    return last !== undefined && COUNTERS.some((counter) => host[counter] < last[counter]);
  });
}

/** A counter that has fallen began anew, with the proxy or with the host, and so did all of the host. */
function since(last: HostState, host: HostState): HostState {
  if (COUNTERS.some((counter) => host[counter] < last[counter])) return host;
  return {
    ...host,
    requests: host.requests - last.requests,
    served: host.served - last.served,
    failed: host.failed - last.failed,
    refused: host.refused - last.refused,
    timedOut: host.timedOut - last.timedOut,
  };
}

function uncounted(host: HostState): HostCalls {
  return { ...host, requests: 0, served: 0, failed: 0, refused: 0, timedOut: 0 };
}
