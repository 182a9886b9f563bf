import type { UndoOutcome } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { schema } from './block.ts';
import { plan } from './plan.ts';
import { prove } from './prove.ts';
import { sustain } from './sustain.ts';
import { isKillData, killAll } from './victims.ts';

/** Kills pods of a workload, once or again and again. */
export const podKill = defineFault({
  kind: 'podKill',
  doc:
    'Deletes pods of a namespace by Deployment, label selector or zone, or what all that are given have in common, once or ' +
    'every so often until the undo. ' +
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
