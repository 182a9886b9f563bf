import { atLeastOne, exactlyOne, integer, mapping, text, withDefault, word } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';
import { containerFields, effectFields, ranges, workloadFields } from '../packets/block.ts';

const peer = mapping(
  'Only packets from and to this other end, one of `service`, `cidrs` and `zone`, with `namespace` where it is another; left out: anybody.',
  {
    optional: {
      service: text('The endpoints of this Service, ready or not, and its own addresses.'),
      cidrs: ranges('Addresses and ranges of addresses.'),
      zone: text('Pods of this zone in the namespaces.'),
      namespace: text("Namespace of the Service or of the zone's pods; left out: that of the fault."),
    },
  },
  exactlyOne('service', 'cidrs', 'zone'),
);

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Drops, refuses, loses or delays packets of the pods of a workload, those of open connections included.',
  {
    required: { cluster, namespace: workloadFields.namespace },
    optional: {
      ...workloadFields.pods,
      ...effectFields,
      direction: withDefault(
        word('`in`: calls that others make to the pods; `out`: calls that the pods make; `both`: every packet.', [
          'in',
          'out',
          'both',
        ]),
        'both',
      ),
      peer,
      port: integer(
        'Only calls to this port, of TCP or UDP: of the pods for calls in, of the other end for calls out.',
        1,
        65_535,
        8000,
      ),
      ...containerFields,
    },
  },
  {
    ...exactlyOne('packets', 'loss', 'delay'),
    ...atLeastOne(...workloadFields.named),
  },
);

export type PodNetworkBlock = Decoded<typeof schema>;
