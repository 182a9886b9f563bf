import { atLeastOne, integer, mapping, quantity, record, text, withDefault } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster, expiry, labels } from '../block.ts';

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
      status: integer('Answer with this status in place of the application. 500 to 599.', 500, 599, 503),
      delay: quantity('duration', 'Let requests wait for so long before they go on.', { min: '1ms', example: '2s' }),
      percent: withDefault(
        quantity('percent', 'Share of the requests that are hit, in steps of 0.01 %.', { example: '50%' }),
        '100%',
      ),
      headers: record(
        'Only requests with all of these headers, values compared as a whole.',
        text('Value of the header.'),
        { pattern: '^[a-z0-9-]+$' },
      ),
      port: integer('Only requests to this port of the pods; the other ports go on.', 1, 65_535, 8000),
      expiry,
    },
  },
  atLeastOne('status', 'delay'),
);

export type MeshFaultBlock = Decoded<typeof schema>;
