import { hostMatches } from '../../mesh/config-read.ts';
import { gatewayRoute, type RouteTarget } from '../../mesh/route-config.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Random } from '../../model/ports.ts';
import { newUid } from '../api/identity.ts';
import { asMap, listOf, mapOf, mapsOf } from '../api/json.ts';
import { type HttpAnswer, type HttpRequest, REQUEST_ID, TEXT } from '../programs/http.ts';
import type { ClientSidecar } from './client-sidecar.ts';

/** Headers that belong to one connection, and those that describe a body, which is not passed on. */
const NOT_FORWARDED = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'],
  ...['host', 'content-length', 'content-type', 'content-encoding'],
]);

const NOT_FOUND: HttpAnswer = { status: 404, body: '', contentType: TEXT };

/** What the gateway needs of its own client proxy. */
export type GatewayProxy = Pick<ClientSidecar, 'routes' | 'send'> & {
  readonly options: { readonly client: { readonly labels: Readonly<Record<string, string>> } };
};

/** The ingress gateway's Envoy: Gateway and VirtualService decide by host and path, its own client proxy does the rest. */
export async function ingressGateway(
  sidecar: GatewayProxy,
  gateways: readonly KubeObject[],
  random: Random,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer | undefined> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (!NOT_FORWARDED.has(name)) headers[name] = value;
  }
  headers[REQUEST_ID] ??= newUid(random);
  const target = routeOf(sidecar, gateways, request);
  if (target === undefined) return NOT_FOUND;
  return sidecar.send({ ...request, headers }, target, signal);
}

function routeOf(
  sidecar: GatewayProxy,
  gateways: readonly KubeObject[],
  request: HttpRequest,
): RouteTarget | undefined {
  const host = request.host.replace(/:\d+$/, '');
  const names = gateways.filter((gateway) => serves(gateway, sidecar, host)).map(qualifiedName);
  if (names.length === 0 || sidecar.routes === undefined) return undefined;
  return gatewayRoute(sidecar.routes, names, { ...request, host });
}

/** A Gateway binds to the pods its selector names and to the hosts of its servers. */
function serves(gateway: KubeObject, sidecar: GatewayProxy, host: string): boolean {
  const spec = mapOf(asMap(gateway).spec);
  const labels = sidecar.options.client.labels;
  if (!Object.entries(mapOf(spec.selector)).every(([label, value]) => labels[label] === value)) return false;
  const hosts = mapsOf(spec.servers).flatMap((server) => listOf(server.hosts).map(String));
  return hosts.some((pattern) => hostMatches(pattern.replace(/^.*\//, ''), host));
}

function qualifiedName(gateway: KubeObject): string {
  return `${gateway.metadata.namespace ?? 'default'}/${gateway.metadata.name ?? ''}`;
}
