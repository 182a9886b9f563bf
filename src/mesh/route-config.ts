import type { KubeObject } from '../model/kubernetes.ts';
import type { Random } from '../model/ports.ts';
import {
  duration,
  hostMatches,
  type JsonObject,
  namespaceOf,
  number,
  object,
  objects,
  resolveHost,
  strings,
  text,
} from './config-read.ts';
import type { RetryPolicy, RouteFault, RouteSettings } from './retry.ts';

/** A request, as far as routes match on it. Header names are in lower case. */
type RouteRequest = {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

export type RouteTarget = {
  readonly host: string;
  readonly port: number | undefined;
  readonly subset?: string;
  readonly settings: RouteSettings;
};

export type RouteTable = {
  readonly virtualServices: readonly KubeObject[];
  /** Chooses among weighted destinations. */
  readonly random: Random;
  readonly defaultRetry: RetryPolicy;
};

/**
 * Where an ingress gateway sends a request: the first matching HTTP route of a VirtualService bound to that gateway
 * (`namespace/name` or `name` in the VirtualService's own namespace). Undefined is a 404.
 */
export function gatewayRoute(
  table: RouteTable,
  gateways: readonly string[],
  request: RouteRequest,
): RouteTarget | undefined {
  const bound = table.virtualServices.filter((item) =>
    strings(object(item.spec).gateways).some((name) =>
      gateways.includes(name.includes('/') ? name : `${namespaceOf(item)}/${name}`),
    ),
  );
  for (const item of bound.filter((one) => isFor(one, (pattern) => hostMatches(pattern, request.host)))) {
    const target = routeIn(table, item, request);
    if (target !== undefined) return target;
  }
  return undefined;
}

/**
 * How a sidecar treats a call to a service: a VirtualService bound to `mesh` (the default) may set timeout, retries and
 * faults or send it elsewhere; without one the service itself is called with Istio's default policy. Undefined is a 404:
 * its routes are all there is, and none of them matches.
 */
export function meshRoute(
  table: RouteTable,
  target: { host: string; port: number },
  request: RouteRequest,
): RouteTarget | undefined {
  const bound = table.virtualServices.filter((item) => {
    const gateways = object(item.spec).gateways;
    return gateways === undefined || strings(gateways).includes('mesh');
  });
  const own = bound
    .filter((item) => objects(object(item.spec).http).length > 0)
    .find((item) => isFor(item, (pattern) => hostMatches(resolveHost(pattern, namespaceOf(item)), target.host)));
  if (own === undefined) return { ...target, settings: { retry: table.defaultRetry } };
  return routeIn(table, own, request);
}

function isFor(item: KubeObject, hostRule: (pattern: string) => boolean): boolean {
  return strings(object(item.spec).hosts).some(hostRule);
}

/** The first route of a VirtualService that matches. */
function routeIn(table: RouteTable, item: KubeObject, request: RouteRequest): RouteTarget | undefined {
  const http = objects(object(item.spec).http).find((entry) => routeMatches(entry, request));
  const destination = object(weighted(objects(http?.route), table.random)?.destination);
  const host = text(destination.host);
  if (http === undefined || host === undefined) return undefined;
  const subset = text(destination.subset);
  return {
    host: resolveHost(host, namespaceOf(item)),
    port: number(object(destination.port).number),
    ...(subset === undefined ? {} : { subset }),
    settings: routeSettings(http, table.defaultRetry),
  };
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

/** Any entry of `match` is enough; inside an entry everything must match. No `match` matches all. */
function routeMatches(http: JsonObject, request: RouteRequest): boolean {
  const entries = objects(http.match);
  if (entries.length === 0) return true;
  const path = request.path.split('?')[0] ?? '';
  return entries.some(
    (entry) =>
      stringMatches(entry.uri, path) &&
      stringMatches(entry.authority, request.host) &&
      stringMatches(entry.method, request.method) &&
      Object.entries(object(entry.headers)).every(([name, rule]) =>
        stringMatches(rule, String(request.headers[name.toLowerCase()] ?? '')),
      ),
  );
}

function stringMatches(rule: unknown, value: string): boolean {
  if (rule === undefined) return true;
  const { exact, prefix, regex } = object(rule);
  if (typeof exact === 'string') return exact === value;
  if (typeof prefix === 'string') return value.startsWith(prefix);
  if (typeof regex === 'string') return new RegExp(`^(?:${regex})$`).test(value);
  return value !== '';
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
    ...(status === undefined ? {} : { abort: { status, percent: percentage(abort) } }),
    ...(ms === undefined ? {} : { delay: { ms, percent: percentage(delay) } }),
  };
}

/** No percentage given means every request (Istio: route.go TranslateFault). */
function percentage(block: JsonObject): number {
  return block.percentage === undefined ? 100 : (number(object(block.percentage).value) ?? 0);
}
