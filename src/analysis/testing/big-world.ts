import type { FaultHeader } from '../../model/history.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import type { Endpoint, Topology } from '../../model/target.ts';

/** How large a generated run is. Everything not said is small. */
export type Shape = {
  readonly records: number;
  /** Each through a gateway zone of its own. */
  readonly paths: number;
  /** One after the other, each with a stage and an order of its own. */
  readonly faults: number;
  readonly services: number;
  /** Chains that differ only in addresses, for each place that answers. */
  readonly chainsPerPlace: number;
  readonly seconds: number;
  /** Hops are served in any zone, so that each of these chains counts by itself. */
  readonly mixedZones?: boolean;
  /** Every path fails for a while in every stage, not only the one that is hit. */
  readonly allFail?: boolean;
};

const ZONES_PER_CLUSTER = 40;

export const zoneOf = (path: number): string => `zone-${path}`;
const clusterOf = (path: number): string => `cluster-${Math.floor(path / ZONES_PER_CLUSTER)}`;
export const pathId = (path: number): string => `entry@${clusterOf(path)}/${zoneOf(path)}`;
export const serviceOf = (index: number): string => `service-${index}`;
/** The path whose zone a fault hits; the zone after it takes over. */
export const hitBy = ({ paths }: Shape, fault: number): number => (2 * fault) % (paths - 1);
/** Enough for as many chains, when the pods of the first three hops vary. */
export const podsOf = ({ chainsPerPlace }: Shape): number => Math.max(2, Math.ceil(Math.cbrt(chainsPerPlace)));
export const ipOf = (zone: number, service: number, pod: number): string =>
  `10.${zone >> 2}.${((zone & 3) << 6) | (service >> 2)}.${((service & 3) << 6) | pod}`;

const zonesOf = ({ paths }: Shape): number[] => Array.from({ length: paths }, (_, zone) => zone);

export function topologyOf(shape: Shape): Topology {
  const byCluster = Map.groupBy(zonesOf(shape), clusterOf);
  return {
    clusters: [...byCluster].map(([name, zones]) => ({
      name,
      region: `region-of-${name}`,
      zones: zones.map(zoneOf),
      uid: name,
      server: `https://${name}`,
      version: 'v1.34.0',
    })),
    paths: zonesOf(shape).map((zone) => ({
      id: pathId(zone),
      name: 'entry',
      cluster: clusterOf(zone),
      region: `region-of-${clusterOf(zone)}`,
      zone: zoneOf(zone),
      protocol: 'http',
      host: zoneOf(zone),
      port: 80,
    })),
  };
}

function podsIn(shape: Shape, zone: number, service: number): Endpoint[] {
  const workload = `${serviceOf(service)}-${zone}`;
  return Array.from({ length: podsOf(shape) }, (_, pod) => ({
    cluster: clusterOf(zone),
    region: `region-of-${clusterOf(zone)}`,
    zone: zoneOf(zone),
    namespace: 'default',
    service: serviceOf(service),
    workload,
    pod: `${workload}-${pod}`,
    ip: ipOf(zone, service, pod),
    ready: true,
  }));
}

/** All endpoints of a cluster. */
export function endpointsOf(shape: Shape, cluster: string): Endpoint[] {
  const zones = zonesOf(shape).filter((zone) => clusterOf(zone) === cluster);
  return zones.flatMap((zone) =>
    Array.from({ length: shape.services }, (_, service) => podsIn(shape, zone, service)).flat(),
  );
}

/** Stops every pod of the second service in one zone. */
export function faultHeader(shape: Shape, fault: number): FaultHeader {
  const zone = hitBy(shape, fault);
  return {
    name: `fault-${fault}`,
    kind: 'imageSwap',
    cluster: clusterOf(zone),
    summary: `Swapped the image of Deployment default/${serviceOf(1)}-${zone}`,
    signature: 'stops-serving',
    affected: podsIn(shape, zone, 1).map(({ cluster, namespace, zone: place, workload, pod, ip }) => ({
      cluster,
      namespace,
      zone: place,
      workload,
      pod,
      ip,
    })),
  };
}

export function orderOf(shape: Shape, fault: number): FailoverOrder {
  const zone = hitBy(shape, fault);
  const place = { zone: zoneOf(zone + 1) };
  return { service: serviceOf(1), from: { zone: zoneOf(zone) }, order: [{ place, shareAtLeast: 0.9 }] };
}
