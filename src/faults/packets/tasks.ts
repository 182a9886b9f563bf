import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { addressesOf } from '../../model/pod-object.ts';
import { HBONE_PORT, inAmbient } from '../../workload/ambient.ts';
import { isRedirected } from '../../workload/sidecars.ts';
import { endAll } from '../end-all.ts';
import { chainName, containerName, type FaultName, stateIn } from '../in-pod/container.ts';
import type { Placed, Task } from '../in-pod/kind.ts';
import { hasIPv6, isTied } from '../in-pod/pods.ts';
import { nodesOf, probedPorts } from '../in-pod/probes.ts';
import { addCommand, scriptOf, showCommand } from '../in-pod/script.ts';
import type { Aim, PacketData, Side } from './data.ts';
import { type Ends, endsOf } from './peers.ts';
import { type Found, type Nodes, podsOf } from './pods.ts';
import { chainsOf, type Match, type PodRules, queueCommands } from './rules.ts';

/** What is to be done in one pod, and what its rules match. */
export type PacketTask = Task & { readonly matches: readonly Match[] };

/** One side of a fault as it is now. */
export type Seen = {
  readonly side: Side;
  readonly tasks: readonly PacketTask[];
  /** Pods that can be hit, more than the count says where there are more. */
  readonly able: readonly Found[];
  /** Pods that are meant and cannot be hit: with the network of their node, or made by a kubelet alone. */
  readonly spared: readonly Found[];
  /** How many pods the side means, whatever its count. */
  readonly meant: number;
  readonly ends: Ends;
};

/** Looks at every side of a fault. Throws FAULT_REFUSED where rules cannot say what is asked. */
export async function lookAtSides(
  fault: Placed<PacketData>,
  { cluster }: Pick<FaultContext, 'cluster'>,
): Promise<{ readonly seen: readonly Seen[]; readonly nodes: Nodes }> {
  const nodes = await cluster.list(KINDS.node, {});
  const seen = await endAll(
    fault.data.sides.map(async (side): Promise<Seen> => {
      const [all, ends] = await bothOf(podsOf(side.aim, nodes, cluster), endsOf(side, nodes, cluster));
      const able = all.filter(({ object }) => !isTied(object));
      return {
        ...{ side, ends, able },
        meant: all.length,
        spared: all.filter(({ object }) => isTied(object)),
        tasks: chosen(able, side.aim, fault).flatMap((found) => taskFor(fault, found, ends.matches)),
      };
    }),
  );
  return { seen, nodes };
}

/** Two results, once both works have ended. */
async function bothOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await endAll<unknown>([first, second]);
  return [await first, await second];
}

/**
 * As many of the pods as the aim says. Those that have the container stay chosen, so that others take the place only of
 * pods that have gone; then those come that are ready, by name.
 */
function chosen(pods: readonly Found[], { count, percent }: Aim, fault: FaultName): readonly Found[] {
  const most = count ?? (percent === null ? pods.length : Math.ceil(pods.length * percent));
  const name = containerName(fault);
  const rank = ({ object, pod }: Found) => (stateIn(object, name).kind === 'absent' ? (pod.ready ? 1 : 2) : 0);
  return pods.toSorted((a, b) => rank(a) - rank(b)).slice(0, most);
}

/** None where no other end has an address of the pod's families. */
function taskFor(fault: Placed<PacketData>, { pod, object }: Found, all: readonly Match[]): PacketTask[] {
  const { effect, expirySeconds: seconds } = fault.data;
  const matches = all.flatMap((match) => fitting(match, object));
  if (matches.length === 0) return [];
  const tracked = isRedirected(object);
  const deaf = inAmbient(object) && matches.find(({ port }) => port !== null && port !== HBONE_PORT);
  if (deaf) throw tunnelled(fault.fault, pod.namespace, pod.name, deaf);
  const open = matches.find(({ calls, port }) => calls !== 'both' && port === null);
  if (!tracked && open !== undefined) throw untracked(fault.fault, pod.namespace, pod.name, open);
  const chain = chainName(fault);
  const probes = { nodes: nodesOf(object), ports: probedPorts(object) };
  const rules: PodRules = { chain, matches, effect, tracked, probes };
  const chains = chainsOf(rules);
  const ipv6 = hasIPv6(object);
  const queue = effect.kind === 'delay' ? queueCommands(chain, effect.ms) : undefined;
  const task: PacketTask = {
    ...{ pod, object, matches },
    script: scriptOf({
      ...{ chains, seconds, hasIPv6: ipv6 },
      ...(queue === undefined ? {} : { first: queue.make, last: queue.remove }),
    }),
    show: showCommand(chains, ipv6),
    named: {
      addresses: matches.flatMap(({ peers }) => peers ?? []),
      add: (addresses) => addCommand(chainsOf({ ...rules, matches: only(matches, addresses) }), ipv6),
    },
  };
  return [task];
}

/** As much of matches as is about these addresses. */
function only(matches: readonly Match[], addresses: readonly string[]): Match[] {
  return matches.flatMap((match) => {
    const peers = match.peers?.filter((peer) => addresses.includes(peer)) ?? [];
    return peers.length === 0 ? [] : [{ ...match, peers }];
  });
}

/** The ends that a pod can reach at all: of its own families, and not itself. */
function fitting(match: Match, object: KubeObject): Match[] {
  if (match.peers === null) return [match];
  const own = addressesOf(object);
  const ipv6 = hasIPv6(object);
  const peers = match.peers.filter((peer) => !own.includes(peer) && (ipv6 || !peer.includes(':')));
  return peers.length === 0 ? [] : [{ ...match, peers }];
}

function tunnelled(fault: string, namespace: string, name: string, { port }: Match): FaultlineError {
  const what = `fault ${fault}: pod ${namespace}/${name} is in ambient mode: calls to port ${port} travel to port ${HBONE_PORT}, so that no packet names it`;
  const hint = `Name port ${HBONE_PORT}, by which all calls within the mesh come, or none and both directions.`;
  return new FaultlineError('FAULT_REFUSED', what, { hint });
}

function untracked(fault: string, namespace: string, name: string, { calls }: Match): FaultlineError {
  const what = `fault ${fault}: pod ${namespace}/${name} has no sidecar that its connections are redirected to, so that its kernel does not know of open ones who has called`;
  const hint = `Name the port where the fault has one: calls ${calls} are told from others by it. Or hit both directions.`;
  return new FaultlineError('FAULT_REFUSED', what, { hint });
}
