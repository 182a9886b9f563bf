import { hostMatches } from '../../mesh/config-read.ts';
import { gatewayRoute, type RouteDecision } from '../../mesh/route-config.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Random } from '../../model/ports.ts';
import { newUid } from '../api/identity.ts';
import { asMap, type JsonMap, listOf, mapOf, mapsOf, numberOf, stringOf } from '../api/json.ts';
import { type HttpAnswer, type HttpRequest, REQUEST_ID, TEXT } from '../programs/http.ts';
import type { ClientSidecar } from './client-sidecar.ts';
import { listenerPorts } from './gateway-ports.ts';

/** Headers that belong to one connection, and those that describe a body, which is not passed on. */
const NOT_FORWARDED = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'],
  ...['host', 'content-length', 'content-type', 'content-encoding'],
]);

const NOT_FOUND: HttpAnswer = { status: 404, body: '', contentType: TEXT };

/** What the gateway needs of its own client proxy. */
export type GatewayProxy = Pick<ClientSidecar, 'routes' | 'send'>;

/** What istiod tells a gateway's pod beside clusters and routes: all Gateways, and the Services that translate their ports. */
export type GatewayConfig = { readonly gateways: readonly KubeObject[]; readonly services: readonly KubeObject[] };

/** One port of a gateway's pod, and what it is told to do there. */
export type GatewayListener = {
  readonly sidecar: GatewayProxy;
  readonly pod: KubeObject;
  readonly port: number;
  readonly config: GatewayConfig;
};

/** Whether any Gateway gives this pod's Envoy something to do on the port; without that nothing listens. */
export function listensOn(listener: GatewayListener): boolean {
  return listener.config.gateways.some((gateway) => serversOn(listener, gateway).length > 0);
}

/** Whether a Gateway tells the pod's Envoy to pass connections on by what they ask for (Istio: AUTO_PASSTHROUGH), those of a name too. */
export function passesOn(listener: GatewayListener, sni: string): boolean {
  const [, host = ''] = /^outbound_\.\d+_\.[^_]*_\.(.+)$/.exec(sni) ?? [];
  return listener.config.gateways.some((gateway) =>
    passingServers(listener, gateway).some((server) => sources(server, host, gateway).length > 0),
  );
}

/** Whether any Gateway makes a pod with these labels one that passes connections on. */
export function isPassing(labels: Readonly<Record<string, string>>, gateways: readonly KubeObject[]): boolean {
  return gateways.some((gateway) => serversFor(labels, gateway).some(isAutoPassthrough));
}

/** The ingress gateway's Envoy: Gateway and VirtualService decide by host and path, its own client proxy does the rest. */
export async function ingressGateway(
  listener: GatewayListener,
  random: Random,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer | undefined> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (!NOT_FORWARDED.has(name)) headers[name] = value;
  }
  headers[REQUEST_ID] ??= newUid(random);
  const host = request.host.replace(/:\d+$/, '');
  const binding = listener.config.gateways.flatMap((gateway) => {
    const own = serversOn(listener, gateway).map((server) => ({ server, from: sources(server, host, gateway) }));
    const [first] = own.filter(({ from }) => from.length > 0);
    return first === undefined ? [] : [{ ...first, name: qualifiedName(gateway) }];
  });
  if (binding.some(({ server }) => mapOf(server.tls).httpsRedirect === true)) {
    return { ...NOT_FOUND, status: 301, headers: { location: `https://${host}${request.path}` } };
  }
  const { routes } = listener.sidecar;
  if (binding.length === 0 || routes === undefined) return NOT_FOUND;
  const gateways = binding.flatMap(({ name, from }) => from.map((namespace) => ({ name, from: namespace })));
  const port = numberOf(mapOf(binding[0]?.server.port).number);
  const decision = gatewayRoute(routes, { gateways, port }, { ...request, host });
  if (decision.kind === 'answer') return writtenAnswer(decision);
  return listener.sidecar.send({ ...request, headers }, decision.target, signal);
}

/** The answer of a route that sends nowhere. */
export function writtenAnswer({ status, body, location }: RouteDecision & { kind: 'answer' }): HttpAnswer {
  return { status, body, contentType: TEXT, ...(location === undefined ? {} : { headers: { location } }) };
}

/** A Gateway binds to the pods its selector names, and each of its servers to a port. TLS is not spoken here. */
function serversOn(listener: GatewayListener, gateway: KubeObject): JsonMap[] {
  return serversFor(listener.pod.metadata.labels ?? {}, gateway).filter(
    (server) => /^(HTTP|HTTP2|GRPC)$/.test(stringOf(mapOf(server.port).protocol)) && isAt(listener, server),
  );
}

function passingServers(listener: GatewayListener, gateway: KubeObject): JsonMap[] {
  return serversFor(listener.pod.metadata.labels ?? {}, gateway).filter(
    (server) => isAutoPassthrough(server) && isAt(listener, server),
  );
}

function isAutoPassthrough({ tls }: JsonMap): boolean {
  return mapOf(tls).mode === 'AUTO_PASSTHROUGH';
}

function isAt({ pod, port, config }: GatewayListener, server: JsonMap): boolean {
  return listenerPorts(Number(mapOf(server.port).number), pod, config.services).includes(port);
}

function serversFor(labels: Readonly<Record<string, string>>, gateway: KubeObject): JsonMap[] {
  const spec = mapOf(asMap(gateway).spec);
  const isOurs = Object.entries(mapOf(spec.selector)).every(([label, value]) => labels[label] === value);
  return isOurs ? mapsOf(spec.servers) : [];
}

/** Namespaces whose VirtualServices a server takes for a host, `*` for all: none where it is not for the host. */
function sources(server: JsonMap, host: string, gateway: KubeObject): string[] {
  return listOf(server.hosts).flatMap((entry) => {
    const [pattern = '', namespace = '*'] = String(entry).split('/', 2).reverse();
    if (!hostMatches(pattern, host)) return [];
    return [namespace === '.' ? (gateway.metadata.namespace ?? 'default') : namespace];
  });
}

function qualifiedName(gateway: KubeObject): string {
  return `${gateway.metadata.namespace ?? 'default'}/${gateway.metadata.name ?? ''}`;
}
