import type { InboundFault } from '../../mesh/inbound-faults.ts';
import { meshRouteNames } from '../../mesh/route-config.ts';
import type { ClientSidecar } from './client-sidecar.ts';

/**
 * The part of Envoy's ConfigDump (admin.v3) that tells what an EnvoyFilter has put on the inbound side, or which named
 * routes hold for a proxy's calls; nothing of any other resource.
 */
export function configDump(
  sidecar: ClientSidecar,
  inbound: readonly InboundFault[],
  resource: string | undefined,
): object {
  switch (resource) {
    case 'dynamic_listeners':
      return { configs: [inboundListener(inbound)] };
    case 'dynamic_route_configs':
      return { configs: [outboundRoutes(sidecar)] };
    default:
      return { configs: [] };
  }
}

function inboundListener(inbound: readonly InboundFault[]): object {
  const filters = [{ typed_config: { http_filters: inbound.map(({ name }) => ({ name })) } }];
  return { name: 'virtualInbound', active_state: { listener: { filter_chains: [{ filters }] } } };
}

function outboundRoutes(sidecar: ClientSidecar): object {
  const { routes: table } = sidecar;
  const hosts = new Set(sidecar.clusters().map(({ name }) => name.split('|')[3] ?? ''));
  const names = table === undefined ? [] : [...hosts].flatMap((host) => meshRouteNames(table, host));
  return { route_config: { virtual_hosts: [{ routes: names.map((name) => ({ name })) }] } };
}
