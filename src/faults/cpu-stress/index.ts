import { atLeastOne, integer, mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';
import { defineFault } from '../define.ts';
import { stressFields, WHOSE } from '../stress/fields.ts';
import { type Stress, stressTasks } from '../stress/kind.ts';
import { stressParts } from '../stress/parts.ts';
import { planStress } from '../stress/plan.ts';

const schema = mapping(
  'Keeps the CPU of pods busy from within, as far as their limits go.',
  {
    required: { cluster, namespace: text('Namespace of the pods.') },
    optional: {
      ...stressFields,
      cores: integer(
        'How many cores are kept busy in each pod; default: as many as its limits have, rounded up, and 1 where it has none.',
        1,
        64,
        2,
      ),
    },
  },
  atLeastOne(...WHOSE),
);

type CpuBlock = Decoded<typeof schema>;

const KIND = 'cpuStress';

const stress: Stress = {
  kind: KIND,
  resource: 'cpu',
  look: (fault, context) => stressTasks(stress, fault, context),
  over: () => 'nothing keeps the CPU of the pods busy any more',
  unadmitted: 'The container runs as root without any capability, which the PodSecurity level restricted forbids.',
  // One copies on and on, each in a core of its own.
  begin: (cores, seconds) =>
    Array.from({ length: cores }, () => `timeout ${seconds} dd if=/dev/zero of=/dev/null bs=64k &`),
  read: (said) => {
    const micros = /^usage_usec (\d+)$/m.exec(said)?.[1];
    if (micros !== undefined) return Number(micros);
    const nanos = /^(\d+)$/.exec(said.trim())?.[1];
    return nanos === undefined ? undefined : Number(nanos) / 1000;
  },
  used: (before, after, micros) => (after - before) / micros,
  text: (cores) => `${Number(cores.toFixed(2))} busy ${cores === 1 ? 'core' : 'cores'}`,
};

/** Burns CPU in pods. */
export const cpuStress = defineFault<CpuBlock, Parameters<typeof stress.over>[0]>({
  ...stressParts(stress, 'keeps the CPU of pods busy from within, as far as their limits go'),
  kind: KIND,
  doc:
    'Puts an ephemeral container into each pod of a workload, those that come later included, that copies zeroes in as many processes as the pod ' +
    'has cores by its limits (or `cores`). All containers of the pod share that limit, so that application and sidecar are throttled, and answer ' +
    'later; under no limit only the node bounds it, and such a workload is refused unless `unlimited` names it. On a node with ' +
    'idle cores an application with a CPU request still gets its share of them first. That it is on is what the kernel counts for the ' +
    'container (cpu.stat of its control group): less than half of what was asked for, as on a busy node, is not proven, nor is a container that does not ' +
    'tell. The processes end by themselves after `expiry`, each for itself.',
  schema,
  example: {
    ...{ cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a' },
    unlimited: ['mockb-ap-northeast-1a'],
  },
  move: () => ({
    kind: 'untold',
    why: 'how much later pods answer that are short of CPU hangs on what they compute, which no cluster tells',
  }),
  plan: ({ name, block }, context) =>
    planStress(
      stress,
      block,
      {
        fault: name,
        amountFor: (limits) => block.cores ?? Math.ceil(Math.max(1, ...limits.map((limit) => limit ?? 1))),
        warnings: (cores, limits) => [
          ...(limits.some((limit) => limit === undefined)
            ? [`Nothing bounds it but the node: ${cores} of its cores for each pod, whoever else runs there.`]
            : []),
          'Calls may become slow without an error: whether anybody notices is a matter of timeouts and of the scenario’s latency.',
        ],
      },
      context,
    ),
});
