import { namespaceOf, number, object, objects, strings, text } from '../mesh/config-read.ts';
import type { RoutedCalls } from '../model/history.ts';
import { type KubeObject, MESH_KINDS } from '../model/kubernetes.ts';
import type { Cluster, HistoryWriter } from '../model/ports.ts';
import { resolveHost, serviceOfHost } from '../model/service-host.ts';
import type { ObservedScope } from '../model/target.ts';
import { CONTROL_PLANE } from '../workload/control-plane.ts';

/** VirtualServices, as they are listed. */
export const ROUTES = MESH_KINDS.virtualServices;

/** Namespaces whose VirtualServices may hold for gateways, and for callers of observed Services. */
export function routedFrom({ namespaces, gateways = [] }: ObservedScope): string[] {
  return [...new Set([...namespaces, ...gateways.map(({ namespace }) => namespace), CONTROL_PLANE.namespace])];
}

/**
 * Reads once, when a run begins, which routes take requests past what is counted, and writes them into the history; nothing where there are
 * none, or where they cannot be read.
 */
export async function observeRoutes(
  cluster: Pick<Cluster, 'name' | 'list'>,
  scope: ObservedScope,
  history: Pick<HistoryWriter, 'append'>,
): Promise<void> {
  const lists = routedFrom(scope).map((namespace) => cluster.list(ROUTES, { namespace }));
  const found = await Promise.all(lists).catch(() => []);
  const routes = routesIn(found.flat(), scope.namespaces);
  if (routes.length > 0) history.append({ type: 'routes', cluster: cluster.name, routes });
}

/** Routes that mirror, that send calls of one Service to another, and that lead to a Service of a namespace that is not observed. */
function routesIn(items: readonly KubeObject[], observed: readonly string[]): RoutedCalls[] {
  return items.flatMap((item) => {
    const { spec, metadata } = item;
    const namespace = namespaceOf(item);
    const serviceOf = (destination: unknown): string | undefined =>
      serviceOfHost(resolveHost(text(object(destination).host) ?? '', namespace));
    const hosts = strings(object(spec).hosts).map((host) => resolveHost(host, namespace));
    const routes = objects(object(spec).http).flatMap((http) => {
      const shared = {
        ...{ virtualService: `${namespace}/${metadata.name ?? ''}`, hosts },
        ...(objects(http.match).length > 0 && { matched: true as const }),
      };
      const copies = mirrorsOf(http).flatMap((mirror) => serviceOf(mirror) ?? []);
      const sent = destinationsOf(http).flatMap((destination) => serviceOf(destination) ?? []);
      return [
        ...copies.map((to): RoutedCalls => ({ ...shared, to, mirror: true })),
        ...sent.filter((to) => isPast(to, hosts, observed)).map((to): RoutedCalls => ({ ...shared, to })),
      ];
    });
    return [...new Map(routes.map((route) => [JSON.stringify(route), route])).values()];
  });
}

/** Whether what goes there is not counted for the Service that was called, or by nobody. */
function isPast(to: string, hosts: readonly string[], observed: readonly string[]): boolean {
  const called = hosts.flatMap((host) => serviceOfHost(host) ?? []);
  return called.some((service) => service !== to) || !observed.some((namespace) => to.startsWith(`${namespace}/`));
}

/** Of several destinations one without a weight gets nothing (Istio: HTTPRouteDestination). */
function destinationsOf(http: ReturnType<typeof object>): unknown[] {
  const all = objects(http.route);
  return all.filter(({ weight }) => (number(weight) ?? (all.length === 1 ? 1 : 0)) > 0).map((one) => one.destination);
}

function mirrorsOf(http: ReturnType<typeof object>): unknown[] {
  const isOff = (share: unknown): boolean => number(object(share).value) === 0;
  return [
    ...(http.mirror === undefined || isOff(http.mirrorPercentage) ? [] : [http.mirror]),
    ...objects(http.mirrors).flatMap(({ destination, percentage }) => (isOff(percentage) ? [] : [destination])),
  ];
}
