import type { KubeObject } from '../model/kubernetes.ts';
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
export type RouteRequest = {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

export type RouteTarget = {
  readonly host: string;
  readonly port: number | undefined;
  readonly settings: RouteSettings;
};

export type RouteTable = {
  readonly virtualServices: readonly KubeObject[];
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
  return firstRoute(table, bound, request, (pattern) => hostMatches(pattern, request.host));
}

/**
 * How a sidecar treats a call to a service: a VirtualService bound to `mesh` (the default) may set timeout, retries and
 * faults or send it elsewhere; without one the service itself is called with Istio's default policy.
 */
export function meshRoute(
  table: RouteTable,
  target: { host: string; port: number },
  request: RouteRequest,
): RouteTarget {
  const bound = table.virtualServices.filter((item) => {
    const gateways = object(item.spec).gateways;
    return gateways === undefined || strings(gateways).includes('mesh');
  });
  const route = firstRoute(table, bound, request, (pattern, namespace) =>
    hostMatches(resolveHost(pattern, namespace), target.host),
  );
  return route ?? { ...target, settings: { retry: table.defaultRetry } };
}

function firstRoute(
  table: RouteTable,
  virtualServices: readonly KubeObject[],
  request: RouteRequest,
  hostRule: (pattern: string, namespace: string) => boolean,
): RouteTarget | undefined {
  for (const item of virtualServices) {
    const namespace = namespaceOf(item);
    const spec = object(item.spec);
    if (!strings(spec.hosts).some((pattern) => hostRule(pattern, namespace))) continue;
    const http = objects(spec.http).find((entry) => routeMatches(entry, request));
    const destination = object(objects(http?.route)[0]?.destination);
    const host = text(destination.host);
    if (http === undefined || host === undefined) continue;
    const port = number(object(destination.port).number);
    return { host: resolveHost(host, namespace), port, settings: routeSettings(http, table.defaultRetry) };
  }
  return undefined;
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
