import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { affectedBy, type Pod, selectorText } from '../../workload/pods.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import type { BlackholeBlock } from './block.ts';
import { type BlackholeData, CONNECTED, containerName, type FaultName } from './container.ts';
import { lookAtZone, refuseOther, tryOut, type Zone } from './pods.ts';

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
  const found = await lookAtZone(data, context);
  if (found.pods.length === 0) throw noTarget(cluster.name, name, zone);
  for (const { object } of found.pods) refuseOther(cluster.name, object, runId);
  const fault = { runId, fault: name };
  for (const namespace of namespaces) await askAdmission(namespace, found, fault, data, context);
  const pods = found.pods.map(({ pod }) => pod);
  return {
    summary: `drop all packets of ${pods.length} pods in zone ${zone} (${namespaces.join(', ')}), open connections included`,
    signature: 'stops-serving',
    affected: affectedBy(cluster, pods),
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

/**
 * A dry run of what the injection does, on one pod of each namespace: PodSecurity and every other admission have their
 * say. What RBAC does not allow is told with all other permissions.
 */
async function askAdmission(
  namespace: string,
  { pods }: Zone,
  fault: FaultName,
  data: BlackholeData,
  context: FaultContext,
): Promise<void> {
  const first = pods.find(({ pod }) => pod.namespace === namespace);
  if (first === undefined) return;
  try {
    await tryOut(first, fault, data, context);
  } catch (error) {
    if (!(error instanceof FaultlineError) || error.code !== 'PERMISSION_DENIED') throw error;
    if (error.message.includes('cannot patch resource')) return;
    const hint =
      'It needs NET_ADMIN inside the pods, which the PodSecurity levels baseline and restricted forbid: label the namespace ' +
      'pod-security.kubernetes.io/enforce=privileged for the drill, or use zoneNetworkPolicy, which needs nothing in the pods.';
    throw new FaultlineError(
      'FAULT_REFUSED',
      `zoneBlackhole is not admitted in namespace ${namespace}: ${error.message}`,
      {
        hint,
        cause: error,
      },
    );
  }
}

function touched(cluster: string, { namespace, name }: Pod, fault: FaultName): TouchedObject {
  const change = `add ephemeral container ${containerName(fault)}`;
  return { cluster, kind: 'Pod', namespace, name, change, before: CONNECTED, during: 'cut off', state: 'unknown' };
}

function warningsOf({ spared, nodes }: Zone, { image }: BlackholeData): string[] {
  const bare = nodes.filter((node) => isWithout(node, image)).map(({ metadata }) => metadata.name);
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

/** Whether a node lists images, and not this one. Kubelets list the 50 largest (nodeStatusMaxImages). */
function isWithout({ status }: KubeObject, image: string): boolean {
  const { images } = (status ?? {}) as { images?: { names?: string[] }[] };
  if (images === undefined) return false;
  const names = [image, `docker.io/${image}`, `docker.io/library/${image}`];
  return !images.some((one) => one.names?.some((name) => names.includes(name)));
}
