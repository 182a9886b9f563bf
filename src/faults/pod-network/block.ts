import { atLeastOne, exactlyOne, integer, mapping, quantity, text, withDefault, word } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';
import { containerFields, effectFields, ranges } from '../packets/block.ts';

const peer = mapping(
  'Only packets from and to this other end; left out: from and to anybody. Its addresses are those that it has when a container starts.',
  {
    optional: {
      service: text('The endpoints of this Service, ready or not, and its own addresses.'),
      cidrs: ranges('Addresses and ranges of addresses.'),
      zone: text('Pods of this zone in the namespaces.'),
      namespace: text("Namespace of the Service or of the zone's pods; left out: that of the fault."),
    },
  },
  exactlyOne('service', 'cidrs', 'zone'),
);

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Drops, refuses, loses or delays packets of the pods of a workload, those of open connections included.',
  {
    required: { cluster, namespace: text('Namespace of the pods.') },
    optional: {
      deployment: text('Pods of this Deployment.'),
      statefulSet: text('Pods of this StatefulSet.'),
      daemonSet: text('Pods of this DaemonSet.'),
      rollout: text('Pods of this Argo Rollout.'),
      service: text('Pods that this Service selects.'),
      selector: labels('Only pods with these labels.'),
      zone: text('Only pods of this zone, as they (`istio-locality`) or their nodes say.'),
      count: integer('How many of the pods; left out: all of them.', 1, 1000, 1),
      percent: quantity('percent', 'Share of the pods, rounded up; in place of count.', {
        min: '1%',
        max: '100%',
        example: '50%',
      }),
      ...effectFields,
      direction: withDefault(
        word('`in`: calls that others make to the pods; `out`: calls that the pods make; `both`: every packet.', [
          'in',
          'out',
          'both',
        ]),
        'both',
      ),
      peer,
      port: integer(
        'Only calls to this port, of TCP or UDP: of the pods for calls in, of the other end for calls out.',
        1,
        65_535,
        8000,
      ),
      ...containerFields,
    },
  },
  {
    ...exactlyOne('packets', 'loss', 'delay'),
    ...atLeastOne('deployment', 'statefulSet', 'daemonSet', 'rollout', 'service', 'selector'),
  },
);

export type PodNetworkBlock = Decoded<typeof schema>;
