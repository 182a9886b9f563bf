import { FaultlineError } from '../../model/errors.ts';
import { selectorText } from '../../model/labels.ts';
import { integer, list, quantity, text, withDefault, word } from '../../schema/builders.ts';
import { labels } from '../block.ts';
import { CIDR, whyNoRange } from './cidr.ts';
import type { Aim } from './data.ts';
import type { Effect } from './rules.ts';

/** Fields that every fault of packets has. */
export const containerFields = {
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
};

/** Fields that say which pods are hit. */
export const workloadFields = {
  namespace: text('Namespace of the pods.'),
  pods: {
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
  },
  /** One of these must be there. */
  named: ['deployment', 'statefulSet', 'daemonSet', 'rollout', 'service', 'selector'],
};

/** Fields of what happens to packets; one of them must be there. */
export const effectFields = {
  packets: word('`drop`: they vanish; `refuse`: TCP is reset, everything else answered that nobody is there.', [
    'drop',
    'refuse',
  ]),
  loss: quantity('percent', 'Share of the packets that vanishes, by chance.', {
    min: '0.1%',
    max: '99%',
    example: '20%',
  }),
  delay: quantity(
    'duration',
    'Time that packets wait in the pod before they leave it: once for a call and its answer, once more where a connection is made for it, and with TLS up to twice more.',
    {
      min: '1ms',
      max: '1m',
      example: '200ms',
    },
  ),
};

/** Ranges of addresses. */
export function ranges(description: string) {
  return list(description, text('An address or a range in CIDR notation.', { pattern: CIDR }), { minItems: 1 });
}

type EffectBlock = { readonly packets?: 'drop' | 'refuse'; readonly loss?: number; readonly delay?: number };

/** The effect that a block asks for. */
export function effectOf({ packets, loss, delay }: EffectBlock): Effect {
  if (loss !== undefined) return { kind: 'loss', ratio: loss };
  return delay === undefined ? { kind: packets ?? 'drop' } : { kind: 'delay', ms: delay };
}

type AimBlock = {
  readonly deployment?: string;
  readonly statefulSet?: string;
  readonly daemonSet?: string;
  readonly rollout?: string;
  readonly service?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly zone?: string;
  readonly region?: string;
  readonly count?: number;
  readonly percent?: number;
};

/** The pods that a block means. Throws FAULT_REFUSED where it names two workloads, as a pod belongs to one, or two numbers. */
export function aimOf(fault: string, namespaces: readonly string[], block: AimBlock): Aim {
  const { deployment, statefulSet, daemonSet, rollout, service, selector, zone, region, count, percent } = block;
  const workloads = { Deployment: deployment, StatefulSet: statefulSet, DaemonSet: daemonSet, Rollout: rollout };
  const named = Object.entries(workloads);
  const owners = named.flatMap(([kind, name]) => (name === undefined ? [] : [`${kind}/${name}`]));
  if (owners.length > 1) {
    const what = `fault ${fault} names ${owners.join(' and ')}: a pod belongs to one workload`;
    throw new FaultlineError('FAULT_REFUSED', what, { hint: 'Write one fault for each workload.' });
  }
  if (count !== undefined && percent !== undefined) {
    const hint = 'Leave one of the two away.';
    throw new FaultlineError('FAULT_REFUSED', `fault ${fault} has both count and percent`, { hint });
  }
  return {
    namespaces,
    owner: owners[0] ?? null,
    service: service ?? null,
    selector: selector === undefined ? null : selectorText(selector),
    zone: zone ?? null,
    region: region ?? null,
    count: count ?? null,
    percent: percent ?? null,
  };
}

/** The ranges themselves. Throws FAULT_REFUSED for text that is none, or that would become a wider one. */
export function rangesOf(fault: string, written: readonly string[]): readonly string[] {
  const wrong = written.map(whyNoRange).find((why) => why !== undefined);
  if (wrong === undefined) return written;
  throw new FaultlineError('FAULT_REFUSED', `fault ${fault}: ${wrong}`, {
    hint: 'Write 10.0.0.0/8, 10.1.2.3 or fd00::/8.',
  });
}
