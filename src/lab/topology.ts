import { FaultlineError } from '../model/errors.ts';
import { configuredBy, type NamedTopology, type TopologyCluster } from '../topologies/index.ts';

/** A node: a machine of its own, which is a network namespace, in a zone of its cluster. */
export type LabNode = {
  readonly name: string;
  readonly zone: string;
  /** What its machine goes by: its zone, unless another cluster has a node there, too. */
  readonly machine: string;
  /** In the lab's fabric; nothing outside its namespaces has a route there. */
  readonly address: string;
  /** Range of its pods. */
  readonly pods: string;
};

/** A cluster: a machine for its control plane, and one node in each of its zones. */
export type LabCluster = {
  readonly name: string;
  readonly region: string;
  /** Istio's network of its pods: no machine of another one has a route to them. */
  readonly network: string;
  /** The other cluster whose istiod serves its proxies; undefined where its own does. */
  readonly configuredBy: string | undefined;
  /** Of the control plane, in the fabric. */
  readonly address: string;
  /** In the fabric: where machines of other clusters reach Services that are told it. That of its last node. */
  readonly wayIn: string;
  readonly pods: string;
  readonly services: string;
  /** First address of the services' range: the API server's own Service. */
  readonly kubernetesService: string;
  readonly dnsService: string;
  readonly nodes: readonly LabNode[];
};

type Numbers = { readonly host: number; readonly pods: number; readonly services: number };

/**
 * What the addresses of a cluster are made of, by its place in the topology: the fabric is 10.210.0.0/24; pods have 10.212 and
 * 10.211, services 10.97 and 10.96, all of them inside the lab's network namespaces only.
 */
const PLACES: readonly Numbers[] = [
  { host: 30, pods: 212, services: 97 },
  { host: 10, pods: 211, services: 96 },
];

/** The clusters of a topology as the lab makes them, in the order of their addresses. Throws LAB for one that has too many. */
export function labClusters(topology: NamedTopology): readonly LabCluster[] {
  const { clusters } = topology;
  const made = clusters.map((cluster, index) => {
    const place = PLACES[index];
    if (place === undefined) throw new FaultlineError('LAB', `${topology.name}: the lab has ${PLACES.length} clusters`);
    const others = clusters.filter((other) => other !== cluster).flatMap(({ zones }) => zones);
    return labCluster(cluster, place, others);
  });
  return made.toReversed();
}

/** Nodes follow their control plane: 10.210.0.41 and .42 after .30. */
function labCluster(
  cluster: TopologyCluster,
  { host, pods, services }: Numbers,
  zonesOfOthers: readonly string[],
): LabCluster {
  const { name, region, zones, network = LAB_NAME } = cluster;
  return {
    ...{ name, region, network, configuredBy: configuredBy(cluster) },
    address: `10.210.0.${host}`,
    wayIn: `10.210.0.${host + 10 + zones.length}`,
    pods: `10.${pods}.0.0/16`,
    services: `10.${services}.0.0/16`,
    kubernetesService: `10.${services}.0.1`,
    dnsService: `10.${services}.0.10`,
    nodes: zones.map((zone, index) => ({
      name: `node-${zone}`,
      zone,
      machine: zonesOfOthers.includes(zone) ? `${name}-node${index + 1}` : zone,
      address: `10.210.0.${host + 11 + index}`,
      pods: `10.${pods}.${index + 1}.0/24`,
    })),
  };
}

/** Address of the fabric's bridge, where the balancer stands. */
export const FABRIC_ADDRESS = '10.210.0.1';
export const FABRIC_PREFIX = 24;

/** Port of every API server. */
export const API_PORT = 6443;

/**
 * Where the machine itself reaches what has `address` in the fabric: the same numbers on the loopback network, so that
 * the machine needs no interface and no route for the lab.
 */
export function loopbackOf(address: string): string {
  return address.replace(/^10\./, '127.');
}

/** Begins the name of everything that the lab makes. */
export const LAB_NAME = 'faultline-lab';

/** Network namespace of a machine of the lab: of `fabric`, of a cluster's control plane by its name, of a node by its machine's name. */
export function namespaceOf(machine: string): string {
  return `${LAB_NAME}-${machine}`;
}

/** A machine on the fabric: its name, which is that of its interface at the bridge, too (15 characters at most). */
export type LabMachine = { readonly name: string; readonly address: string };

/** Every machine on the fabric. */
export function machinesOf(clusters: readonly LabCluster[]): LabMachine[] {
  return clusters.flatMap(({ name, address, nodes }) => [
    { name, address },
    ...nodes.map(({ machine, address }) => ({ name: machine, address })),
  ]);
}
