import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { schema } from './block.ts';
import { isSwapData } from './fields.ts';
import { inject } from './inject.ts';
import { plan, targetOf } from './plan.ts';
import { prove } from './prove.ts';
import { broughtBack, plansIn, unmarkTemplateOps } from './template.ts';
import { undo } from './undo.ts';

/** An image that runs and listens nowhere, as the vendor's page on service-level failover has it. */
const SILENT = { image: 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2', command: ['sleep', '3600'] };

/** What changing an object and putting it back asks for. */
const CHANGE = ['get', 'patch'];

/** Swaps the image of a workload's container: the way the vendor's page simulates a failed workload. */
export const imageSwap = defineFault({
  kind: 'imageSwap',
  doc:
    'Patches image and command of one container of a Deployment, StatefulSet, DaemonSet or Argo Rollout and waits until no ready pod runs the old image. ' +
    'The undo restores each of the two fields that still holds what faultline wrote, whatever somebody has made of the other ' +
    'one, and is over when no pod runs the swapped template: a paused rollout, a quota or an image that cannot be pulled is not ' +
    'put back, and says so. The swapped template carries the plan of the fault as an annotation: `kubectl rollout undo` may bring ' +
    'it back from the history of the workload, and then `faultline doctor` tells of it, `faultline plan` refuses and `faultline recover --scan` puts it back. ' +
    'A rolling update keeps ' +
    'old pods until new ones are ready, beyond maxUnavailable: with a readiness or startup probe that the new image fails, ' +
    'old pods go on serving, the fault is not proven, and the run is inconclusive. `faultline plan` warns of it; an image ' +
    'that passes the probe, podKill, zoneBlackhole, or strategy Recreate do bite. A ' +
    'workload that does not replace its pods by itself (paused, OnDelete, a partition above all pods) is refused; a ' +
    'StatefulSet that waits for ever for a pod of the swapped image is let go by the deletion of that pod when it is undone. A ' +
    'Rollout that is aborted, in the middle of an update, waits for a person to promote it, or takes its template from ' +
    'another workload (workloadRef) is refused; `faultline plan` tells what its steps, pauses and analysis make of the fault.',
  row: {
    does: 'swaps image and command of a container of a Deployment, StatefulSet, DaemonSet or Argo Rollout',
    undo: 'puts back each of the two that still holds what faultline wrote, and sees it in the pods',
    deadMan: 'the dead-man of the targets file puts it back; without one it stays until `faultline recover`',
  },
  schema,
  example: {
    cluster: 'tokyo',
    namespace: 'default',
    deployment: 'mockb-ap-northeast-1a',
    ...SILENT,
  },
  starter: ({ cluster, namespace, deployment }) => {
    if (!deployment?.canBeReplaced) return undefined;
    const { name, container } = deployment;
    return { block: { cluster, namespace, deployment: name, container, ...SILENT }, ejects: true };
  },
  permissions: [
    { kind: KINDS.deployment, verbs: CHANGE, undo: CHANGE, scope: 'namespace', with: 'deployment' },
    { kind: KINDS.statefulSet, verbs: CHANGE, undo: CHANGE, scope: 'namespace', with: 'statefulSet' },
    { kind: KINDS.daemonSet, verbs: CHANGE, undo: CHANGE, scope: 'namespace', with: 'daemonSet' },
    { kind: KINDS.rollout, verbs: CHANGE, undo: CHANGE, scope: 'namespace', with: 'rollout' },
    { kind: KINDS.pod, verbs: ['delete'], undo: ['delete'], scope: 'namespace', with: 'statefulSet' },
    { kind: KINDS.pod, verbs: ['list'], undo: ['list'], scope: 'namespace' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [
    {
      kind: KINDS.deployment,
      resource: 'deployment',
      ours: false,
      inside: broughtBack('deployment'),
      plans: plansIn,
      unmark: unmarkTemplateOps,
      with: 'deployment',
    },
    {
      kind: KINDS.statefulSet,
      resource: 'statefulset',
      ours: false,
      inside: broughtBack('statefulset'),
      plans: plansIn,
      unmark: unmarkTemplateOps,
      with: 'statefulSet',
    },
    {
      kind: KINDS.daemonSet,
      resource: 'daemonset',
      ours: false,
      inside: broughtBack('daemonset'),
      plans: plansIn,
      unmark: unmarkTemplateOps,
      with: 'daemonSet',
    },
    {
      kind: KINDS.rollout,
      resource: 'rollout',
      ours: false,
      inside: broughtBack('rollout'),
      plans: plansIn,
      unmark: unmarkTemplateOps,
      with: 'rollout',
    },
  ],
  move: (block) => {
    const { cluster, namespace, container } = block;
    return { kind: 'rollout', cluster, namespace, workload: targetOf(block), container };
  },
  isData: isSwapData,
  plan,
  inject,
  prove,
  undo,
});
