import type { Path } from '../../../model/target.ts';
import type { Rng } from './rng.ts';

/** A pod that can serve, a gateway's included. */
export type Pod = {
  readonly cluster: string;
  readonly region: string;
  readonly zone: string;
  readonly namespace: string;
  readonly service: string;
  readonly workload: string;
  readonly name: string;
  readonly ip: string;
};

/** One cluster is one region. */
type Cluster = { readonly name: string; readonly region: string; readonly zones: readonly string[] };

export type World = {
  readonly clusters: readonly Cluster[];
  /** The services of the chain in call order. */
  readonly services: readonly string[];
  readonly pods: readonly Pod[];
  readonly gateways: readonly Pod[];
  readonly paths: readonly Path[];
};

type WorldOptions = {
  /** Zones of each region. */
  readonly zones: readonly number[];
  readonly services: number;
  /** Pods of each service in each zone. */
  readonly pods: number;
  /** Requests sent through each gateway zone. */
  readonly requests: number;
  /** Gateway zones that are asked, counted over all regions; absent: all. */
  readonly via?: readonly number[];
};

const REGIONS = [
  ['kiel', 'nordland'],
  ['ulm', 'suedmark'],
  ['trier', 'westhafen'],
] as const;
const SERVICES = ['till', 'basket', 'stock', 'ledger'];
const REQUESTS = ['buy', 'look', 'pay'];
export const GATEWAY = 'gateway';
const HEX = 'bcdfghjklmnpqrstvwxz2456789';

function suffix(rng: Rng, length: number): string {
  return Array.from({ length }, () => rng.pick([...HEX])).join('');
}

/** A new pod of a workload, with an address that no pod of the run has had. */
export function spawn(rng: Rng, like: Pod, number: number): Pod {
  const [a, b, c] = like.ip.split('.');
  return { ...like, name: `${like.workload}-${suffix(rng, 9)}-${suffix(rng, 5)}`, ip: `${a}.${b}.${c}.${number}` };
}

function podOf(rng: Rng, cluster: Cluster, zone: string, service: string, ip: string): Pod {
  const workload = service === GATEWAY ? `ingress-${zone}` : `${service}-${zone}`;
  const namespace = service === GATEWAY ? 'istio-system' : 'shop';
  const name = `${workload}-${suffix(rng, 9)}-${suffix(rng, 5)}`;
  return { cluster: cluster.name, region: cluster.region, zone, namespace, service, workload, name, ip };
}

/** A world of regions, zones, services and gateway addresses. */
export function makeWorld(rng: Rng, options: WorldOptions): World {
  const clusters = options.zones.map((count, i) => {
    const [name, region] = REGIONS[i] ?? ['x', 'xland'];
    return { name, region, zones: Array.from({ length: count }, (_, z) => `${region}-${z + 1}`) };
  });
  const services = SERVICES.slice(0, options.services);
  const pods: Pod[] = [];
  const gateways: Pod[] = [];
  for (const [r, cluster] of clusters.entries()) {
    for (const [z, zone] of cluster.zones.entries()) {
      gateways.push(podOf(rng, cluster, zone, GATEWAY, `10.${r + 1}.${z * 8}.9`));
      for (const [s, service] of services.entries()) {
        for (let p = 0; p < options.pods; p++) {
          pods.push(podOf(rng, cluster, zone, service, `10.${r + 1}.${z * 8 + s + 1}.${10 + p}`));
        }
      }
    }
  }
  return { clusters, services, pods, gateways, paths: pathsOf(gateways, options) };
}

function pathsOf(gateways: readonly Pod[], options: WorldOptions): Path[] {
  const asked = gateways.filter((_, i) => options.via === undefined || options.via.includes(i));
  const names = Array.from({ length: options.requests }, (_, i) => REQUESTS[i] ?? `view${i}`);
  return names.flatMap((name) =>
    asked.map((pod) => ({
      id: `${name}@${pod.cluster}/${pod.zone}`,
      name,
      cluster: pod.cluster,
      region: pod.region,
      zone: pod.zone,
      protocol: 'http' as const,
      host: pod.ip,
      port: 8080,
    })),
  );
}
