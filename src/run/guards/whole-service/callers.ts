import { GATEWAY, callersOf as hopsCalling } from '../../../model/callees.ts';
import type { Scenario } from '../../../model/scenario.ts';
import { statedService } from '../../../model/service-names.ts';
import type { Millis } from '../../../model/units.ts';
import type { PlannedFault } from '../../planned-run.ts';
import { type Cut, isTo } from './cuts.ts';
import { podKey, type Service, type Serving, type ServingPod } from './serving.ts';

/** What is known of who calls whom. */
export type Calling = {
  readonly scenario: Scenario;
  readonly serving: Serving;
  readonly faults: readonly PlannedFault[];
  /** Of all clusters of the target. */
  readonly clusters: readonly string[];
  /** What is answered as late as this is no good answer to anybody. */
  readonly patienceMs: Millis;
};

/**
 * Who calls a Service: by the chains of the scenario, and by what it says in its faults. Where it says neither, anybody who is
 * known may. Never the pods of the Service itself.
 */
export function callersOf(service: Service, calling: Calling, cuts: readonly Cut[]): ServingPod[] {
  const { services, gateways } = calling.serving;
  const known = [...callersByChain(service, calling), ...callersByFaults(service, calling, cuts)];
  const own = new Set(service.pods.map(({ key }) => key));
  const any = known.length > 0 ? known : [...services.flatMap(({ pods }) => pods), ...gateways];
  return [...new Map(any.map((pod) => [pod.key, pod])).values()].filter(({ key }) => !own.has(key));
}

/** The Services that a name of a chain stands for. */
export function servicesNamed(name: string, { scenario, serving }: Calling): Service[] {
  const stated = statedService(scenario.services ?? {}, name);
  return serving.services.filter((one) => (stated === undefined ? one.name.endsWith(`/${name}`) : one.name === stated));
}

function callersByChain(service: Service, calling: Calling): ServingPod[] {
  const { load } = calling.scenario;
  const chains = load.paths.map(({ good }) => (good ?? load.good).chain);
  return [load.good.chain, ...chains].flatMap((chain) => {
    const hops = hopsCalling(chain, load.chain.calls ?? {});
    return chain.flatMap((name, hop) => {
      const caller = hops[hop];
      if (caller === undefined || !servicesNamed(name, calling).includes(service)) return [];
      const found =
        caller === GATEWAY
          ? calling.serving.gateways
          : servicesNamed(chain[caller] ?? '', calling).flatMap(({ pods }) => pods);
      return found.length === 0 ? [podNamed('', '', 'somebody who was not read')] : found;
    });
  });
}

/** Who a fault says calls the Service: whoever stands behind the same Services does the same. */
function callersByFaults(service: Service, calling: Calling, cuts: readonly Cut[]): ServingPod[] {
  const { serving, faults } = calling;
  const said = cuts.filter((cut) => cut.named && service.pods.some((pod) => isTo(cut, service, pod)));
  const calls = (key: string) => said.some(({ by }) => by?.has(key));
  const behind = serving.services.filter(({ pods }) => pods.some(({ key }) => calls(key)));
  const known = new Set(behind.flatMap(({ pods }) => pods.map(({ key }) => key)));
  const alone = faults
    .flatMap(({ plan }) => plan.affected)
    .filter(({ cluster, namespace, pod }) => {
      const key = podKey(cluster, namespace, pod);
      return calls(key) && !known.has(key);
    });
  return [...behind.flatMap(({ pods }) => pods), ...workers(alone, calling)];
}

/** Callers that no Service stands for: where none of their workload is hit, there may be one all the same. */
function workers(alone: readonly PlannedFault['plan']['affected'][number][], { clusters }: Calling): ServingPod[] {
  const groups = Map.groupBy(alone, ({ namespace, workload }) => `${namespace}/${workload}`);
  return [...groups.values()].flatMap((own) => {
    const missing = clusters.filter((name) => !own.some(({ cluster }) => cluster === name));
    return [
      ...own.map(({ cluster, namespace, pod }) => podNamed(cluster, namespace, pod)),
      ...missing.map((cluster) => podNamed(cluster, own[0]?.namespace ?? '', `another of ${own[0]?.workload}`)),
    ];
  });
}

/** A pod of which no more is known than its place, if that. */
function podNamed(cluster: string, namespace: string, name: string): ServingPod {
  return { key: podKey(cluster, namespace, name), cluster, network: undefined, namespace, addresses: [] };
}
