import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { affectedBy, isAlive, listPods, type Pod, selectorText, zonesOfNodes } from '../../workload/pods.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { markedBy } from '../marks.ts';
import type { SwapBlock } from './block.ts';
import {
  containerFields,
  type Deployment,
  readDeployment,
  type SwapData,
  type SwapFields,
  sameFields,
} from './fields.ts';
import { keptPods } from './rolling.ts';

/** Reads the Deployment and decides which fields of which container change to what. */
export async function plan({ block }: FaultRequest<SwapBlock>, context: FaultContext): Promise<PlanDraft<SwapData>> {
  const { cluster } = context;
  const { namespace, deployment: name, image, command } = block;
  const object = await cluster.get({ ...KINDS.deployment, namespace, name });
  if (object === undefined) {
    const what = `cluster ${cluster.name}: Deployment ${namespace}/${name} does not exist`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: `kubectl -n ${namespace} get deployments` });
  }
  const deployment = readDeployment(object);
  const container = containerName(deployment, block.container, `${namespace}/${name}`);
  const before = containerFields(deployment, container);
  const during: SwapFields = { ...before, image, ...(command === undefined ? {} : { command }) };
  refuse(object, before, during, cluster.name);
  const pods = await podsOf(context, deployment);
  return {
    summary: `swap the image of Deployment ${namespace}/${name} (container ${container}) to ${image}`,
    signature: 'stops-serving',
    affected: affectedBy(cluster, pods),
    namespaces: [namespace],
    cutsOff: [],
    objects: [touched(cluster.name, { namespace, name, container, before, during })],
    warnings: warningsOf(object, deployment, container, pods),
    deadMan:
      'The Deployment keeps the swapped image until somebody runs `faultline recover` (from any machine): what to put ' +
      'back stands in its annotation faultline.dev/undo and in the ConfigMap of the run.',
    data: { namespace, name, uid: object.metadata.uid ?? '', container, before, during },
  };
}

function touched(
  cluster: string,
  { namespace, name, container, before, during }: Omit<SwapData, 'uid'>,
): TouchedObject {
  return {
    cluster,
    kind: 'Deployment',
    namespace,
    name,
    change: `image and command of container ${container}`,
    before: JSON.stringify(before),
    during: JSON.stringify(during),
    state: 'unknown',
  };
}

function containerName(deployment: Deployment, wanted: string | undefined, where: string): string {
  const names = deployment.containers.map((container) => container.name);
  if (wanted === undefined && names.length === 1) return names[0] ?? '';
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  const what = wanted === undefined ? 'has more than one container' : `has no container ${wanted}`;
  throw new FaultlineError('FAULT_NO_TARGET', `Deployment ${where} ${what}`, { hint: `It has: ${names.join(', ')}` });
}

function refuse(object: KubeObject, before: SwapFields, during: SwapFields, cluster: string): void {
  const where = `cluster ${cluster}: Deployment ${object.metadata.namespace}/${object.metadata.name}`;
  const marked = markedBy(object);
  if (marked !== undefined) {
    const hint = `faultline recover --run ${marked}`;
    throw new FaultlineError('OPEN_RUN', `${where} is still changed by run ${marked}`, { hint });
  }
  const { paused } = (object.spec ?? {}) as { paused?: boolean };
  if (paused === true) {
    const hint = `kubectl -n ${object.metadata.namespace} rollout resume deployment/${object.metadata.name}`;
    throw new FaultlineError('FAULT_NO_TARGET', `${where} is paused: no pod would get the image`, { hint });
  }
  if (sameFields(before, during)) {
    throw new FaultlineError('FAULT_NO_TARGET', `${where} runs this image and command already`);
  }
}

function warningsOf(object: KubeObject, deployment: Deployment, container: string, pods: readonly Pod[]): string[] {
  const name = `Deployment ${object.metadata.namespace}/${object.metadata.name}`;
  const labels = { ...object.metadata.labels, ...object.metadata.annotations };
  const gitops = Object.keys(labels).filter((key) => /argocd\.argoproj\.io|fluxcd\.io/.test(key));
  const warnings: string[] = [];
  const masked = maskedText(object, deployment, container);
  if (masked !== undefined) warnings.push(`${name} ${masked}`);
  if (gitops.length > 0) warnings.push(`${name} is managed by GitOps (${gitops[0]}): it may revert the fault.`);
  if (pods.length === 0) warnings.push(`${name} has no pods now.`);
  return warnings;
}

/** Why the fault may change nothing, with what does: old pods that wait for a new one to be ready go on serving. */
function maskedText(object: KubeObject, { containers }: Deployment, container: string): string | undefined {
  const own = containers.find(({ name }) => name === container);
  const probe = own?.startupProbe === undefined ? own?.readinessProbe && 'readiness' : 'startup';
  const kept = keptPods(object);
  if (probe === undefined || kept === 0) return undefined;
  return (
    `has a ${probe} probe in container ${container}: a new pod that fails it is never ready, and until one is, the rolling ` +
    `update keeps at least ${kept} old pod${kept === 1 ? '' : 's'} serving: the fault is then not proven, and the run is inconclusive. ` +
    'Use an image that passes the probe and fails requests, podKill, zoneBlackhole, or strategy Recreate.'
  );
}

async function podsOf(context: FaultContext, deployment: Deployment): Promise<Pod[]> {
  const zones = await zonesOfNodes(context.cluster);
  const selector = selectorText(deployment.matchLabels);
  const pods = await listPods(context.cluster, deployment.namespace, selector, zones);
  return pods.filter((pod) => pod.workload === deployment.name && isAlive(pod));
}
