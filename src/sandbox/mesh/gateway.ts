import { type JsonObject, object } from '../../mesh/config-read.ts';
import {
  bindingFor,
  gatewayAnswer,
  isAutoPassthrough,
  isPlain,
  serversFor,
  sourcesOf,
} from '../../mesh/istiod/gateway-binding.ts';
import type { RouteDecision } from '../../mesh/route-config.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Random } from '../../model/ports.ts';
import { newUid } from '../api/identity.ts';
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
  return listener.config.gateways.some((gateway) => plainServers(listener, gateway).length > 0);
}

/** Whether a Gateway tells the pod's Envoy to pass connections on by what they ask for (Istio: AUTO_PASSTHROUGH), those of a name too. */
export function passesOn(listener: GatewayListener, sni: string): boolean {
  const [, host = ''] = /^outbound_\.\d+_\.[^_]*_\.(.+)$/.exec(sni) ?? [];
  return listener.config.gateways.some((gateway) =>
    passingServers(listener, gateway).some((server) => sourcesOf(server, gateway, host).length > 0),
  );
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
  const { pod, config, sidecar } = listener;
  if (sidecar.routes === undefined) return NOT_FOUND;
  const binding = bindingFor(
    config.gateways,
    pod.metadata.labels ?? {},
    host,
    (server) => isPlain(server) && isAt(listener, server),
  );
  const decision = gatewayAnswer(sidecar.routes, binding, { ...request, host });
  if (decision.kind === 'answer') return writtenAnswer(decision);
  return sidecar.send({ ...request, headers }, decision.target, signal);
}

/** The answer of a route that sends nowhere. */
export function writtenAnswer({ status, body, location }: RouteDecision & { kind: 'answer' }): HttpAnswer {
  return { status, body, contentType: TEXT, ...(location === undefined ? {} : { headers: { location } }) };
}

/** Of plain HTTP: TLS is not spoken here. */
function plainServers(listener: GatewayListener, gateway: KubeObject): JsonObject[] {
  return serversAt(listener, gateway).filter(isPlain);
}

function passingServers(listener: GatewayListener, gateway: KubeObject): JsonObject[] {
  return serversAt(listener, gateway).filter(isAutoPassthrough);
}

function serversAt(listener: GatewayListener, gateway: KubeObject): JsonObject[] {
  return serversFor(listener.pod.metadata.labels ?? {}, gateway).filter((server) => isAt(listener, server));
}

function isAt({ pod, port, config }: GatewayListener, server: JsonObject): boolean {
  return listenerPorts(Number(object(server.port).number), pod, config.services).includes(port);
}
