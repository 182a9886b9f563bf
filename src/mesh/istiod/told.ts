import type { Random } from '../../model/ports.ts';
import { type InboundFault, inboundFaults } from '../inbound-faults.ts';
import type { MeshEndpoint } from '../locality.ts';
import type { NetworkGateway } from '../networks.ts';
import type { RouteTable } from '../route-config.ts';
import { type ClusterPush, clustersFor, type MeshProxy, type MeshService, ownEndpoints } from './clusters.ts';
import { type Configuration, routesFor } from './configuration.ts';
import { isPassing } from './gateway-binding.ts';
import { scopeOf } from './scope.ts';

/** All that an istiod tells a proxy from. */
export type IstiodView = {
  readonly configuration: Configuration;
  /** Where its proxies are. */
  readonly cluster: string;
  /** The Services of that cluster. */
  readonly services: readonly MeshService[];
  /** East-west gateways of all clusters. */
  readonly eastWest: readonly NetworkGateway[];
  /** Chooses among weighted destinations. */
  readonly random: Random;
};

/** A Service that is none for the proxy, and what kube-proxy would make of a call to it. */
export type Stranger = { readonly host: string; readonly port: number; readonly endpoints: readonly MeshEndpoint[] };

/** What a proxy is told, but for what Gateways make of its ports (gateway-binding.ts). */
type Told = {
  readonly clusters: readonly ClusterPush[];
  readonly strangers: readonly Stranger[];
  readonly routes: RouteTable;
  /** The fault filters on its inbound side. */
  readonly inbound: readonly InboundFault[];
};

/** What an istiod tells one proxy. */
export function toldTo(proxy: MeshProxy, { configuration, cluster, services, eastWest, random }: IstiodView): Told {
  const { namespace, kind, client } = proxy;
  const caller = { namespace, labels: client.labels };
  const scope = scopeOf(proxy, configuration);
  const passes = kind === 'gateway' && isPassing(caller.labels, configuration.gateways);
  const surroundings = { config: configuration, cluster, eastWest };
  return {
    clusters: services
      .filter((service) => scope(service) === 'service')
      .flatMap((service) => clustersFor(proxy, service, surroundings, passes)),
    strangers: services
      .filter((service) => scope(service) === 'stranger')
      .map(({ host, port, endpoints }) => ({ host, port, endpoints: ownEndpoints(endpoints, cluster) })),
    routes: routesFor(configuration, services, caller, random),
    inbound: inboundFaults(configuration.envoyFilters, configuration.rootNamespace, caller),
  };
}
