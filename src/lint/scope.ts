import { callersOf, GATEWAY } from '../model/callees.ts';
import type { Scenario } from '../model/scenario.ts';
import { serviceOfHost } from '../model/service-host.ts';
import { statedService } from '../model/service-names.ts';
import type { LiveSystem } from '../predict/live-system.ts';
import { callersAmong } from './callers.ts';
import { gatewayDestinations } from './destinations.ts';
import type { Chain } from './system.ts';

/** The chains of a scenario's paths; undefined without a scenario, or where it names none. */
export function chainOf(live: LiveSystem, scenario: Scenario | undefined): Chain | undefined {
  const { load } = scenario ?? {};
  const chains = load?.paths.map(({ good }) => (good ?? load.good).chain) ?? [];
  const names = [...new Set(chains.flat())];
  if (scenario === undefined || names.length === 0) return undefined;
  const { services: stated = {} } = scenario;
  const found = new Map(names.map((name) => [name, named(live, name, statedService(stated, name))]));
  const of = (name: string | undefined): string[] => found.get(name ?? '') ?? [];
  const pairs = chains.flatMap((chain) => {
    const callers = callersOf(chain, scenario.load.chain.calls ?? {});
    return chain.slice(1).map((name, index) => [chain[callers[index + 1] ?? GATEWAY], name] as const);
  });
  const unique = new Map(pairs.map((pair) => [pair.join(' '), pair]));
  const hops = [...unique.values()].map(([from, to]) => ({ from: of(from), to: of(to) }));
  const called = new Set(names.flatMap(of));
  const services = new Set([...called, ...hitBy(live, scenario)]);
  const begun = new Set(chains.flatMap(([first]) => of(first)));
  const routed = routedTo(live);
  const within = new Set(hops.flatMap(({ to }) => to));
  const uncalled = new Set(
    routed.size === 0 ? [] : [...begun].filter((service) => !routed.has(service) && !within.has(service)),
  );
  const unknown = names.filter((name) => of(name).length === 0).map((name) => statedService(stated, name) ?? name);
  return { hops, called, uncalled, unknown, services };
}

/** The Services that gateways route to. */
function routedTo({ clusters, pods }: LiveSystem): Set<string> {
  const gateways = pods.filter(({ gateway }) => gateway);
  const hosts = clusters.flatMap((live) => callersAmong(live, gateways).flatMap(gatewayDestinations));
  return new Set(hosts.flatMap(({ host }) => serviceOfHost(host) ?? []));
}

/** The Services of that name, or the one that is stated for it, as `namespace/name`. */
function named({ clusters }: LiveSystem, wanted: string, stated: string | undefined): string[] {
  const all = clusters.flatMap(({ services }) => services.map(({ metadata }) => metadata));
  const services = new Set(all.map(({ namespace, name }) => `${namespace}/${name}`));
  return [...services].filter((key) => (stated === undefined ? key.endsWith(`/${wanted}`) : key === stated));
}

/** Services behind which the workloads stand that faults name. */
function hitBy({ pods }: LiveSystem, { faults }: Scenario): string[] {
  return faults.flatMap(({ spec }) => {
    const names = [spec.deployment, spec.statefulSet, spec.daemonSet, spec.rollout];
    const hit = pods.filter(
      ({ cluster, namespace, workload }) =>
        cluster === spec.cluster && namespace === spec.namespace && names.includes(workload),
    );
    return hit.flatMap(({ services }) => services.map(({ service }) => service));
  });
}
