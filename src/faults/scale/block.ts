import { exactlyOne, integer, mapping, text, withDefault } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Scales a workload down, to zero or to fewer pods than it has: its pods go, and none takes their place.',
  {
    required: { cluster, namespace: text('Namespace of the workload.') },
    optional: {
      deployment: text('Name of the Deployment; this, `statefulSet` or `rollout` must be there.'),
      statefulSet: text('Name of the StatefulSet; the pods of the highest ordinals go.'),
      rollout: text('Name of the Argo Rollout.'),
      replicas: withDefault(integer('How many pods are left; fewer than there are.', 0, 10_000, 0), 0),
    },
  },
  exactlyOne('deployment', 'statefulSet', 'rollout'),
);

export type ScaleBlock = Decoded<typeof schema>;
