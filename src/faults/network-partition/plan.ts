import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { aimOf, rangesOf } from '../packets/block.ts';
import { isEveryone } from '../packets/cidr.ts';
import type { PacketData, Peer, Side } from '../packets/data.ts';
import { packetPlan } from '../packets/plan.ts';
import { effectWords, peerWords } from '../packets/words.ts';
import type { PartitionBlock } from './block.ts';

/** What scenarios call this kind. */
export const KIND = 'networkPartition';

/** Looks who is on both sides. Each side has the rules of its own pods, so that a pod that comes to either is cut off. */
export async function plan(
  { name, block }: FaultRequest<PartitionBlock>,
  context: FaultContext,
): Promise<PlanDraft<PacketData>> {
  const { namespaces, direction, packets, image, expiry } = block;
  const [from, to] = [podsOf(name, namespaces, block.from), otherSide(name, block)];
  const sides = sidesOf(from, to, direction);
  const data: PacketData = {
    namespaces: [...new Set(namespaces)],
    ...{ image, sides, effect: { kind: packets } },
    expirySeconds: Math.ceil(expiry / 1000),
  };
  const isAlone = direction === 'both' && to.kind === 'ranges' && isEveryone(to.ranges);
  const isZone = block.from.service === undefined && block.from.selector === undefined;
  return packetPlan(KIND, { runId: context.runId, fault: name, data }, context, {
    summary: (tasks) => {
      const way = direction === 'one' ? 'of calls from' : 'between';
      const link = direction === 'one' ? 'to' : 'and';
      const names = tasks.map(({ pod }) => pod.name).join(', ');
      return `${effectWords(data.effect)} ${way} ${peerWords(from)} ${link} ${peerWords(to)}, by rules in ${names}`;
    },
    // Who is cut off from everybody serves nobody; else each side goes on by itself.
    signature: () => (isAlone ? 'stops-serving' : 'degrades'),
    cutsOff: (tasks) => (isAlone && isZone ? [...new Set(tasks.map(({ pod }) => pod.zone))] : []),
    warnings: () => [
      'Calls by way of a gateway or a load balancer between the sides come from its address and go on.',
      ...(to.kind === 'ranges' ? ['Only pods of `from` have rules: ranges are hit as they are written.'] : []),
    ],
  });
}

type PodsPeer = Extract<Peer, { kind: 'pods' }>;
type ServicePeer = Extract<Peer, { kind: 'service' }>;

function podsOf(fault: string, namespaces: readonly string[], side: PartitionBlock['from']): PodsPeer {
  const own = side.service === undefined ? namespaces : namespaces.slice(0, 1);
  return { kind: 'pods', aim: aimOf(fault, [...new Set(own)], side) };
}

function otherSide(fault: string, { namespaces, to }: PartitionBlock): PodsPeer | Extract<Peer, { kind: 'ranges' }> {
  const { cidrs, ...pods } = to;
  if (cidrs === undefined) return podsOf(fault, namespaces, pods);
  if (Object.values(pods).every((field) => field === undefined)) {
    return { kind: 'ranges', ranges: rangesOf(fault, cidrs) };
  }
  throw new FaultlineError('FAULT_REFUSED', `fault ${fault}: \`to\` has cidrs and says of pods, too`, {
    hint: 'Write cidrs alone: of which pods an address is, nobody can tell there.',
  });
}

function sidesOf(from: PodsPeer, to: PodsPeer | Extract<Peer, { kind: 'ranges' }>, direction: 'both' | 'one'): Side[] {
  const [out, back] = direction === 'one' ? (['out', 'in'] as const) : (['both', 'both'] as const);
  const first: Side = { aim: from.aim, peer: reached(to), calls: out, port: null };
  if (to.kind === 'ranges') return [first];
  // The other end of what comes to a Service's pods is a pod, and not the address of its Service.
  const peer = direction === 'one' ? from : reached(from);
  return [first, { aim: to.aim, peer, calls: back, port: null }];
}

/** A whole Service is called by its own addresses, too. */
function reached(side: PodsPeer | Extract<Peer, { kind: 'ranges' }>): Peer {
  if (side.kind === 'ranges') return side;
  const { service, selector, zone, region, namespaces } = side.aim;
  const isWhole = service !== null && selector === null && zone === null && region === null;
  const whole = (name: string): ServicePeer => ({ kind: 'service', namespace: namespaces[0] ?? '', service: name });
  return isWhole ? whole(service) : side;
}

/** Whether a side of a block names a Service alone, whose endpoints and addresses are the other end. */
export function isWholeService({ service, selector, zone, region }: PartitionBlock['from']): boolean {
  return service !== undefined && selector === undefined && zone === undefined && region === undefined;
}
