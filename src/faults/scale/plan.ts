import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import { shellCommand } from '../../model/shell.ts';
import { ALL_AFFECTED, type Toll } from '../../model/toll.ts';
import { affectedBy, controllerOf, isAlive, ordinalOf, type Pod, partsOf, zonesOfNodes } from '../../workload/pods.ts';
import { admittedValue } from '../admission.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { lostVolumesText } from '../lost-volumes.ts';
import { markedBy, setOps } from '../marks.ts';
import { autoscalerOf, isOn } from './autoscaler.ts';
import type { ScaleBlock } from './block.ts';
import {
  deletesVolumes,
  podsOf,
  replicasOf,
  type ScaleData,
  saidReplicas,
  workloadRef,
  workloadText,
} from './workload.ts';

type ScaledWorkload = Pick<ScaleData, 'workload' | 'namespace' | 'name'>;

export async function plan({ block }: FaultRequest<ScaleBlock>, context: FaultContext): Promise<PlanDraft<ScaleData>> {
  const draft = await planScaling(targetOf(block), block.replicas, context);
  const moves = 'The pods leave the endpoints: callers go elsewhere by that, and outlier detection ejects nobody.';
  return { ...draft, warnings: [moves, ...draft.warnings] };
}

/** Reads the workload and its autoscaler, and decides how many pods are to be left. */
export async function planScaling(
  target: ScaledWorkload,
  during: number,
  context: FaultContext,
): Promise<PlanDraft<ScaleData>> {
  const { cluster, runId } = context;
  const { namespace } = target;
  const text = workloadText(target);
  const object = await cluster.get(workloadRef(target));
  if (object === undefined) {
    const hint = `kubectl -n ${namespace} get ${target.workload.toLowerCase()}s`;
    throw new FaultlineError('FAULT_NO_TARGET', `cluster ${cluster.name}: ${text} does not exist`, { hint });
  }
  const before = replicasOf(object);
  refuse(object, target, during, `cluster ${cluster.name}: ${text}`);
  const autoscaler = await autoscalerOf(cluster, target);
  if (autoscaler !== undefined && isOn(autoscaler, during)) {
    const what = `cluster ${cluster.name}: HorizontalPodAutoscaler ${namespace}/${autoscaler.metadata.name} would scale ${text} back at once`;
    throw new FaultlineError('FAULT_NO_TARGET', what, {
      hint: 'Scale to 0, which switches off an autoscaler whose minReplicas is 1 or more, or use podKill with every.',
    });
  }
  const ops = setOps('/spec/replicas', saidReplicas(object), during);
  const read = (one: KubeObject) => ({ replicas: replicasOf(one) });
  const change = { ref: workloadRef(target), object, ops, read, runId };
  const { replicas: made } = (await admittedValue(cluster, change)) ?? { replicas: during };
  if (made !== during) {
    const what = `cluster ${cluster.name}: admission of the cluster makes ${made} replicas of ${during} for ${text}`;
    throw new FaultlineError('FAULT_REFUSED', what, { hint: 'Scale to a count that its policies leave as it is.' });
  }
  const pods = (await podsOf(cluster, target, await zonesOfNodes(cluster))).filter(isAlive);
  const { name, workload } = target;
  const gone = goers(pods, target, during);
  return {
    summary: `scale ${text} from ${before} to ${during}`,
    signature: during === 0 ? 'stops-serving' : 'degrades',
    affected: affectedBy(cluster, gone),
    tolls: tollsOf(target, before, during),
    replaces: partsOf(gone),
    namespaces: [namespace],
    cutsOff: [],
    objects: [
      {
        cluster: cluster.name,
        kind: workload,
        namespace,
        name,
        change: 'replicas',
        before: String(before),
        during: String(during),
        state: 'unknown',
      },
    ],
    warnings: [
      ...operatorText(object, text),
      ...lostVolumesText(gone),
      ...warningsOf(target, autoscaler, pods, during),
    ],
    deadMan:
      `The ${workload} stays scaled until somebody runs \`faultline recover\` (from any machine): what to put back ` +
      'stands in its annotation faultline.dev/undo and in the ConfigMap of the run.',
    data: {
      ...target,
      uid: object.metadata.uid ?? '',
      before,
      during,
      ...(saidReplicas(object) === undefined ? { unsaid: true } : {}),
    },
  };
}

export function targetOf({ namespace, deployment, statefulSet, rollout }: ScaleBlock): ScaledWorkload {
  if (rollout !== undefined) return { workload: 'Rollout', namespace, name: rollout };
  if (statefulSet !== undefined) return { workload: 'StatefulSet', namespace, name: statefulSet };
  return { workload: 'Deployment', namespace, name: deployment ?? '' };
}

function refuse(object: KubeObject, target: ScaledWorkload, during: number, where: string): void {
  const marked = markedBy(object);
  if (marked !== undefined) {
    throw new FaultlineError('OPEN_RUN', `${where} is still changed by run ${marked}`, { hint: SCAN_COMMAND });
  }
  const before = replicasOf(object);
  if (before <= during) {
    const what = `${where} has ${before} replicas: ${during} takes none of them away`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: 'Scale to fewer than it has.' });
  }
  if (!deletesVolumes(object)) return;
  const what = `${where} would lose its volumes for good: it has persistentVolumeClaimRetentionPolicy whenScaled: Delete, by which Kubernetes deletes the claims of the pods that go, and no undo brings back what was in them`;
  const { namespace, name } = target;
  const keep = { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain' } } };
  const command = shellCommand([
    'kubectl',
    '-n',
    namespace,
    'patch',
    'statefulset',
    name,
    '--type=merge',
    '-p',
    JSON.stringify(keep),
  ]);
  const hint = `podKill on its pods takes no volume. To scale it, have its owner keep the claims first: ${command}`;
  throw new FaultlineError('FAULT_REFUSED', what, { hint });
}

/** Whoever has made the workload works on it as well. */
function operatorText(object: KubeObject, text: string): string[] {
  const owner = controllerOf(object);
  if (owner === undefined) return [];
  return [
    `${text} belongs to ${owner.kind} ${owner.name}: its operator may scale it back at once, or take missing pods for lost ones and build others.`,
  ];
}

/** Who may go: of a StatefulSet the highest ordinals, of others any of them, as the controller chooses. */
function goers(pods: readonly Pod[], { workload }: ScaledWorkload, during: number): readonly Pod[] {
  if (workload !== 'StatefulSet') return pods;
  return [...pods].sort((a, b) => ordinalOf(a) - ordinalOf(b)).slice(during);
}

function tollsOf({ workload }: ScaledWorkload, before: number, during: number): readonly Toll[] {
  const isChosen = workload === 'StatefulSet' || during === 0;
  return isChosen ? ALL_AFFECTED : [{ to: { kind: 'affected' }, share: 1, most: before - during }];
}

function warningsOf(
  target: ScaledWorkload,
  autoscaler: KubeObject | undefined,
  pods: readonly Pod[],
  during: number,
): string[] {
  const text = workloadText(target);
  const told = [
    'A PodDisruptionBudget does not hold here: it counts evictions, and this is none.',
    autoscaler !== undefined &&
      `HorizontalPodAutoscaler ${autoscaler.metadata.name} is off while ${text} has 0 replicas; the count from before switches it on again. KEDA may wake the workload up by itself.`,
    during > 0 &&
      target.workload !== 'StatefulSet' &&
      'Which pods go is the choice of the controller: the proof names them.',
    pods.length === 0 && `${text} has no pods now.`,
  ];
  return told.filter((one) => typeof one === 'string');
}
