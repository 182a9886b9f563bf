import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { selectorText } from '../../model/labels.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { affectedBy, type Pod } from '../../workload/pods.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { containerName, type FaultName } from '../in-pod/container.ts';
import { askAdmission, refuseOther, withoutImage } from '../in-pod/pods.ts';
import type { BlackholeBlock } from './block.ts';
import type { BlackholeData } from './data.ts';
import { inPod, type Zone, zoneTasks } from './zone.ts';

/** Looks which pods are in the zone, and asks the API whether it would let them be cut off. */
export async function plan(
  { name, block }: FaultRequest<BlackholeBlock>,
  context: FaultContext,
): Promise<PlanDraft<BlackholeData>> {
  const { cluster, runId } = context;
  const { zone, namespaces, selector, image, expiry } = block;
  const data: BlackholeData = {
    zone,
    namespaces,
    selector: selector === undefined ? null : selectorText(selector),
    image,
    expirySeconds: Math.ceil(expiry / 1000),
  };
  const fault = { runId, fault: name, data };
  const found = await zoneTasks(fault, context);
  if (found.tasks.length === 0) throw noTarget(cluster.name, name, zone);
  for (const { object } of found.tasks) refuseOther(cluster.name, object, runId);
  await askAdmission(found.tasks, inPod, fault, context);
  const pods = found.tasks.map(({ pod }) => pod);
  return {
    summary: `drop all packets of ${pods.length} pods in zone ${zone} (${namespaces.join(', ')}), open connections included`,
    signature: 'stops-serving',
    affected: affectedBy(cluster, pods),
    tolls: ALL_AFFECTED,
    namespaces,
    cutsOff: [zone],
    objects: pods.map((pod) => touched(cluster.name, pod, fault)),
    warnings: [...warningsOf(found, data)],
    expiresMs: data.expirySeconds * 1000,
    deadMan: `Each container takes its rules away by itself after ${data.expirySeconds}s, with no runner and no API server.`,
    data,
  };
}

function noTarget(cluster: string, name: string, zone: string): FaultlineError {
  const what = `cluster ${cluster}: zoneBlackhole ${name} matches no pod in zone ${zone} that has a network of its own`;
  const hint =
    'Zones come from the pod label istio-locality, else the node label topology.kubernetes.io/zone: kubectl get nodes -L topology.kubernetes.io/zone';
  return new FaultlineError('FAULT_NO_TARGET', what, { hint });
}

function touched(cluster: string, { namespace, name }: Pod, fault: FaultName): TouchedObject {
  const change = `add ephemeral container ${containerName(fault)}`;
  const [before, during] = ['not cut off', 'cut off'];
  return { cluster, kind: 'Pod', namespace, name, change, before, during, state: 'unknown' };
}

function warningsOf({ spared, nodes }: Zone, { image }: BlackholeData): string[] {
  const bare = withoutImage(nodes, image);
  return [
    'Calls on kept connections hang without an error until something of the callers times them out.',
    'Probes of the own node go on, so the pods stay Ready, as in the first seconds of a lost zone.',
    'Kubernetes keeps an ephemeral container that has ended as an entry in its pod until the pod is replaced.',
    ...(spared.length === 0
      ? []
      : [`Not cut off, because they have no network of their own: ${spared.map(({ name }) => name).join(', ')}.`]),
    ...(bare.length === 0
      ? []
      : [`Image ${image} is not on ${bare.join(', ')} yet: the kubelet must be able to pull it.`]),
  ];
}
