import type { FaultContext } from '../../model/fault.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { aimOf } from '../packets/block.ts';
import type { PacketData, Side } from '../packets/data.ts';
import { packetPlan } from '../packets/plan.ts';
import type { DnsBlock } from './block.ts';

/** What scenarios call this kind. */
export const KIND = 'dnsFault';

/** Where servers of names listen (RFC 1035, 4.2). */
const PORT = 53;

/** Looks which pods are meant. */
export async function plan(
  { name, block }: FaultRequest<DnsBlock>,
  context: FaultContext,
): Promise<PlanDraft<PacketData>> {
  const { namespace, packets, image, expiry } = block;
  const aim = aimOf(name, [namespace], block);
  const side: Side = { aim, peer: { kind: 'everyone' }, calls: 'out', port: PORT, inside: true };
  const data: PacketData = {
    namespaces: [namespace],
    ...{ image, effect: { kind: packets }, sides: [side] },
    expirySeconds: Math.ceil(expiry / 1000),
  };
  return packetPlan(KIND, { runId: context.runId, fault: name, data }, context, {
    summary: (tasks) => {
      const what = packets === 'drop' ? 'drop answers from' : 'refuse what goes to';
      return `${what} port ${PORT}, so that no name is found by ${tasks.map(({ pod }) => pod.name).join(', ')}`;
    },
    signature: () => 'degrades',
    warnings: () => [
      'Only who needs a name notices: kept connections go on, and so do names that a process has kept.',
      'Names over TLS (port 853) or HTTPS are found all the same.',
    ],
  });
}
