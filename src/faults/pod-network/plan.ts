import type { FaultContext } from '../../model/fault.ts';
import type { Signature } from '../../model/history.ts';
import { podSpec } from '../../model/pod-object.ts';
import { PROXY_CONTAINER } from '../../model/proxy-container.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { aimOf, effectOf, rangesOf } from '../packets/block.ts';
import { isEveryone } from '../packets/cidr.ts';
import type { PacketData, Peer, Side } from '../packets/data.ts';
import { packetPlan } from '../packets/plan.ts';
import type { Effect } from '../packets/rules.ts';
import type { PacketTask } from '../packets/tasks.ts';
import { effectWords, peerWords, whoseWords } from '../packets/words.ts';
import type { PodNetworkBlock } from './block.ts';

/** What scenarios call this kind. */
export const KIND = 'podNetwork';

/** Looks which pods are meant, and at whom their rules are. */
export async function plan(
  { name, block }: FaultRequest<PodNetworkBlock>,
  context: FaultContext,
): Promise<PlanDraft<PacketData>> {
  const { namespace, direction: calls, port = null, image, expiry } = block;
  const peer = peerOf(name, block);
  const side: Side = { aim: aimOf(name, [namespace], block), peer, calls, port };
  const effect = effectOf(block);
  const data: PacketData = {
    namespaces: [...new Set([namespace, block.peer?.namespace ?? namespace])],
    ...{ image, effect, sides: [side] },
    expirySeconds: Math.ceil(expiry / 1000),
  };
  return packetPlan(KIND, { runId: context.runId, fault: name, data }, context, {
    summary: (tasks) => {
      const ends = peer.kind === 'everyone' ? '' : `, with ${peerWords(peer)}`;
      const names = tasks.map(({ pod }) => pod.name).join(', ');
      return `${effectWords(effect)} of ${whoseWords(calls, port, names)}${ends}, open connections included`;
    },
    signature: (tasks) => signatureOf(side, effect, tasks),
    warnings: (tasks) => [...warningsOf(effect, side), ...undeclared(side, tasks)],
  });
}

function peerOf(fault: string, { namespace, peer }: PodNetworkBlock): Peer {
  if (peer === undefined) return { kind: 'everyone' };
  const { service, cidrs, zone, namespace: at = namespace } = peer;
  if (cidrs !== undefined) return { kind: 'ranges', ranges: rangesOf(fault, cidrs) };
  if (service !== undefined) return { kind: 'service', namespace: at, service };
  return { kind: 'pods', aim: aimOf(fault, [at], zone === undefined ? {} : { zone }) };
}

/**
 * Pods stop serving where nobody's calls get through to any port that they declare; a share, a delay or some callers leave
 * them answering. In doubt they stop: guards then look whether somebody is left.
 */
function signatureOf({ peer, calls, port }: Side, effect: Effect, tasks: readonly PacketTask[]): Signature {
  const isCut = effect.kind === 'drop' || effect.kind === 'refuse';
  const isAll = isForAll(peer);
  const ports = tasks.flatMap(({ object }) => portsOf(object));
  const isWhole = port === null || ports.every((one) => one === port);
  return isCut && isAll && calls !== 'out' && isWhole ? 'stops-serving' : 'degrades';
}

function isForAll(peer: Peer): boolean {
  return peer.kind === 'everyone' || (peer.kind === 'ranges' && isEveryone(peer.ranges));
}

/** Ports that the containers of a pod declare, its proxy's not counted. */
function portsOf(pod: PacketTask['object']): number[] {
  const { containers = [] } = podSpec(pod);
  const own = containers.filter(({ name }) => name !== PROXY_CONTAINER);
  return own.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
}

/** Ports need not be declared, so that it is told and not refused. */
function undeclared({ calls, port }: Side, tasks: readonly PacketTask[]): string[] {
  if (port === null || calls === 'out') return [];
  const without = tasks.filter(({ object }) => !portsOf(object).includes(port)).map(({ pod }) => pod.name);
  if (without.length === 0) return [];
  return [`No container of ${without.join(', ')} declares port ${port}: if nothing listens there, no call in is hit.`];
}

function warningsOf({ kind }: Effect, { peer }: Side): string[] {
  return [
    ...(kind === 'drop' ? ['Calls on kept connections hang without an error until something times them out.'] : []),
    ...(peer.kind === 'service' || peer.kind === 'pods'
      ? [
          `An address of ${peerWords(peer)} is hit to the end, whoever has it by then; new ones are added within a second.`,
        ]
      : []),
  ];
}
