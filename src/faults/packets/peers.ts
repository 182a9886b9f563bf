import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Peer, Side } from './data.ts';
import { addressesOf, type Nodes, podsOf, serviceOf } from './pods.ts';
import type { Match } from './rules.ts';

/** Addresses where one port is called. */
type Place = { readonly addresses: readonly string[]; readonly port: number | null };

type Slice = {
  addressType?: string;
  endpoints?: { addresses?: string[]; targetRef?: { name?: string } }[];
  ports?: { name?: string; port?: number }[];
};
type ServiceSpec = { clusterIPs?: string[]; clusterIP?: string; ports?: { name?: string; port: number }[] };

/** The other ends of a side as they are now, as what is to be matched; none where nobody is there. */
export async function matchesOf(side: Side, nodes: Nodes, cluster: Cluster): Promise<Match[]> {
  const { peer, calls, port } = side;
  switch (peer.kind) {
    case 'everyone':
      return [{ calls, port, peers: null }];
    case 'ranges':
      return [{ calls, port, peers: peer.ranges }];
    case 'pods': {
      const pods = await podsOf(peer.aim, nodes, cluster);
      return filled([{ calls, port, peers: unique(pods.flatMap(({ object }) => addressesOf(object))) }]);
    }
    default:
      return filled(await serviceMatches(side, peer, cluster));
  }
}

/** A Service's own port is the one that is called; its endpoints may have another. */
async function serviceMatches(
  { calls, port }: Side,
  { namespace, service }: Extract<Peer, { kind: 'service' }>,
  cluster: Cluster,
): Promise<Match[]> {
  const { spec } = await serviceOf(service, namespace, cluster);
  const { clusterIP, clusterIPs = [], ports = [] } = (spec ?? {}) as ServiceSpec;
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const slices = (await cluster.list(KINDS.endpointSlice, { namespace, labelSelector })) as (KubeObject & Slice)[];
  const own = unique([...clusterIPs, ...(clusterIP === undefined ? [] : [clusterIP])].filter(isAddress));
  const all = unique(slices.flatMap(endpointsIn));
  if (port === null) return [{ calls, port, peers: unique([...all, ...own]) }];
  const incoming: Match[] = calls === 'out' ? [] : [{ calls: 'in', port, peers: all }];
  if (calls === 'in') return incoming;
  const called = ports.find((one) => one.port === port);
  if (called === undefined) {
    const what = `cluster ${cluster.name}: Service ${namespace}/${service} has no port ${port}`;
    const hint = `It has ${ports.map((one) => one.port).join(', ') || 'none'}.`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  const places = slices.flatMap((slice): Place[] =>
    (slice.ports ?? [])
      .filter((one) => (one.name ?? '') === (called.name ?? ''))
      .map((one) => ({ addresses: endpointsIn(slice), port: one.port ?? null })),
  );
  const outgoing = [...places, { addresses: own, port }].filter(({ port: is }) => is !== null);
  return [...incoming, ...outgoing.map((place): Match => ({ calls: 'out', port: place.port, peers: place.addresses }))];
}

function endpointsIn({ addressType, endpoints = [] }: Slice): string[] {
  if (addressType === 'FQDN') return [];
  return unique(endpoints.flatMap(({ addresses = [] }) => addresses));
}

/** `None` stands for a Service without an address, and nothing for one that has none yet. */
function isAddress(text: string): boolean {
  return text !== '' && text !== 'None';
}

function unique(addresses: readonly string[]): string[] {
  return [...new Set(addresses)].sort();
}

function filled(matches: readonly Match[]): Match[] {
  return matches.filter(({ peers }) => peers === null || peers.length > 0);
}
