import type { UndoOutcome } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { atLeastOne, mapping, quantity, text, withDefault } from '../../schema/builders.ts';
import type { Decoded, Schema } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';
import { defineFault } from '../define.ts';
import { plan } from './plan.ts';
import { prove } from './prove.ts';
import { sustain } from './sustain.ts';
import { isKillData, killAll } from './victims.ts';

const count: Schema<number> = { type: 'integer', minimum: 1, description: 'How many pods each round.', examples: [1] };

const schema = mapping(
  'Deletes pods; their controller replaces them.',
  {
    required: { cluster, namespace: text('Namespace of the pods.') },
    optional: {
      deployment: text('Kill pods of this Deployment.'),
      selector: labels('Kill pods with these labels.'),
      zone: text('Only pods on nodes of this zone.'),
      count: withDefault(count, 1),
      percent: quantity('percent', 'Share of the matching pods each round, rounded up; in place of count.', {
        example: '50%',
      }),
      every: quantity('duration', 'Kill again after this time, until the undo.', { min: '100ms', example: '10s' }),
      gracePeriod: withDefault(quantity('duration', 'Time to shut down; none: as a crash.', { example: '30s' }), '0s'),
    },
  },
  atLeastOne('deployment', 'selector'),
);

export type KillBlock = Decoded<typeof schema>;

/** Kills pods of a workload, once or again and again. */
export const podKill = defineFault({
  kind: 'podKill',
  doc:
    'Deletes pods by Deployment or label selector, optionally of one zone only, once or every so often until the undo. ' +
    'There is nothing to put back: the controller replaces the pods. A killed pod leaves the endpoints, so traffic moves ' +
    'by endpoint removal and not by outlier ejection.',
  row: {
    does: 'deletes pods by Deployment, labels, zone; count or percent; once or every so often',
    undo: 'none needed',
    deadMan: 'nothing follows',
  },
  schema,
  example: { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a', count: 1, every: '10s' },
  permissions: [
    { kind: KINDS.pod, verbs: ['list', 'delete'], scope: 'namespace' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [],
  isData: isKillData,
  plan,
  inject: ({ data }, context) => killAll(data.first, data, context),
  sustain,
  prove,
  undo: async ({ objects }): Promise<UndoOutcome> => ({
    state: 'undone',
    detail: 'nothing to put back: the controllers replace killed pods',
    objects,
    commands: [],
  }),
});
