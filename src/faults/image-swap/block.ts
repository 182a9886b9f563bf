import { list, mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Swaps the image (and command) of one container of a Deployment, so that the workload stops serving.',
  {
    required: {
      cluster,
      namespace: text('Namespace of the Deployment.'),
      deployment: text('Name of the Deployment.'),
      image: text('The image to run instead. It should start and not listen on the port.'),
    },
    optional: {
      container: text('Name of the container; may be left out when there is only one.'),
      command: list('The command to run instead.', text('One word of the command.'), { minItems: 1 }),
    },
  },
);

export type SwapBlock = Decoded<typeof schema>;
