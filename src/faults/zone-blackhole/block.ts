import { list, mapping, quantity, text, withDefault } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Makes a zone fall silent: every packet to and from its pods is dropped, those of open connections included.',
  {
    required: {
      cluster,
      zone: text('The zone to cut off. Pods say it themselves (`istio-locality`), or their nodes do.'),
      namespaces: list(
        'Namespaces whose pods are cut off. A gateway is cut off where its namespace is listed.',
        text('Name of a namespace.'),
        { minItems: 1 },
      ),
    },
    optional: {
      selector: labels('Only pods with these labels.'),
      image: withDefault(
        text('Image with `sh`, `ip` and `iptables` that the nodes have or can pull; `ip6tables` where pods have IPv6.'),
        'docker.io/nicolaka/netshoot:v0.13',
      ),
      expiry: withDefault(
        quantity('duration', 'The pods take the rules away by themselves after this time, runner or not.', {
          example: '15m',
        }),
        '15m',
      ),
    },
  },
);

export type BlackholeBlock = Decoded<typeof schema>;
