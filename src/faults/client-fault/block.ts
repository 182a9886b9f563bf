import { atLeastOne, mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster, expiry, labels } from '../block.ts';
import { injectionFields } from '../http-injection.ts';

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Lets the sidecars of some callers answer their own calls of a host with an error, or delay them: the host is not asked.',
  {
    required: {
      cluster,
      namespace: text('Namespace of the callers.'),
      callers: labels('The calling pods with all of these labels, later ones included.'),
      host: text(
        'The host that they call: the name of a Service of their namespace, or a full name, as mockb.default.svc.cluster.local.',
        {
          pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
        },
      ),
    },
    optional: { ...injectionFields(400), expiry },
  },
  atLeastOne('status', 'delay'),
);

export type ClientFaultBlock = Decoded<typeof schema>;
