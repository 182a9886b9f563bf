import { atLeastOne, mapping, quantity, text, withDefault } from '../../schema/builders.ts';
import type { Decoded, Schema } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';

const count: Schema<number> = {
  type: 'integer',
  minimum: 1,
  maximum: 100,
  description: 'In how many of the matching pods, ready ones first, each round.',
  examples: [1],
};

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Kills one container in pods, which their kubelets restart in place.',
  {
    required: {
      cluster,
      namespace: text('Namespace of the pods.'),
      container: text('Name of the container; `istio-proxy` is the sidecar.'),
    },
    optional: {
      deployment: text('In pods of this Deployment.'),
      statefulSet: text('In pods of this StatefulSet.'),
      daemonSet: text('In pods of this DaemonSet.'),
      rollout: text('In pods of this Argo Rollout.'),
      selector: labels('In pods with these labels.'),
      zone: text('Only in pods of this zone.'),
      count: withDefault(count, 1),
      every: quantity('duration', 'Kill again after this time, until the undo; not with `image`.', {
        min: '1s',
        example: '30s',
      }),
      image: text(
        'Image with `sh` and `sleep` of an ephemeral container that kills it, where its own image has no shell; without it, its own shell does.',
      ),
    },
  },
  atLeastOne('deployment', 'statefulSet', 'daemonSet', 'rollout', 'selector'),
);

export type ContainerKillBlock = Decoded<typeof schema>;
