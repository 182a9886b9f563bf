import { hasLabels } from '../model/labels.ts';
import { type JsonObject, number, object, objects, strings, text } from './config-read.ts';

/** A request, as far as routes match on it. Header names are in lower case. */
export type RouteRequest = {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

/** The proxy that routes are for. */
export type RouteCaller = {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** Where a request comes from and arrives: what a match may narrow a route to. */
export type RouteOrigin = {
  readonly caller: RouteCaller;
  /** `mesh` for a sidecar, the Gateways of its listener for a gateway. */
  readonly gateways: readonly string[];
  /** Port of the Service or of the Gateway's server. */
  readonly port: number | undefined;
};

/** Conditions that are understood. One that is not matches nothing: it narrows the route, and must not widen it. */
const KNOWN = new Set([
  ...['name', 'statPrefix', 'uri', 'scheme', 'method', 'authority', 'headers', 'withoutHeaders', 'queryParams'],
  ...['ignoreUriCase', 'port', 'sourceLabels', 'sourceNamespace', 'gateways'],
]);

/** Any entry of `match` is enough; inside an entry everything must match. No `match` matches all. */
export function routeMatches(http: JsonObject, request: RouteRequest, origin: RouteOrigin): boolean {
  const entries = objects(http.match);
  return entries.length === 0 || entries.some((entry) => entryMatches(entry, request, origin));
}

function entryMatches(entry: JsonObject, request: RouteRequest, origin: RouteOrigin): boolean {
  if (Object.keys(entry).some((field) => !KNOWN.has(field))) return false;
  const port = number(entry.port);
  if (port !== undefined && port !== 0 && port !== origin.port) return false;
  return comesFrom(entry, origin) && isAbout(entry, request);
}

/** Whether an entry of `match` is for this origin. Gateways that are named settle it; labels and namespace of the caller count without them (Istio: sourceMatchHTTP). */
export function comesFrom(entry: JsonObject, { caller, gateways }: RouteOrigin): boolean {
  const named = strings(entry.gateways);
  if (named.length > 0) return named.some((name) => gateways.includes(name));
  const namespace = text(entry.sourceNamespace) ?? '';
  return hasLabels(caller.labels, object(entry.sourceLabels)) && (namespace === '' || namespace === caller.namespace);
}

function isAbout(entry: JsonObject, { path, host, method, headers }: RouteRequest): boolean {
  const [pathname = '', query = ''] = path.split('?', 2);
  const values = new URLSearchParams(query);
  const header = (name: string): string | undefined => headers[name.toLowerCase()]?.toString();
  return (
    uriMatches(entry, pathname) &&
    stringMatches(entry.scheme, 'http') &&
    stringMatches(entry.authority, host) &&
    stringMatches(entry.method, method) &&
    Object.entries(object(entry.headers)).every(([name, rule]) => valueMatches(rule, header(name))) &&
    Object.entries(object(entry.withoutHeaders)).every(([name, rule]) => !valueMatches(rule, header(name))) &&
    Object.entries(object(entry.queryParams)).every(([name, rule]) => valueMatches(rule, values.get(name) ?? undefined))
  );
}

/** The case of exact paths and prefixes may be ignored, that of expressions not. */
function uriMatches({ uri, ignoreUriCase }: JsonObject, path: string): boolean {
  const { exact, prefix } = object(uri);
  if (ignoreUriCase !== true) return stringMatches(uri, path);
  if (typeof exact === 'string') return exact.toLowerCase() === path.toLowerCase();
  if (typeof prefix === 'string') return path.toLowerCase().startsWith(prefix.toLowerCase());
  return stringMatches(uri, path);
}

/** A header or parameter that is not there matches nothing; an empty rule asks only that it is there. */
function valueMatches(rule: unknown, value: string | undefined): boolean {
  return value !== undefined && stringMatches(rule, value);
}

function stringMatches(rule: unknown, value: string): boolean {
  if (rule === undefined) return true;
  const { exact, prefix, regex } = object(rule);
  if (typeof exact === 'string') return exact === value;
  if (typeof prefix === 'string') return value.startsWith(prefix);
  if (typeof regex === 'string') return regex === '*' || new RegExp(`^(?:${regex})$`).test(value);
  return true;
}
