import { exactlyOne, list, mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Swaps the image (and command) of one container of a workload, so that the workload stops serving.',
  {
    required: {
      cluster,
      namespace: text('Namespace of the workload.'),
      image: text('The image to run instead. It should start and not listen on the port.'),
    },
    optional: {
      deployment: text('Name of the Deployment; this, `statefulSet`, `daemonSet` or `rollout` must be there.'),
      statefulSet: text('Name of the StatefulSet, which replaces its pods one by one, the highest ordinal first.'),
      daemonSet: text('Name of the DaemonSet, which replaces its pods node by node.'),
      rollout: text('Name of the Argo Rollout, which replaces its pods as its strategy says.'),
      container: text('Name of the container; may be left out when there is only one.'),
      command: list('The command to run instead.', text('One word of the command.'), { minItems: 1 }),
    },
  },
  exactlyOne('deployment', 'statefulSet', 'daemonSet', 'rollout'),
);

export type SwapBlock = Decoded<typeof schema>;
