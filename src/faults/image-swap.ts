import { FaultlineError } from '../model/errors.ts';
import type { EffectProof, FaultContext, FaultKind, FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, type ObjectRef } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { affectedBy, isAlive, listPods, type Pod, selectorText, zonesOfNodes } from '../workload/pods.ts';
import {
  containerFields,
  type Deployment,
  fieldOps,
  readDeployment,
  restorePatch,
  type SwapData,
  type SwapFields,
  swapData,
} from './image-swap-fields.ts';
import { undoImageSwap } from './image-swap-undo.ts';
import { markedBy, markOps, sameJson, unchangedOps } from './marks.ts';
import { optionalText, optionalTexts, textField } from './spec.ts';
import { poll } from './wait.ts';

/** A rollout pulls an image; beyond this the fault counts as not proven. */
const PROOF_LIMIT_MS = 90_000;

const SCHEMA: Json = {
  type: 'object',
  description: 'Swaps the image (and command) of one container of a Deployment, so that the workload stops serving.',
  additionalProperties: false,
  required: ['cluster', 'namespace', 'deployment', 'image'],
  properties: {
    cluster: { type: 'string', minLength: 1, description: 'Logical name of the cluster in the targets file.' },
    namespace: { type: 'string', minLength: 1 },
    deployment: { type: 'string', minLength: 1, description: 'Name of the Deployment.' },
    container: {
      type: 'string',
      minLength: 1,
      description: 'Name of the container; may be left out when there is only one.',
    },
    image: {
      type: 'string',
      minLength: 1,
      description: 'The image to run instead. It should start and not listen on the port.',
    },
    command: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      description: 'The command to run instead.',
    },
  },
};

/** Swaps the image of a Deployment's container: the way the vendor's page simulates a failed workload. */
export const imageSwap: FaultKind = {
  kind: 'imageSwap',
  doc:
    'Patches image and command of one container of a Deployment and waits until no ready pod runs the old image. ' +
    'The undo restores both fields if they still hold what faultline wrote. A Deployment whose pods have a readiness ' +
    'probe that the new image fails keeps its old pods: the fault does not bite, and the run is inconclusive.',
  schema: SCHEMA,
  plan,
  inject,
  prove,
  undo: undoImageSwap,
};

async function plan(
  fault: { name: string; spec: { readonly [key: string]: Json } },
  context: FaultContext,
): Promise<FaultPlan> {
  const { cluster, runId } = context;
  const namespace = textField(fault.spec, 'namespace');
  const name = textField(fault.spec, 'deployment');
  const object = await cluster.get({ ...KINDS.deployment, namespace, name });
  if (object === undefined) {
    const what = `cluster ${cluster.name}: Deployment ${namespace}/${name} does not exist`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: `kubectl -n ${namespace} get deployments` });
  }
  const deployment = readDeployment(object);
  const container = containerName(deployment, optionalText(fault.spec, 'container'), `${namespace}/${name}`);
  const before = containerFields(deployment, container);
  const command = optionalTexts(fault.spec, 'command');
  const image = textField(fault.spec, 'image');
  const during: SwapFields = { ...before, image, ...(command === undefined ? {} : { command }) };
  refuse(object, before, during, cluster.name);
  const pods = await podsOf(context, deployment);
  const data: SwapData = { namespace, name, uid: object.metadata.uid ?? '', container, before, during };
  return {
    kind: imageSwap.kind,
    fault: fault.name,
    runId,
    cluster: cluster.name,
    summary: `swap the image of Deployment ${namespace}/${name} (container ${container}) to ${during.image}`,
    signature: 'stops-serving',
    affected: affectedBy(cluster, pods),
    namespaces: [namespace],
    objects: [
      {
        cluster: cluster.name,
        kind: 'Deployment',
        namespace,
        name,
        change: `image and command of container ${container}`,
        before: JSON.stringify(before),
        during: JSON.stringify(during),
        state: 'unknown',
      },
    ],
    permissions: [
      ...(['get', 'patch'] as const).map((verb) => ({ ...KINDS.deployment, verb, namespace })),
      { ...KINDS.pod, verb: 'list', namespace },
    ],
    warnings: warningsOf(object, deployment, pods),
    deadMan:
      'The Deployment keeps the swapped image until somebody runs `faultline recover` (from any machine): what to put ' +
      'back stands in its annotation faultline.dev/undo and in the ConfigMap of the run.',
    data: data as unknown as Json,
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
  if (sameJson(before as unknown as Json, during as unknown as Json)) {
    throw new FaultlineError('FAULT_NO_TARGET', `${where} runs this image and command already`);
  }
}

