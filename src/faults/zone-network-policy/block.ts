import { list, mapping, quantity, text, withDefault } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Denies new connections to and from all matching workloads of a zone by NetworkPolicy; open ones may go on.',
  {
    required: {
      cluster,
      zone: text('The zone to cut off. Pods say it themselves (`istio-locality`), or their nodes do.'),
      namespaces: list('Namespaces whose pods are cut off.', text('Name of a namespace.'), { minItems: 1 }),
    },
    optional: {
      selector: labels('Only pods with these labels.'),
      expiry: withDefault(
        quantity('duration', 'The cluster removes the fault by itself after this time, runner or not.', {
          example: '15m',
        }),
        '15m',
      ),
    },
  },
);

export type PolicyBlock = Decoded<typeof schema>;
