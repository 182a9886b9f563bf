import { exactlyOne, list, mapping, quantity, text, withDefault } from '../../schema/builders.ts';
import type { Decoded, Schema } from '../../schema/schema.ts';
import { cluster } from '../block.ts';

const count: Schema<number> = {
  type: 'integer',
  minimum: 1,
  maximum: 1_000,
  description: 'How many nodes of the zone, in the order of their names; default: all of them. Only with `zone`.',
  examples: [1],
};

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Drains nodes: cordons them and evicts the pods of some namespaces from them.',
  {
    required: {
      cluster,
      namespaces: list('Namespaces whose pods are evicted; those of others stay.', text('Name of a namespace.'), {
        minItems: 1,
      }),
    },
    optional: {
      node: text('Name of the node; this or `zone` must be there.'),
      zone: text('The zone whose nodes are drained (label topology.kubernetes.io/zone).'),
      count,
      wait: withDefault(
        quantity('duration', 'How long an eviction is tried again that a PodDisruptionBudget forbids.', {
          example: '60s',
        }),
        '60s',
      ),
      localStorage: list(
        'Workloads, as `namespace/name`, whose pods may lose what they keep in an emptyDir or an ephemeral volume.',
        text('`namespace/name` of a workload.'),
        { minItems: 1 },
      ),
      bare: list(
        'Pods without a controller, as `namespace/name`, that may go for good.',
        text('`namespace/name` of a pod.'),
        {
          minItems: 1,
        },
      ),
    },
  },
  exactlyOne('node', 'zone'),
);

export type DrainBlock = Decoded<typeof schema>;
