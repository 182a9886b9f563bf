import type { KubeObject } from '../model/kubernetes.ts';
import type { Random } from '../model/ports.ts';
import { resolveHost } from '../model/service-host.ts';
import { duration, type JsonObject, namespaceOf, number, object, objects, strings, text } from './config-read.ts';
import type { RetryPolicy, RouteFault, RouteSettings } from './retry.ts';
import { comesFrom, type RouteCaller, type RouteOrigin, type RouteRequest, routeMatches } from './route-match.ts';
import { isExported, mostSpecific, oldestFirst, specificity } from './visibility.ts';

export type RouteTarget = {
  readonly host: string;
  readonly port: number | undefined;
  readonly subset?: string;
  readonly settings: RouteSettings;
};

export type RouteTable = {
  readonly virtualServices: readonly KubeObject[];
  /** The proxy that the table is for: not every VirtualService is, and not every route in one. */
  readonly caller: RouteCaller;
  /** `exportTo` of those that say nothing of it (MeshConfig: defaultVirtualServiceExportTo). */
  readonly exportTo?: readonly string[];
  /** Chooses among weighted destinations. */
  readonly random: Random;
  readonly defaultRetry: RetryPolicy;
  /** The ports of the Services of the cluster, by full name. */
  readonly ports: ReadonlyMap<string, readonly number[]>;
};

/** What is done with a request: it is sent on, or answered on the spot. */
export type RouteDecision =
  | { readonly kind: 'send'; readonly target: RouteTarget }
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly location?: string };

const NO_ROUTE: RouteDecision = { kind: 'answer', status: 404, body: '' };

/** A Gateway whose server is for the host of a request: `namespace/name`, and the namespace whose VirtualServices it takes. */
export type BoundGateway = { readonly name: string; readonly from: string };

/**
 * What an ingress gateway does with a request: the first matching HTTP route of the VirtualServices bound to that gateway
 * (`namespace/name` or `name` in the VirtualService's own namespace). Those for the most specific host count, the oldest
 * first, and the others not at all.
 */
export function gatewayRoute(
  table: RouteTable,
  listener: { readonly gateways: readonly BoundGateway[]; readonly port: number | undefined },
  request: RouteRequest,
): RouteDecision {
  const { port } = listener;
  const gateways = listener.gateways.map(({ name }) => name);
  const bound = visible(table).filter((item) => {
    const names = gatewaysOf(item);
    return listener.gateways.some(({ name, from }) => {
      return names.includes(name) && (from === '*' || from === namespaceOf(item));
    });
  });
  const origin = (item: KubeObject) => ({ caller: table.caller, gateways: namesFor(gateways, item), port });
  const score = (item: KubeObject) => hostScore(item, (pattern) => specificity(pattern, request.host));
  for (const item of mostSpecific(bound, score)) {
    const decision = routeIn(table, item, request, origin(item));
    if (decision !== undefined) return decision;
  }
  return NO_ROUTE;
}

/** A match names gateways as its VirtualService does, in short or with the namespace. */
function namesFor(gateways: readonly string[], item: KubeObject): string[] {
  const prefix = `${namespaceOf(item)}/`;
  return gateways.flatMap((name) => (name.startsWith(prefix) ? [name, name.slice(prefix.length)] : [name]));
}

/** The Gateways that a VirtualService is bound to, as `namespace/name`; `mesh`, where it is named, reads as one of them. */
export function gatewaysOf(item: KubeObject): string[] {
  const names = strings(object(item.spec).gateways);
  return names.map((name) => (name.includes('/') ? name : `${namespaceOf(item)}/${name}`));
}

/**
 * How a sidecar treats a call to a service: a VirtualService bound to `mesh` (the default) may set timeout, retries and
 * faults or send it elsewhere; without one the service itself is called with Istio's default policy. Of several the one
 * for the most specific host holds, then the oldest: its routes are all there is, and where none matches it is a 404.
 */
export function meshRoute(
  table: RouteTable,
  target: { readonly host: string; readonly port: number },
  request: RouteRequest,
): RouteDecision {
  const own = meshVirtualService(table, target.host);
  if (own === undefined) return { kind: 'send', target: { ...target, settings: { retry: table.defaultRetry } } };
  const origin = { caller: table.caller, gateways: ['mesh'], port: target.port };
  return routeIn(table, own, request, origin) ?? NO_ROUTE;
}

/** The VirtualService whose HTTP routes hold for a sidecar's calls to a host; undefined where there is none. */
export function meshVirtualService(
  table: Pick<RouteTable, 'virtualServices' | 'caller' | 'exportTo'>,
  host: string,
): KubeObject | undefined {
  const bound = visible(table).filter((item) => {
    const gateways = object(item.spec).gateways;
    const inMesh = gateways === undefined || strings(gateways).includes('mesh');
    return inMesh && objects(object(item.spec).http).length > 0;
  });
  const score = (item: KubeObject) =>
    hostScore(item, (pattern) => specificity(resolveHost(pattern, namespaceOf(item)), host));
  return mostSpecific(bound, score)[0];
}

/** Names of the HTTP routes that istiod gives a sidecar for its calls of a host; routes of other callers are not among them. */
export function meshRouteNames(table: RouteTable, host: string): string[] {
  const origin = { caller: table.caller, gateways: ['mesh'], port: undefined };
  const http = objects(object(meshVirtualService(table, host)?.spec).http);
  return http
    .filter(({ match }) => objects(match).length === 0 || objects(match).some((entry) => comesFrom(entry, origin)))
    .flatMap(({ name }) => text(name) ?? []);
}

