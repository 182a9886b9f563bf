import { object, objects } from '../mesh/config-read.ts';
import { settingsFor, subsetsFor } from '../mesh/istiod/clusters.ts';
import { type Configuration, routesFor } from '../mesh/istiod/configuration.ts';
import { scopeOf } from '../mesh/istiod/scope.ts';
import type { ServicePort } from '../mesh/istiod/service-port.ts';
import { meshVirtualService } from '../mesh/route-config.ts';
import { GATEWAY } from '../model/callees.ts';
import { configurationOf, type LivePod, type LiveSystem, proxyOf, servicePortsOf } from './live-system.ts';

/** The ports of one Service that requests may go to: those that speak HTTP, and of these the ones that pods serve. */
export function requestPorts(
  ports: readonly ServicePort[],
  pods: readonly Pick<LivePod, 'services'>[],
): readonly ServicePort[] {
  const spoken = ports.filter(({ tcp }) => !tcp);
  const served = spoken.filter(({ service, name }) =>
    pods.some(({ services }) => services.some((one) => one.service === service && one.ports[name] !== undefined)),
  );
  return served.length > 0 ? served : spoken;
}

/**
 * Why nobody can say how a Service of a chain is called: it has several ports, and to pods that call it not all of them are the
 * same. Which port a gateway calls is said by its route.
 */
export function unequalPorts(
  { clusters, pods }: LiveSystem,
  { chain, callers }: { readonly chain: readonly string[]; readonly callers: readonly (number | undefined)[] },
): string | undefined {
  for (const [at, service] of chain.entries()) {
    const from = chain[callers[at] ?? GATEWAY];
    for (const live of clusters) {
      const all = servicePortsOf(live).filter((port) => port.service === service);
      const ports = requestPorts(all, pods);
      const calling = pods.filter(
        (pod) => pod.cluster === live.name && pod.services.some((one) => one.service === from),
      );
      const configuration = configurationOf(live);
      if (calling.every((pod) => isSame(pod, ports, configuration))) continue;
      const which = ports.map(({ port }) => port).join(' and ');
      return `Service ${service} has ports ${which}, which its callers treat differently: which one is called is not known`;
    }
  }
  return undefined;
}

/** Whether it makes no difference to a pod by which port of a Service it calls. */
function isSame(pod: LivePod, ports: readonly ServicePort[], configuration: Configuration): boolean {
  const [first, ...others] = ports;
  if (first === undefined || others.length === 0) return true;
  const proxy = proxyOf(pod);
  const scope = scopeOf(proxy, configuration);
  const subsets = subsetsFor(configuration, proxy, first.host);
  const told = ports.map((port) =>
    JSON.stringify([scope(port), subsets.map(({ name }) => settingsFor(configuration, proxy, port, name))]),
  );
  const routes = object(
    meshVirtualService(
      routesFor(configuration, ports, pod, () => 0),
      first.host,
    )?.spec,
  );
  const matches = objects(routes.http).flatMap(({ match }) => objects(match));
  return new Set(told).size === 1 && matches.every(({ port }) => port === undefined);
}
