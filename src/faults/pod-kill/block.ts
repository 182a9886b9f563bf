import { atLeastOne, exactlyOne, list, mapping, quantity, text, withDefault } from '../../schema/builders.ts';
import type { Decoded, Schema } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';

const count: Schema<number> = {
  type: 'integer',
  minimum: 1,
  maximum: 100,
  description: 'How many pods each round; more are a `percent`.',
  examples: [1],
};

/** Only ever `true`: what is asked of the API hangs on whether it is there. */
const deletion: Schema<true> = {
  type: 'boolean',
  const: true,
  description: 'Delete the pods in place of evicting them, past every PodDisruptionBudget.',
};

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Evicts pods, or deletes them; their controller replaces them.',
  {
    required: { cluster },
    optional: {
      namespace: text('Namespace of the pods; this or `namespaces` must be there.'),
      namespaces: list('Namespaces of the pods, where there are several.', text('One namespace.'), { minItems: 1 }),
      deployment: text('Kill pods of this Deployment.'),
      statefulSet: text('Kill pods of this StatefulSet.'),
      daemonSet: text('Kill pods of this DaemonSet.'),
      rollout: text('Kill pods of this Argo Rollout.'),
      replicaSet: text('Kill pods of this ReplicaSet.'),
      selector: labels('Kill pods with these labels.'),
      node: text('Only pods on this node; alone: all of them, as far as count or percent goes.'),
      zone: text(
        'Only pods of this zone, as they (`istio-locality`) or their nodes say; alone: all of them, as far as count or percent goes.',
      ),
      count: withDefault(count, 1),
      percent: quantity('percent', 'Share of the matching pods each round, rounded up; in place of count.', {
        example: '50%',
      }),
      every: quantity('duration', 'Kill again after this time, until the undo.', { min: '100ms', example: '10s' }),
      gracePeriod: quantity('duration', "Time to shut down; 0s: as a crash. Default: the pod's own.", {
        example: '30s',
      }),
      deletion,
    },
  },
  {
    ...exactlyOne('namespace', 'namespaces'),
    ...atLeastOne('deployment', 'statefulSet', 'daemonSet', 'rollout', 'replicaSet', 'selector', 'node', 'zone'),
  },
);

export type KillBlock = Decoded<typeof schema>;
