import type { Scenario } from '../model/scenario.ts';
import type { LiveSystem } from '../predict/live-system.ts';

/** Who calls whom by a scenario. Names that several namespaces have stand for several Services. */
export type Chain = {
  readonly hops: readonly { readonly from: readonly string[]; readonly to: readonly string[] }[];
  /** Services of the chain itself. */
  readonly called: ReadonlySet<string>;
  /** Names in the chain that are no Service. */
  readonly unknown: readonly string[];
  /** All Services that the scenario speaks of, those behind which the workloads of its faults stand included. */
  readonly services: ReadonlySet<string>;
};

/** The chain of a scenario; undefined without a scenario, or where it names none. */
export function chainOf(live: LiveSystem, scenario: Scenario | undefined): Chain | undefined {
  const names = scenario?.load.good.chain ?? [];
  if (scenario === undefined || names.length === 0) return undefined;
  const all = live.clusters.flatMap(({ services }) => services.map(({ metadata }) => metadata));
  const found = names.map((name) => [
    ...new Set(all.filter((one) => one.name === name).map(({ namespace }) => `${namespace}/${name}`)),
  ]);
  const hops = found.slice(1).map((to, index) => ({ from: found[index] ?? [], to }));
  const called = new Set(found.flat());
  const services = new Set([...called, ...hitBy(live, scenario)]);
  return { hops, called, unknown: names.filter((_, index) => found[index]?.length === 0), services };
}

/** Services behind which the workloads stand that faults name. */
function hitBy({ pods }: LiveSystem, { faults }: Scenario): string[] {
  return faults.flatMap(({ spec }) => {
    const hit = pods.filter(
      ({ cluster, namespace, workload }) =>
        cluster === spec.cluster && namespace === spec.namespace && workload === spec.deployment,
    );
    return hit.flatMap(({ services }) => services.map(({ service }) => service));
  });
}
