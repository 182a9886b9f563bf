import { list, mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster, expiry, labels } from '../block.ts';

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
      expiry,
    },
  },
);

export type PolicyBlock = Decoded<typeof schema>;
