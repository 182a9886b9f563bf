import type { KubeObject } from '../../model/kubernetes.ts';
import { hasLabels, type Labels } from '../../model/labels.ts';
import { hostMatches, type JsonObject, namespaceOf, number, object, objects, strings, text } from '../config-read.ts';
import { type BoundGateway, gatewayRoute, type RouteDecision, type RouteTable } from '../route-config.ts';
import type { RouteRequest } from '../route-match.ts';

/** What the Gateways of a pod make of a host. */
export type GatewayBinding = {
  /** Those with a server that takes it. */
  readonly gateways: readonly BoundGateway[];
  /** Port of the first of these servers. */
  readonly port: number | undefined;
  /** Whether these servers send everybody to HTTPS. */
  readonly redirects: boolean;
};

/** Whether a Gateway is for a pod with these labels. */
export function isFor(labels: Labels, { spec }: KubeObject): boolean {
  return hasLabels(labels, object(object(spec).selector));
}

/** The servers that a Gateway gives to a pod with these labels; none where it is for others. */
export function serversFor(labels: Labels, gateway: KubeObject): JsonObject[] {
  return isFor(labels, gateway) ? objects(object(gateway.spec).servers) : [];
}

/** Whether a server speaks plain HTTP. */
export function isPlain({ port }: JsonObject): boolean {
  return /^(HTTP|HTTP2|GRPC)$/.test(text(object(port).protocol) ?? '');
}

/** Whether a server speaks HTTP behind a TLS that it ends itself (Istio: ServerTLSSettings, whose default is PASSTHROUGH). */
function endsTls({ port, tls }: JsonObject): boolean {
  return object(port).protocol === 'HTTPS' && !/^(AUTO_)?PASSTHROUGH$/.test(text(object(tls).mode) ?? 'PASSTHROUGH');
}

/** Whether a server passes connections on by what they ask for. */
export function isAutoPassthrough({ tls }: JsonObject): boolean {
  return object(tls).mode === 'AUTO_PASSTHROUGH';
}

/** Whether any Gateway makes a pod with these labels one that passes connections on. */
export function isPassing(labels: Labels, gateways: readonly KubeObject[]): boolean {
  return gateways.some((gateway) => serversFor(labels, gateway).some(isAutoPassthrough));
}

/** Namespaces whose VirtualServices a server of a Gateway takes for a host, `*` for all: none where it is not for the host. */
export function sourcesOf(server: JsonObject, gateway: KubeObject, host: string): string[] {
  return strings(server.hosts).flatMap((entry) => {
    const [pattern = '', namespace = '*'] = entry.split('/', 2).reverse();
    if (!hostMatches(pattern, host)) return [];
    return [namespace === '.' ? namespaceOf(gateway) : namespace];
  });
}

/** `namespace/name` of a Gateway. */
export function gatewayName(gateway: KubeObject): string {
  return `${namespaceOf(gateway)}/${gateway.metadata.name ?? ''}`;
}

/** What the servers of a pod make of a host for clients of a protocol. Where none speaks HTTPS, TLS ends before the gateway. */
export function entryFor(
  gateways: readonly KubeObject[],
  labels: Labels,
  { host, protocol }: { readonly host: string; readonly protocol: 'http' | 'https' },
): GatewayBinding {
  const encrypted = bindingFor(gateways, labels, host, endsTls);
  return protocol === 'https' && encrypted.gateways.length > 0
    ? encrypted
    : bindingFor(gateways, labels, host, isPlain);
}

/** What those servers of a pod that `isMeant` is for make of a host. */
export function bindingFor(
  gateways: readonly KubeObject[],
  labels: Labels,
  host: string,
  isMeant: (server: JsonObject) => boolean,
): GatewayBinding {
  const bound = gateways.flatMap((gateway) =>
    serversFor(labels, gateway)
      .filter(isMeant)
      .flatMap((server) =>
        sourcesOf(server, gateway, host).map((from) => ({ from, server, name: gatewayName(gateway) })),
      ),
  );
  // Which port clients come in by is not always known: one that sends everybody away is none where there is another.
  const redirecting = new Set(bound.filter(isRedirecting).map(portOf));
  const open = bound.filter((one) => !redirecting.has(portOf(one)));
  const taking = open.length > 0 ? open : bound;
  return {
    gateways: taking.map(({ name, from }) => ({ name, from })),
    port: taking[0] && portOf(taking[0]),
    redirects: bound.length > 0 && open.length === 0,
  };
}

type Bound = { readonly server: JsonObject };

function isRedirecting({ server }: Bound): boolean {
  return object(server.tls).httpsRedirect === true;
}

function portOf({ server }: Bound): number | undefined {
  return number(object(server.port).number);
}

/** What a gateway's pod does with a request of plain HTTP. */
export function gatewayAnswer(table: RouteTable, binding: GatewayBinding, request: RouteRequest): RouteDecision {
  if (!binding.redirects) return gatewayRoute(table, binding, request);
  return { kind: 'answer', status: 301, body: '', location: `https://${request.host}${request.path}` };
}
