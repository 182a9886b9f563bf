import { atLeastOne, mapping, withDefault } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';
import { containerFields, effectFields, workloadFields } from '../packets/block.ts';

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Lets the pods of a workload find no name any more: what they ask a server of names for never gets there.',
  {
    required: { cluster, namespace: workloadFields.namespace },
    optional: {
      ...workloadFields.pods,
      packets: withDefault(
        {
          ...effectFields.packets,
          description: '`drop`: each look-up waits for its timeout; `refuse`: it fails at once.',
        },
        'drop',
      ),
      ...containerFields,
    },
  },
  atLeastOne(...workloadFields.named),
);

export type DnsBlock = Decoded<typeof schema>;
