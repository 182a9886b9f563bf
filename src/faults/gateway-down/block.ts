import { mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';

/** The block of this kind in a scenario. */
export const schema = mapping('Takes the ingress gateway of a zone or of a cluster away.', {
  required: { cluster },
  optional: { zone: text('Only the gateway of this zone; default: every ingress gateway of the cluster.') },
});

export type GatewayBlock = Decoded<typeof schema>;
