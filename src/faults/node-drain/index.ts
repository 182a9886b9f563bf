import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { schema } from './block.ts';
import { inject } from './inject.ts';
import { isDrainData } from './nodes.ts';
import { plan } from './plan.ts';
import { prove } from './prove.ts';
import { undo } from './undo.ts';

/** Cordons nodes and evicts pods from them. */
export const nodeDrain = defineFault({
  kind: 'nodeDrain',
  doc:
    'Cordons a node, or nodes of a zone, and evicts the pods of the listed namespaces from them, by the eviction API only: a ' +
    'PodDisruptionBudget holds, an eviction that it forbids is tried again for as long as `wait`, and then the fault has failed and is undone. ' +
    'Pods of DaemonSets and of the kubelet itself stay, as do those that send load, a dead-man, and the pods of all other ' +
    'namespaces. Pods that keep data in an emptyDir or an ephemeral volume (one of the sidecar counts for nothing) and pods without a controller are refused ' +
    'unless `localStorage` or `bare` names them. Evicted pods leave the endpoints first, so traffic moves without errors where they shut down ' +
    'gracefully; they start again elsewhere, or wait for a node that fits. The undo uncordons the nodes that the fault has cordoned and no ' +
    'others; nothing moves pods back, only those that wait for a node start there. It asks for `patch` of nodes.',
  row: {
    does: 'cordons a node, or nodes of a zone, and evicts the pods of some namespaces from them; PodDisruptionBudgets hold',
    undo: 'uncordons the nodes that it has cordoned; nothing moves pods back',
    deadMan:
      'the dead-man of the targets file uncordons them; without one they stay cordoned until `faultline recover`',
  },
  schema,
  example: { cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default'] },
  permissions: [
    { kind: KINDS.node, verbs: ['get', 'list', 'patch'], undo: ['get', 'patch'], scope: 'cluster' },
    { kind: KINDS.pod, verbs: ['list'], scope: 'namespace' },
    { kind: KINDS.pod, subresource: 'eviction', verbs: ['create'], scope: 'namespace' },
    { kind: KINDS.podDisruptionBudget, verbs: ['list'], scope: 'namespace' },
  ],
  marks: [{ kind: KINDS.node, resource: 'node', ours: false, scope: 'cluster' }],
  move: () => ({
    kind: 'untold',
    why: "on which nodes the evicted pods start again, and when, is the scheduler's word",
  }),
  isData: isDrainData,
  plan,
  inject,
  prove,
  undo,
});
