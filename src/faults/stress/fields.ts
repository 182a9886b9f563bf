import { list, quantity, text, withDefault } from '../../schema/builders.ts';
import { labels } from '../block.ts';

/** Which pods of a namespace are stressed, and by what. */
export const stressFields = {
  deployment: text('Pods of this Deployment.'),
  statefulSet: text('Pods of this StatefulSet.'),
  daemonSet: text('Pods of this DaemonSet.'),
  rollout: text('Pods of this Argo Rollout.'),
  selector: labels('Only pods with these labels.'),
  zone: text('Only pods of this zone, as they (`istio-locality`) or their nodes say.'),
  unlimited: list(
    'Workloads that may be hit although a container of theirs has no limit: nothing but the node bounds the stress then.',
    text('Name of a workload.'),
    { minItems: 1 },
  ),
  image: withDefault(
    text('Image with `sh`, `dd`, `head`, `tail` and `timeout` that the nodes have or can pull.'),
    'docker.io/library/busybox:1.37',
  ),
  expiry: withDefault(
    quantity('duration', 'The stress ends by itself after this time, runner or not.', { example: '15m' }),
    '15m',
  ),
} as const;

/** The fields that name a workload or labels; one of them must be there. */
export const WHOSE = ['deployment', 'statefulSet', 'daemonSet', 'rollout', 'selector'] as const;
