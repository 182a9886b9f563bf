import { amountOf } from '../../model/pod-limits.ts';
import { atLeastOne, mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';
import { defineFault } from '../define.ts';
import { stressFields, WHOSE } from '../stress/fields.ts';
import { type Stress, stressTasks } from '../stress/kind.ts';
import { stressParts } from '../stress/parts.ts';
import { planStress } from '../stress/plan.ts';

const schema = mapping(
  'Fills memory of pods from within.',
  {
    required: {
      cluster,
      namespace: text('Namespace of the pods.'),
      size: text('How much memory is held in each pod, as Kubernetes writes it: `200Mi`.', {
        pattern: '^[1-9][0-9]*(Ki|Mi|Gi|k|M|G)?$',
        examples: ['200Mi'],
      }),
    },
    optional: { ...stressFields },
  },
  atLeastOne(...WHOSE),
);

type MemoryBlock = Decoded<typeof schema>;

const KIND = 'memoryStress';
const MI = 2 ** 20;

const stress: Stress = {
  kind: KIND,
  resource: 'memory',
  look: (fault, context) => stressTasks(stress, fault, context),
  over: () => 'nothing holds memory of the pods any more',
  unadmitted: 'The container runs as root without any capability, which the PodSecurity level restricted forbids.',
  // What has no line end is kept by tail until its input ends.
  begin: (bytes, seconds) => [
    `timeout ${seconds} sh -c "(head -c ${Math.round(bytes)} /dev/zero; sleep ${seconds}) | tail > /dev/null" &`,
  ],
  read: (said) => {
    const bytes = /^(\d+)$/.exec(said.trim())?.[1];
    return bytes === undefined ? undefined : Number(bytes);
  },
  used: (_before, after) => after,
  text: (bytes) => `${Math.round(bytes / MI)} Mi of memory held`,
};

/** Fills memory in pods. */
export const memoryStress = defineFault<MemoryBlock, Parameters<typeof stress.over>[0]>({
  ...stressParts(stress, 'fills memory of pods from within; the kernel may kill a container of theirs for it'),
  kind: KIND,
  doc:
    'Puts an ephemeral container into each pod of a workload, those that come later included, that holds `size` of memory. It counts for the limit ' +
    'of the pod: where that is reached, the kernel kills the process of the pod that it rates highest, which is mostly the container of the fault itself and may be any ' +
    'other; the plan names them. Where the container of the fault is killed, it holds nothing any more, and the fault is not proven; a ' +
    'container of the pod that is killed is restarted by the kubelet, which is the outage that the run then shows. A workload of which a container has no memory limit is refused ' +
    'unless `unlimited` names it: the node itself may run out then, and evict pods of others. That it is on is what the kernel counts for the container ' +
    '(memory.current of its control group), at least half of `size`.',
  schema,
  example: {
    ...{ cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a' },
    ...{ size: '200Mi', unlimited: ['mockb-ap-northeast-1a'] },
  },
  move: () => ({
    kind: 'untold',
    why: 'which of their processes the kernel ends that is short of memory, and when, nobody can tell beforehand',
  }),
  plan: ({ name, block }, context) =>
    planStress(
      stress,
      block,
      {
        fault: name,
        amountFor: () => amountOf(block.size) ?? 0,
        warnings: (bytes, limits, containers) => {
          const known = limits.filter((limit) => limit !== undefined);
          const least = known.length === 0 ? undefined : Math.min(...known);
          return [
            `A pod may be OOM-killed in any of ${containers.join(', ')}, or in the container of the fault itself.`,
            ...(least === undefined ? [] : [leftText(bytes, least)]),
            ...(known.length < limits.length
              ? ['Nothing bounds it but the node, which may evict pods of others.']
              : []),
          ];
        },
      },
      context,
    ),
});

function leftText(bytes: number, limit: number): string {
  const left = Math.round((limit - bytes) / MI);
  return left > 0
    ? `It leaves ${left} Mi of the pod's limit of ${Math.round(limit / MI)} Mi to its containers.`
    : `It is more than the pod's limit of ${Math.round(limit / MI)} Mi: something there is OOM-killed for certain.`;
}
