import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { Signature, TouchedObject } from '../../model/history.ts';
import { affectedBy } from '../../workload/pods.ts';
import type { PlanDraft } from '../define.ts';
import { containerName } from '../in-pod/container.ts';
import { overText, type PacketsInPod, type Placed, unadmittedNetwork } from '../in-pod/kind.ts';
import { askAdmission, refuseOther, withoutImage } from '../in-pod/pods.ts';
import type { PacketData } from './data.ts';
import type { Nodes } from './pods.ts';
import { lookAtSides, type PacketTask, type Seen } from './tasks.ts';
import { tollsOf } from './tolls.ts';
import { aimWords, doneTo, effectWords, matchWords, peerWords } from './words.ts';

/** A kind of fault that hits packets by rules in pods. */
export function packetFault(kind: string): PacketsInPod<PacketData> {
  return {
    kind,
    look: async (fault, context) => (await lookAtSides(fault, context)).seen.flatMap(({ tasks }) => tasks),
    did: ({ effect }) => doneTo(effect),
    over: ({ effect }, packets) => overText(doneTo(effect), packets),
    unadmitted: unadmittedNetwork('meshFault, which needs nothing in the pods'),
    missing: 'without rules',
  };
}

/** What a kind says of its plan by itself. */
type Told = {
  readonly summary: (tasks: readonly PacketTask[]) => string;
  readonly signature: (tasks: readonly PacketTask[]) => Signature;
  readonly warnings: (tasks: readonly PacketTask[]) => readonly string[];
  /** Zones that nobody gets to any more; none when absent. */
  readonly cutsOff?: (tasks: readonly PacketTask[]) => readonly string[];
};

/** Looks at pods and peers, and asks the API whether it would take the containers. */
export async function packetPlan(
  kind: string,
  fault: Placed<PacketData>,
  context: FaultContext,
  told: Told,
): Promise<PlanDraft<PacketData>> {
  const { cluster, runId } = context;
  const { data } = fault;
  const { seen, nodes } = await lookAtSides(fault, context);
  for (const side of seen) refuseNothing(cluster.name, `${kind} ${fault.fault}`, side);
  const tasks = seen.flatMap((side) => side.tasks);
  for (const { object } of tasks) refuseOther(cluster.name, object, runId);
  refuseTwice(`${kind} ${fault.fault}`, tasks);
  await askAdmission(tasks, packetFault(kind), fault, context);
  return {
    summary: told.summary(tasks),
    signature: told.signature(tasks),
    affected: affectedBy(
      cluster,
      tasks.map(({ pod }) => pod),
    ),
    tolls: seen.flatMap((side) => tollsOf(side, data.effect)),
    namespaces: data.namespaces,
    cutsOff: told.cutsOff?.(tasks) ?? [],
    objects: tasks.map((task) => touched(cluster.name, task, fault)),
    warnings: [...told.warnings(tasks), ...warningsOf(seen, nodes, data)],
    expiresMs: data.expirySeconds * 1000,
    deadMan: `Each container takes its rules away by itself after ${data.expirySeconds}s, with no runner and no API server.`,
    data,
  };
}

function refuseNothing(cluster: string, fault: string, { side, tasks, ends, meant, spared }: Seen): void {
  const { aim, peer } = side;
  const refuse = (what: string, hint: string): never => {
    throw new FaultlineError('FAULT_NO_TARGET', `cluster ${cluster}: ${fault}: ${what}`, { hint });
  };
  const pods = `kubectl -n ${aim.namespaces[0]} get pods --show-labels -o wide`;
  if (meant === 0) refuse(`there are no ${aimWords(aim)}`, pods);
  if (meant === spared.length) refuse(`${aimWords(aim)} have no network of their own`, pods);
  const { matches, shared } = ends;
  if (matches.length === 0 && shared.length > 0) {
    refuse(
      `${peerWords(peer)} has only addresses of nodes (${shared.join(', ')}), which others have, too`,
      SHARED_HINT,
    );
  }
  if (matches.length === 0) refuse(`${peerWords(peer)} has no address now: nothing would be hit`, pods);
  if (tasks.length === 0) {
    refuse(`none of ${aimWords(aim)} has another end at ${peerWords(peer)} in a family of addresses of its own`, pods);
  }
}

const SHARED_HINT = 'Name the port, with direction out: a pod with the network of its node is told from others by it.';

function refuseTwice(fault: string, tasks: readonly PacketTask[]): void {
  const names = tasks.map(({ pod }) => `${pod.namespace}/${pod.name}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  const hint = 'Narrow one of the two, so that each pod is on one side.';
  throw new FaultlineError('FAULT_REFUSED', `${fault}: pod ${twice} is on both sides`, { hint });
}

function touched(cluster: string, { pod, matches }: PacketTask, fault: Placed<PacketData>): TouchedObject {
  const { namespace, name } = pod;
  const during = `${effectWords(fault.data.effect)}: ${matches.map(matchWords).join('; ')}`;
  // The addresses stand where everybody sees them before saying yes.
  const change = `add ephemeral container ${containerName(fault)} to ${during}`;
  return { cluster, kind: 'Pod', namespace, name, change, before: 'no rules', during, state: 'unknown' };
}

function warningsOf(seen: readonly Seen[], nodes: Nodes, { image, effect }: PacketData): string[] {
  const tasks = seen.flatMap((side) => side.tasks);
  const hosts = new Set(tasks.map(({ pod }) => pod.node));
  const bare = withoutImage(
    nodes.filter(({ metadata }) => hosts.has(metadata.name ?? '')),
    image,
  );
  const shared = [...new Set(seen.flatMap(({ ends }) => ends.shared))];
  const spared = seen.flatMap((side) => side.spared.map(({ pod }) => pod.name));
  return [
    ...seen.flatMap(shortOf),
    ...(effect.kind === 'delay'
      ? [
          'Delay needs tc in the image, and sch_prio and sch_netem in the kernels of the nodes: a container that has them not writes no rule, and the fault is not proven.',
        ]
      : []),
    ...(shared.length === 0 ? [] : [`Not hit: ${shared.join(', ')}, as others with the node's network have it, too.`]),
    'What their own node sends to a port that is probed goes on, so that the pods stay Ready.',
    'Kubernetes keeps an ephemeral container that has ended as an entry in its pod until the pod is replaced.',
    ...(spared.length === 0 ? [] : [`Not hit, because they have no network of their own: ${spared.join(', ')}.`]),
    ...(bare.length === 0
      ? []
      : [`Image ${image} is not on ${bare.join(', ')} yet: the kubelet must be able to pull it.`]),
  ];
}

function shortOf({ side: { aim }, meant, spared }: Seen): string[] {
  const able = meant - spared.length;
  return aim.count === null || aim.count <= able ? [] : [`There are ${able} pods, less than count ${aim.count}.`];
}
