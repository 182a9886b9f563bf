import { routesFor } from '../mesh/istiod/configuration.ts';
import { entryFor, gatewayAnswer } from '../mesh/istiod/gateway-binding.ts';
import type { Scenario } from '../model/scenario.ts';
import { serviceOfHost } from '../model/service-host.ts';
import type { Path } from '../model/target.ts';
import { configurationOf, type LiveSystem, servicePortsOf } from './live-system.ts';
import { requestOf } from './traffic.ts';

/** How often a route is asked, over all the luck of its weights. */
const ASKED = 20;

/**
 * The Services (`namespace/name`) that gateways send the requests of the load to, by their own routes: what is known of a
 * call chain that nobody has named. Undefined where a path has no gateway pod or its gateway sends a request nowhere.
 */
export function firstCalled(
  { clusters, pods }: LiveSystem,
  scenario: Scenario,
  paths: readonly Path[],
): string[] | undefined {
  const found = new Set<string>();
  for (const path of paths) {
    const live = clusters.find(({ name }) => name === path.cluster);
    const template = scenario.load.paths.find(({ name }) => name === path.name);
    const door = pods.find(
      (pod) => pod.gateway && pod.ready && pod.cluster === path.cluster && pod.locality.zone === path.zone,
    );
    if (live === undefined || template === undefined || door === undefined) return undefined;
    const request = requestOf(template, path.host);
    for (let asked = 0; asked < ASKED; asked += 1) {
      const table = routesFor(configurationOf(live), servicePortsOf(live), door, () => asked / ASKED);
      const decision = gatewayAnswer(
        table,
        entryFor(live.gateways, door.labels, { ...path, host: request.host }),
        request,
      );
      if (decision.kind !== 'send') return undefined;
      const service = serviceOfHost(decision.target.host);
      if (service === undefined) return undefined;
      found.add(service);
    }
  }
  return [...found];
}
