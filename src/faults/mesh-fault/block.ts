import { atLeastOne, integer, mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster, expiry, labels } from '../block.ts';
import { injectionFields } from '../http-injection.ts';

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Lets the sidecars of some pods answer with an error, or late, so that callers see it as the upstream failing.',
  {
    required: {
      cluster,
      namespace: text('Namespace of the pods.'),
      selector: labels('The pods with all of these labels, later ones included.'),
    },
    optional: {
      ...injectionFields(500),
      port: integer('Only requests to this port of the pods; the other ports go on.', 1, 65_535, 8000),
      expiry,
    },
  },
  atLeastOne('status', 'delay'),
);

export type MeshFaultBlock = Decoded<typeof schema>;
