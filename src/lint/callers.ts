import { object, objects } from '../mesh/config-read.ts';
import type { LiveCluster, LivePod } from '../predict/live-system.ts';
import type { CallerGroup } from './system.ts';

/** The pods of a cluster that call, in groups whose proxies get the same configuration. */
export function callersAmong(live: LiveCluster, pods: readonly LivePod[]): CallerGroup[] {
  const told = labelsThatCount(live);
  const calling = pods.filter(({ cluster, proxied }) => cluster === live.name && proxied);
  const groups = Map.groupBy(calling, ({ namespace, gateway, labels }) =>
    JSON.stringify([namespace, gateway, told.map((label) => labels[label] ?? null)]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { namespace, gateway, labels } = first;
    return [{ live, namespace, gateway, labels, pods: group }];
  });
}

/** Labels by which any object of the mesh tells proxies apart. */
function labelsThatCount(live: LiveCluster): string[] {
  const selectors = [
    ...live.destinationRules.map(({ spec }) => object(object(spec).workloadSelector).matchLabels),
    ...[...live.sidecars, ...live.envoyFilters].map(({ spec }) => object(object(spec).workloadSelector).labels),
    ...live.gateways.map(({ spec }) => object(spec).selector),
    ...live.virtualServices.flatMap(({ spec }) =>
      objects(object(spec).http).flatMap(({ match }) => objects(match).map(({ sourceLabels }) => sourceLabels)),
    ),
  ];
  return [...new Set(selectors.flatMap((selector) => Object.keys(object(selector))))].sort();
}

/** Their proxies, as their istiod tells them apart. */
export function callingProxy({ namespace, gateway, labels }: CallerGroup) {
  return { namespace, kind: gateway ? 'gateway' : 'sidecar', client: { labels } } as const;
}

/** Callers in words: `gateways in istio-system`, `sidecars of mocka in default`. */
export function callersText({ gateway, namespace, pods }: CallerGroup): string {
  if (gateway) return `gateways in ${namespace}`;
  const workloads = [...new Set(pods.flatMap(({ services }) => services.map(({ service }) => service.split('/')[1])))];
  const whose =
    workloads.length === 0 || workloads.length > 3 ? 'sidecars' : `sidecars of ${workloads.sort().join(', ')}`;
  return `${whose} in ${namespace}`;
}
