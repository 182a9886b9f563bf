import { hostMatches, type JsonObject, object, objects, strings } from '../../mesh/config-read.ts';
import { isFor, isPlain as isHttp } from '../../mesh/istiod/gateway-binding.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { callersAmong } from '../callers.ts';
import { type Found, type LintRule, objectIn } from '../finding.ts';
import type { CallerGroup, Entry, LintSystem } from '../system.ts';

/** Istio: gateway.go; measured on the lab: 301 for any path, whatever the server on port 443. */
export const httpsRedirect: LintRule = {
  id: 'https-redirect',
  severity: 'error',
  title: 'plain HTTP is only redirected',
  why: 'A server with tls.httpsRedirect answers every request over plain HTTP with 301 by itself: no request that comes that way reaches a service (Istio `gateway.go` buildGatewayHTTPRouteConfig).',
  change: 'Send to the https address, or take httpsRedirect off the server for plain HTTP.',
  check: (system) =>
    gatewaysOf(system).flatMap((caller) =>
      boundTo(caller).flatMap((gateway) =>
        objects(object(gateway.spec).servers).flatMap((server, index) => {
          const asked = system.entries.filter(
            ({ caller: one, host, redirectIsGood }) => one === caller && takes(server, host) && !redirectIsGood,
          );
          if (!isRedirect(server) || (system.scenario !== undefined && asked.length === 0)) return [];
          return {
            object: objectIn(caller.live.configuredBy, gateway),
            field: `spec.servers[${index}].tls.httpsRedirect`,
            what: `Requests over plain HTTP${asked.map(({ host }) => ` to ${host}`).join(',')} are answered 301, and the targets file has http addresses for ${caller.live.name}.`,
            change: 'Write https addresses into the targets file, or remove httpsRedirect.',
            severity: asked.length > 0 ? ('error' as const) : ('warning' as const),
          };
        }),
      ),
    ),
};

/** Istio: gateway.go, route.go; Envoy answers what no route matches 404 by itself. */
export const noGatewayRoute: LintRule = {
  id: 'no-gateway-route',
  severity: 'error',
  title: 'no gateway route takes the scenario’s request',
  why: 'A gateway knows the hosts of the servers that select it and the routes of the VirtualServices bound to them; it answers everything else 404 by itself (Istio `gateway.go`, Envoy response flag NR).',
  change: 'Bind a VirtualService for the host to the Gateway, with a route for the path.',
  check: (system) =>
    system.entries
      .filter(({ caller, heard, status }) => isPlain(system, caller) && (!heard || status !== undefined))
      .map(lost),
};

function lost({ caller, request, host, path, heard, status }: Entry): Found {
  const [gateway] = boundTo(caller);
  const object =
    gateway === undefined
      ? { cluster: caller.live.configuredBy, kind: 'Gateway', namespace: caller.namespace, name: '(none)' }
      : objectIn(caller.live.configuredBy, gateway);
  return {
    object,
    field: heard ? 'spec.servers' : 'spec.servers[].hosts',
    what: heard
      ? `Request ${request} (${host}${path}) is answered ${status} by the gateway itself: no route sends it on.`
      : `No server for plain HTTP takes the host ${host} of request ${request}.`,
    change: heard
      ? `Add a route for ${path} to the VirtualService for ${host}.`
      : `Add ${host} to the hosts of a server.`,
  };
}

/** Gateways whose addresses in the targets file are plain HTTP. */
function gatewaysOf(system: LintSystem): CallerGroup[] {
  const known = system.entries.map(({ caller }) => caller);
  const pods = system.live.pods.filter(({ gateway }) => gateway);
  const all = known.length > 0 ? known : system.live.clusters.flatMap((live) => callersAmong(live, pods));
  return [...new Set(all)].filter((caller) => isPlain(system, caller));
}

function isPlain({ target }: LintSystem, { live }: CallerGroup): boolean {
  const { gateways = [] } = target.clusters.find(({ name }) => name === live.name) ?? {};
  return gateways.length > 0 && gateways.every(({ address }) => address.protocol === 'http');
}

function boundTo({ live, labels }: CallerGroup): KubeObject[] {
  return live.gateways.filter((gateway) => isFor(labels, gateway));
}

function takes(server: { readonly hosts?: unknown }, host: string): boolean {
  return strings(server.hosts).some((entry) => hostMatches(entry.split('/').at(-1) ?? '', host));
}

function isRedirect(server: JsonObject): boolean {
  return isHttp(server) && object(server.tls).httpsRedirect === true;
}
