import { list, mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';
import { containerFields } from '../packets/block.ts';

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Makes a zone fall silent: every packet to and from its pods is dropped, those of open connections included.',
  {
    required: {
      cluster,
      zone: text('The zone to cut off. Pods say it themselves (`istio-locality`), or their nodes do.'),
      namespaces: list(
        'Namespaces whose pods are cut off. A gateway is cut off where its namespace is listed.',
        text('Name of a namespace.'),
        { minItems: 1 },
      ),
    },
    optional: {
      selector: labels('Only pods with these labels.'),
      ...containerFields,
    },
  },
);

export type BlackholeBlock = Decoded<typeof schema>;
