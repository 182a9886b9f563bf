import { SERVICE_LABEL, sliceOf } from '../../model/endpoint-slice.ts';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import { addressesOf } from '../../model/pod-object.ts';
import type { Cluster } from '../../model/ports.ts';
import { whyNoRange } from './cidr.ts';
import type { Peer, Side } from './data.ts';
import { type Nodes, podsOf, serviceOf } from './pods.ts';
import type { Match } from './rules.ts';

/** Addresses where one port is called. */
type Place = { readonly addresses: readonly string[]; readonly port: number | null };

type ServiceSpec = { clusterIPs?: string[]; clusterIP?: string; ports?: { name?: string; port: number }[] };

/** The other ends of a side as they are now. */
export type Ends = {
  /** What is to be matched; none where nobody is there. */
  readonly matches: readonly Match[];
  /** Addresses of a node that are left out: whoever has the node's network has them, too. */
  readonly shared: readonly string[];
};

/** Looks up the other ends of a side. Throws FAULT_NO_TARGET where there is no such Service, or no such port of it. */
export async function endsOf(side: Side, nodes: Nodes, cluster: Cluster): Promise<Ends> {
  const { peer, calls, port, inside } = side;
  if (peer.kind === 'everyone') {
    return { matches: [{ calls, port, peers: null, ...(inside === undefined ? {} : { inside }) }], shared: [] };
  }
  if (peer.kind === 'ranges') return { matches: [{ calls, port, peers: peer.ranges }], shared: [] };
  return withoutNodes(
    peer.kind === 'service' ? await serviceMatches(side, peer, cluster) : await podMatches(side, peer, nodes, cluster),
    addressesOfNodes(nodes),
  );
}

/** A node's address means one pod only where it is called at that pod's port: no rule may get wider than its peer. */
function withoutNodes(all: readonly Match[], nodes: ReadonlySet<string>): Ends {
  const isShared = ({ calls, port }: Match, peer: string) => nodes.has(peer) && (calls !== 'out' || port === null);
  const matches = all.map((match) => ({
    ...match,
    peers: match.peers?.filter((peer) => !isShared(match, peer)) ?? [],
  }));
  return {
    matches: matches.filter(({ peers }) => peers.length > 0),
    shared: unique(all.flatMap((match) => (match.peers ?? []).filter((peer) => isShared(match, peer)))),
  };
}

function addressesOfNodes(nodes: Nodes): ReadonlySet<string> {
  return new Set(
    nodes.flatMap(({ status }) => {
      const { addresses = [] } = (status ?? {}) as { addresses?: { address: string }[] };
      return addresses.map(({ address }) => address);
    }),
  );
}

async function podMatches(
  { calls, port }: Side,
  { aim }: Extract<Peer, { kind: 'pods' }>,
  nodes: Nodes,
  cluster: Cluster,
): Promise<Match[]> {
  const pods = await podsOf(aim, nodes, cluster);
  return [{ calls, port, peers: unique(pods.flatMap(({ object }) => addressesOf(object))) }];
}

/** A Service's own port is the one that is called; its endpoints may have another. */
async function serviceMatches(
  { calls, port }: Side,
  { namespace, service }: Extract<Peer, { kind: 'service' }>,
  cluster: Cluster,
): Promise<Match[]> {
  const { spec } = await serviceOf(service, namespace, cluster);
  const { clusterIP, clusterIPs = [], ports = [] } = (spec ?? {}) as ServiceSpec;
  const labelSelector = selectorText({ [SERVICE_LABEL]: service });
  const slices = await cluster.list(KINDS.endpointSlice, { namespace, labelSelector });
  const own = unique([...clusterIPs, ...(clusterIP === undefined ? [] : [clusterIP])]);
  const all = unique(slices.flatMap(endpointsIn));
  if (port === null) return [{ calls, port, peers: unique([...all, ...own]) }];
  const incoming: Match[] = calls === 'out' ? [] : [{ calls: 'in', port, peers: all }];
  if (calls === 'in') return incoming;
  const called = new Set(ports.filter((one) => one.port === port).map(({ name = '' }) => name));
  if (called.size === 0) {
    const what = `cluster ${cluster.name}: Service ${namespace}/${service} has no port ${port}`;
    const hint = `It has ${ports.map((one) => one.port).join(', ') || 'none'}.`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  const places = slices.flatMap((slice): Place[] =>
    (sliceOf(slice).ports ?? [])
      .filter((one) => called.has(one.name ?? ''))
      .map((one) => ({ addresses: endpointsIn(slice), port: one.port ?? null })),
  );
  const outgoing = [...places, { addresses: own, port }].filter(({ port: is }) => is !== null);
  return [...incoming, ...outgoing.map((place): Match => ({ calls: 'out', port: place.port, peers: place.addresses }))];
}

function endpointsIn(slice: KubeObject): string[] {
  const { addressType, endpoints } = sliceOf(slice);
  return addressType === 'FQDN' ? [] : unique((endpoints ?? []).flatMap(({ addresses = [] }) => addresses));
}

/** In order, once, and nothing else than addresses: they become words of a script, and a Service may say `None`. */
function unique(addresses: readonly string[]): string[] {
  return [...new Set(addresses)].filter((text) => whyNoRange(text) === undefined).sort();
}
