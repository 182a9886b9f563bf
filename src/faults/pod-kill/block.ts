import { atLeastOne, mapping, quantity, text, withDefault } from '../../schema/builders.ts';
import type { Decoded, Schema } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';

const count: Schema<number> = { type: 'integer', minimum: 1, description: 'How many pods each round.', examples: [1] };

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Deletes pods; their controller replaces them.',
  {
    required: { cluster, namespace: text('Namespace of the pods.') },
    optional: {
      deployment: text('Only pods of this Deployment.'),
      selector: labels('Only pods with these labels, whatever controls them.'),
      zone: text('Only pods of this zone. Pods say it themselves (`istio-locality`), or their nodes do.'),
      count: withDefault(count, 1),
      percent: quantity('percent', 'Share of the matching pods each round, rounded up; in place of count.', {
        example: '50%',
      }),
      every: quantity('duration', 'Kill again after this time, until the undo.', { min: '100ms', example: '10s' }),
      gracePeriod: withDefault(quantity('duration', 'Time to shut down; none: as a crash.', { example: '30s' }), '0s'),
    },
  },
  atLeastOne('deployment', 'selector', 'zone'),
);

export type KillBlock = Decoded<typeof schema>;
