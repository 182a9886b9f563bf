import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { type KubeObject, type ObjectRef, RUN_LABEL } from '../../model/kubernetes.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { affectedBy, type Pod, partsOf, zonesOfNodes } from '../../workload/pods.ts';
import { admittedValue } from '../admission.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { lostVolumesText } from '../lost-volumes.ts';
import { plannedMark, textOf } from '../marked-plans.ts';
import { markedBy } from '../marks.ts';
import { unswappable } from './argo.ts';
import type { SwapBlock } from './block.ts';
import { containerFields, fieldOps, type SwapData, type SwapFields, sameFields, workloadText } from './fields.ts';
import { standstill } from './rolling.ts';
import { markTemplateOps, plansIn } from './template.ts';
import { warningsOf } from './warnings.ts';
import { podsOf, readWorkload, WORKLOADS, type Workload, type WorkloadKind } from './workload.ts';

/** Reads the workload and decides which fields of which container change to what. */
export async function plan(
  { name: fault, block }: FaultRequest<SwapBlock>,
  context: FaultContext,
): Promise<PlanDraft<SwapData>> {
  const { cluster, runId } = context;
  const { namespace, image, command } = block;
  const { kind, name } = targetOf(block);
  const ref = { ...WORKLOADS[kind], namespace, name };
  const text = workloadText(ref);
  const object = await cluster.get(ref);
  if (object === undefined) {
    const what = `cluster ${cluster.name}: ${text} does not exist`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: `kubectl -n ${namespace} get ${kind.toLowerCase()}s` });
  }
  refuse(object, `cluster ${cluster.name}: ${text}`);
  const workload = readWorkload(object);
  const container = containerName(workload, block.container, text);
  const before = containerFields(workload, container);
  const wanted: SwapFields = { ...before, image, ...(command === undefined ? {} : { command }) };
  const read = (one: KubeObject) => containerFields(readWorkload(one), container);
  const mark = textOf(plannedMark('imageSwap', fault, runId), object);
  const ops = [...fieldOps(workload, container, before, wanted), ...markTemplateOps(object, mark)];
  const change = { ref, object, ops, read, runId };
  const during = (await admittedValue(cluster, change)) ?? wanted;
  if (sameFields(before, during)) {
    const what = `cluster ${cluster.name}: ${text} runs this image and command already`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: 'Name another image, or another command.' });
  }
  const pods: readonly Pod[] = await podsOf(cluster, object, await zonesOfNodes(cluster));
  return {
    summary: `swap the image of ${text} (container ${container}) to ${during.image}`,
    signature: 'stops-serving',
    affected: affectedBy(cluster, pods),
    tolls: ALL_AFFECTED,
    replaces: partsOf(pods),
    namespaces: [namespace],
    cutsOff: [],
    objects: [touched(cluster.name, ref, container, before, during)],
    warnings: [...admittedText(text, wanted, during), ...warningsOf(object, container, pods), ...lostVolumesText(pods)],
    deadMan:
      `The ${kind} keeps the swapped image until somebody runs \`faultline recover\` (from any machine): what to put ` +
      'back stands in its annotation faultline.dev/undo and in the ConfigMap of the run.',
    data: { owner: `${kind}/${name}`, namespace, uid: object.metadata.uid ?? '', container, before, during },
  };
}

function admittedText(text: string, wanted: SwapFields, during: SwapFields): string[] {
  if (sameFields(wanted, during)) return [];
  const [asked, made] = [JSON.stringify(wanted), JSON.stringify(during)];
  return [`${text} will hold ${made}: admission of the cluster makes that of ${asked}.`];
}

export function targetOf({ deployment, statefulSet, daemonSet, rollout }: SwapBlock): {
  kind: WorkloadKind;
  name: string;
} {
  if (statefulSet !== undefined) return { kind: 'StatefulSet', name: statefulSet };
  if (daemonSet !== undefined) return { kind: 'DaemonSet', name: daemonSet };
  if (rollout !== undefined) return { kind: 'Rollout', name: rollout };
  return { kind: 'Deployment', name: deployment ?? '' };
}

function touched(
  cluster: string,
  { kind, namespace, name }: ObjectRef & { readonly namespace: string },
  container: string,
  before: SwapFields,
  during: SwapFields,
): TouchedObject {
  return {
    cluster,
    kind,
    namespace,
    name,
    change: `image and command of container ${container}`,
    before: JSON.stringify(before),
    during: JSON.stringify(during),
    state: 'unknown',
  };
}

function containerName(workload: Workload, wanted: string | undefined, where: string): string {
  const names = workload.containers.map((container) => container.name);
  if (wanted === undefined && names.length === 1) return names[0] ?? '';
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  const what = wanted === undefined ? 'has more than one container' : `has no container ${wanted}`;
  throw new FaultlineError('FAULT_NO_TARGET', `${where} ${what}`, { hint: `It has: ${names.join(', ')}` });
}

function refuse(object: KubeObject, where: string): void {
  const [swapped] = plansIn(object);
  if (swapped !== undefined && object.metadata.labels?.[RUN_LABEL] === undefined) {
    const what = `${where} has the template of the fault of run ${swapped.runId}, which was brought back from its history`;
    throw new FaultlineError('OPEN_RUN', what, { hint: SCAN_COMMAND });
  }
  const marked = markedBy(object);
  if (marked !== undefined) {
    throw new FaultlineError('OPEN_RUN', `${where} is still changed by run ${marked}`, { hint: SCAN_COMMAND });
  }
  const stands = standstill(object);
  if (stands !== undefined) {
    const hint = 'Use podKill or zoneBlackhole on its pods, or let it roll out.';
    throw new FaultlineError('FAULT_NO_TARGET', `${where} ${stands}: no pod would get the image`, { hint });
  }
  const never = unswappable(object);
  if (never !== undefined) {
    const hint = 'Use podKill or zoneBlackhole on its pods, or scale.';
    throw new FaultlineError('FAULT_NO_TARGET', `${where} ${never}`, { hint });
  }
}
