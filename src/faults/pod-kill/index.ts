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
    'Evicts pods of a workload, by label selector, of a node or of a zone, once or every so often until the undo. Several ' +
    'of these together narrow it: `deployment` with `zone` kills the share of a Deployment that runs in one zone. `zone` or ' +
    '`node` alone means all pods there in the namespaces that are listed, without those that send load; how many of them ' +
    'is up to `count` and `percent` (`percent: 100%` is all at once). PodDisruptionBudgets hold, and pods have their own grace ' +
    'period, unless the scenario says `deletion: true` and another `gracePeriod`. Pods that no controller replaces are left alone. ' +
    'There is nothing to put back: the controller replaces the pods. A killed pod leaves the endpoints, so traffic moves ' +
    'by endpoint removal and not by outlier ejection.',
  row: {
    does: 'evicts pods (or deletes them) by workload, labels, node, zone; count or percent; once or every so often',
    undo: 'none needed',
    deadMan: 'nothing follows',
  },
  schema,
  example: { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a', count: 1, every: '10s' },
  starter: ({ cluster, namespace, zone, deployment, labels }) => {
    const aim = deployment === undefined ? { selector: labels } : { deployment: deployment.name };
    return { block: { cluster, namespace, ...aim, zone, percent: '100%', every: '2s' }, ejects: false };
  },
  permissions: [
    { kind: KINDS.pod, verbs: ['list'], scope: 'namespace' },
    { kind: KINDS.pod, subresource: 'eviction', verbs: ['create'], scope: 'namespace', without: 'deletion' },
    { kind: KINDS.podDisruptionBudget, verbs: ['list'], scope: 'namespace', without: 'deletion' },
    { kind: KINDS.pod, verbs: ['delete'], scope: 'namespace', with: 'deletion' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [],
  move: ({ every, gracePeriod }) => ({ kind: 'kill', everyMs: every, forced: gracePeriod === 0 }),
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
