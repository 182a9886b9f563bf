import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { schema } from './block.ts';
import { inject } from './inject.ts';
import { plan, targetOf } from './plan.ts';
import { prove } from './prove.ts';
import { undo } from './undo.ts';
import { isScaleData } from './workload.ts';

/** What changing an object and putting it back asks for. */
const CHANGE = ['get', 'patch'];

/** Scales a workload down, to zero or to N. */
export const scale = defineFault({
  kind: 'scale',
  doc:
    'Scales a Deployment, StatefulSet or Argo Rollout down and waits until its pods are gone. Callers lose the endpoints, so that ' +
    'traffic moves by that and not by ejection: this is a planned outage, where imageSwap and meshFault are failures that ' +
    'only requests reveal. A HorizontalPodAutoscaler is off while the workload has no replicas and on again with the ' +
    'recorded count; with more than 0 replicas it would undo the fault at once, and the plan is refused. A gateway workload of one ' +
    'zone at zero is the ingress gateway of that zone down, and an east-west gateway at zero is the way between two networks cut. A StatefulSet whose claims ' +
    'Kubernetes deletes with its pods (`persistentVolumeClaimRetentionPolicy`, `whenScaled: Delete`) would lose what is in them for good, and is refused. Which pods of a ' +
    'Deployment go when some stay is the choice of its controller: the proof names them, and what stays may go on serving.',
  row: {
    does: 'scales a Deployment, StatefulSet or Argo Rollout to zero or to fewer pods',
    undo: 'puts the recorded count back if it still holds what faultline wrote',
    deadMan: 'the dead-man of the targets file puts it back; without one it stays until `faultline recover`',
  },
  schema,
  example: { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a' },
  permissions: [
    { kind: KINDS.deployment, verbs: CHANGE, undo: CHANGE, scope: 'namespace', with: 'deployment' },
    { kind: KINDS.statefulSet, verbs: CHANGE, undo: CHANGE, scope: 'namespace', with: 'statefulSet' },
    { kind: KINDS.rollout, verbs: CHANGE, undo: CHANGE, scope: 'namespace', with: 'rollout' },
    { kind: KINDS.horizontalPodAutoscaler, verbs: ['list'], scope: 'namespace' },
    { kind: KINDS.pod, verbs: ['list'], undo: ['list'], scope: 'namespace' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [
    { kind: KINDS.deployment, resource: 'deployment', ours: false, with: 'deployment' },
    { kind: KINDS.statefulSet, resource: 'statefulset', ours: false, with: 'statefulSet' },
    { kind: KINDS.rollout, resource: 'rollout', ours: false, with: 'rollout' },
  ],
  move: (block) => {
    const { cluster, namespace, replicas: left } = block;
    const { workload: kind, name } = targetOf(block);
    return { kind: 'scale', cluster, namespace, workload: { kind, name }, left };
  },
  isData: isScaleData,
  plan,
  inject,
  prove,
  undo,
});