function warningsOf(object: KubeObject, deployment: Deployment, pods: readonly Pod[]): string[] {
  const name = `Deployment ${object.metadata.namespace}/${object.metadata.name}`;
  const labels = { ...object.metadata.labels, ...object.metadata.annotations };
  const gitops = Object.keys(labels).filter((key) => /argocd\.argoproj\.io|fluxcd\.io/.test(key));
  const warnings = [];
  if (deployment.containers.some((container) => container.readinessProbe !== undefined)) {
    warnings.push(`${name} has a readiness probe: a rolling update keeps the old pods, and the fault may never bite.`);
  }
  if (gitops.length > 0) warnings.push(`${name} is managed by GitOps (${gitops[0]}): it may revert the fault.`);
  if (pods.length === 0) warnings.push(`${name} has no pods now.`);
  return warnings;
}

async function podsOf(context: FaultContext, deployment: Deployment): Promise<Pod[]> {
  const zones = await zonesOfNodes(context.cluster);
  const selector = selectorText(deployment.matchLabels);
  const pods = await listPods(context.cluster, deployment.namespace, selector, zones);
  return pods.filter((pod) => pod.workload === deployment.name && isAlive(pod));
}

/** How often a write that met somebody else's write is decided anew. */
const TRIES = 5;

/** Every try looks at the object again: a mark or a field that has changed since the plan ends the run. */
async function inject(plan: FaultPlan, context: FaultContext): Promise<void> {
  const data = swapData(plan);
  const ref: ObjectRef = { ...KINDS.deployment, namespace: data.namespace, name: data.name };
  for (let attempt = 1; ; attempt++) {
    const object = await context.cluster.get(ref);
    const changed = changedSincePlan(object, data);
    if (object === undefined || changed !== undefined) {
      const what = `Deployment ${data.namespace}/${data.name} has changed since the plan: ${changed ?? 'it is gone'}`;
      throw new FaultlineError('FAULT_CONFLICT', what);
    }
    try {
      await swap(object, ref, plan, data, context);
      return;
    } catch (error) {
      const again = error instanceof FaultlineError && error.code === 'FAULT_CONFLICT' && attempt < TRIES;
      if (!again) throw error;
    }
  }
}

function changedSincePlan(object: KubeObject | undefined, data: SwapData): string | undefined {
  if (object === undefined) return undefined;
  if (object.metadata.uid !== data.uid) return 'it was created anew';
  const marked = markedBy(object);
  if (marked !== undefined) return `run ${marked} has changed it`;
  const now = containerFields(readDeployment(object), data.container);
  const same = sameJson(now as unknown as Json, data.before as unknown as Json);
  return same ? undefined : `container ${data.container} holds ${JSON.stringify(now)}`;
}

async function swap(
  object: KubeObject,
  ref: ObjectRef,
  plan: FaultPlan,
  data: SwapData,
  context: FaultContext,
): Promise<void> {
  await context.cluster.patch(ref, [
    ...unchangedOps(object),
    ...markOps(object, plan.runId, restorePatch(data.container, data.before)),
    ...fieldOps(readDeployment(object), data.container, data.before, data.during),
  ]);
}

async function prove(plan: FaultPlan, context: FaultContext): Promise<EffectProof> {
  const data = swapData(plan);
  const ref: ObjectRef = { ...KINDS.deployment, namespace: data.namespace, name: data.name };
  const zones = await zonesOfNodes(context.cluster);
  const look = async (): Promise<EffectProof | undefined> => {
    const before = context.now();
    const object = await context.cluster.get(ref);
    if (object === undefined) return unproven(`Deployment ${data.namespace}/${data.name} is gone`);
    const deployment = readDeployment(object);
    if (!sameJson(containerFields(deployment, data.container) as unknown as Json, data.during as unknown as Json)) {
      return unproven(`somebody has changed Deployment ${data.namespace}/${data.name} back`);
    }
    const pods = await listPods(context.cluster, data.namespace, selectorText(deployment.matchLabels), zones);
    const own = pods.filter((pod) => pod.workload === data.name && isAlive(pod));
    const old = own.filter((pod) => pod.ready && pod.images[data.container] !== data.during.image);
    if (old.length > 0) return undefined;
    const swapped = own.filter((pod) => pod.images[data.container] === data.during.image);
    if (swapped.length === 0) return undefined;
    const names = swapped.map((pod) => pod.name).join(', ');
    const detail = `the Deployment holds the new image, no ready pod runs the old one, ${names} run${swapped.length > 1 ? '' : 's'} the new one`;
    return { proven: true, observed: true, detail, effective: before, affected: affectedBy(context.cluster, swapped) };
  };
  const limit = 'ready pods still run another image (a new image that fails its readiness probe keeps the old pods)';
  return (await poll(context, PROOF_LIMIT_MS, look)) ?? unproven(limit);
}

function unproven(detail: string): EffectProof {
  return { proven: false, observed: false, detail };
}