function visible({
  virtualServices,
  caller,
  exportTo,
}: Pick<RouteTable, 'virtualServices' | 'caller' | 'exportTo'>): KubeObject[] {
  return oldestFirst(virtualServices.filter((item) => isExported(item, caller.namespace, exportTo)));
}

/** How much the hosts of a VirtualService say, by the one that says most. */
function hostScore(item: KubeObject, score: (pattern: string) => number): number {
  return Math.max(0, ...strings(object(item.spec).hosts).map(score));
}

/** What the first matching route of a VirtualService does. */
function routeIn(
  table: RouteTable,
  item: KubeObject,
  request: RouteRequest,
  origin: RouteOrigin,
): RouteDecision | undefined {
  const http = objects(object(item.spec).http).find((entry) => routeMatches(entry, request, origin));
  if (http === undefined) return undefined;
  const answer = answered(http, request);
  if (answer !== undefined) return answer;
  const destination = object(weighted(objects(http.route), table.random)?.destination);
  const host = text(destination.host);
  if (host === undefined) return undefined;
  const subset = text(destination.subset);
  const full = resolveHost(host, namespaceOf(item));
  const target = {
    host: full,
    port: number(object(destination.port).number) ?? portFor(table.ports.get(full) ?? [], origin),
    ...(subset === undefined ? {} : { subset }),
    settings: routeSettings(http, table.defaultRetry),
  };
  return { kind: 'send', target };
}

/** Where a route names no port: the only one that the Service has, else that by which the request came (Istio: GetDestinationCluster). */
function portFor([first, ...others]: readonly number[], origin: RouteOrigin): number | undefined {
  return others.length > 0 ? origin.port : (first ?? origin.port);
}

/** A route that sends nowhere: a redirect, or an answer that is written down. */
function answered({ redirect, directResponse }: JsonObject, request: RouteRequest): RouteDecision | undefined {
  if (directResponse !== undefined) {
    const { status, body } = object(directResponse);
    return { kind: 'answer', status: number(status) ?? 200, body: text(object(body).string) ?? '' };
  }
  if (redirect === undefined) return undefined;
  const { scheme, authority, uri, redirectCode } = object(redirect);
  const place = `${text(scheme) ?? 'http'}://${text(authority) ?? request.host}${text(uri) ?? request.path}`;
  return { kind: 'answer', status: number(redirectCode) ?? 301, body: '', location: place };
}

/** Draws a destination by weight; one without a weight has it all when it is alone, and nothing otherwise. */
function weighted(destinations: readonly JsonObject[], random: Random): JsonObject | undefined {
  const weightOf = ({ weight }: JsonObject): number => number(weight) ?? 0;
  const total = destinations.reduce((sum, one) => sum + weightOf(one), 0);
  if (total === 0) return destinations[0];
  let point = random() * total;
  return destinations.find((one) => {
    point -= weightOf(one);
    return weightOf(one) > 0 && point < 0;
  });
}

function routeSettings(http: JsonObject, defaults: RetryPolicy): RouteSettings {
  const timeoutMs = duration(http.timeout);
  const fault = readFault(object(http.fault));
  return {
    retry: http.retries === undefined ? defaults : readRetries(object(http.retries), defaults),
    ...(timeoutMs === undefined || timeoutMs === 0 ? {} : { timeoutMs }),
    ...(fault === undefined ? {} : { fault }),
  };
}

/** VirtualService `retries` (Istio: retry.go ConvertPolicy): numbers in `retryOn` are status codes, none given keeps the defaults. */
export function readRetries(block: JsonObject, defaults: RetryPolicy): RetryPolicy {
  const words = (text(block.retryOn) ?? '').split(',').map((word) => word.trim());
  const named = words.filter((word) => word !== '' && Number.isNaN(Number(word)));
  const codes = words.filter((word) => word !== '' && !Number.isNaN(Number(word))).map(Number);
  const base = named.length > 0 ? { on: named, statusCodes: [] } : defaults;
  const perTryTimeoutMs = duration(block.perTryTimeout);
  return {
    retries: number(block.attempts) ?? defaults.retries,
    on: codes.length > 0 ? [...new Set([...base.on, 'retriable-status-codes'])] : base.on,
    statusCodes: [...base.statusCodes, ...codes],
    remoteLocalities: block.retryRemoteLocalities === true,
    ...(perTryTimeoutMs === undefined || perTryTimeoutMs === 0 ? {} : { perTryTimeoutMs }),
  };
}

function readFault(fault: JsonObject): RouteFault | undefined {
  const abort = object(fault.abort);
  const delay = object(fault.delay);
  const status = number(abort.httpStatus);
  const ms = duration(delay.fixedDelay);
  if (status === undefined && ms === undefined) return undefined;
  return {
    ...(status === undefined ? {} : { abort: { status, percent: percentageOf(abort) } }),
    ...(ms === undefined ? {} : { delay: { ms, percent: percentageOf(delay) } }),
  };
}

/** Of a route's fault: how many of 100 requests it hits; none where nothing is said. Of a delay, `percent` is the older field (Istio: route.go TranslateFault). */
export function percentageOf(block: JsonObject): number {
  return (block.percentage === undefined ? number(block.percent) : number(object(block.percentage).value)) ?? 0;
}
