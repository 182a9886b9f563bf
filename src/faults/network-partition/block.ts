import { atLeastOne, list, mapping, text, withDefault, word } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';
import { containerFields, effectFields, ranges } from '../packets/block.ts';

const pods = {
  zone: text('Pods of this zone, as they (`istio-locality`) or their nodes say.'),
  region: text('Pods of this region, as they or their nodes say.'),
  service: text('Pods that this Service selects; as the other side its own addresses, too.'),
  selector: labels('Only pods with these labels.'),
};

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Lets no packet pass between two sets of pods, those of open connections included; each goes on with everybody else.',
  {
    required: {
      cluster,
      namespaces: list(
        'Namespaces of the pods on both sides; a Service is of the first.',
        text('Name of a namespace.'),
        {
          minItems: 1,
        },
      ),
      from: mapping(
        'One side, by `zone`, `region`, `service`, `selector`; of several all hold.',
        { optional: pods },
        atLeastOne('zone', 'region', 'service', 'selector'),
      ),
      to: mapping(
        'The other side, in the same words, or by `cidrs` alone, for what is not in this cluster.',
        { optional: { ...pods, cidrs: ranges('Addresses and ranges, as those of the pods of another cluster.') } },
        atLeastOne('zone', 'region', 'service', 'selector', 'cidrs'),
      ),
    },
    optional: {
      direction: withDefault(
        word('`one`: only calls of `from` to `to` fail, and those of `to` go on; `both`: no packet passes.', [
          'both',
          'one',
        ]),
        'both',
      ),
      packets: withDefault(effectFields.packets, 'drop'),
      ...containerFields,
    },
  },
);

export type PartitionBlock = Decoded<typeof schema>;
