import { FaultlineError } from '../model/errors.ts';
import type { EffectProof, FaultContext, FaultKind, FaultPlan } from '../model/fault.ts';
import type { TouchedObject } from '../model/history.ts';
import { KINDS, RUN_LABEL } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { affectedBy, isAlive, listPods, type Pod, selectorText, zonesOfNodes } from '../workload/pods.ts';
import {
  type BlackholeData,
  blackholeData,
  blackholePolicy,
  createIfAbsent,
  expiryJob,
  labelPod,
  objectName,
} from './blackhole-objects.ts';
import { undoBlackhole } from './blackhole-undo.ts';
import { insist } from './insist.ts';
import { optionalDuration, optionalLabels, optionalTexts, textField } from './spec.ts';

/** The fault expires in the cluster after this time if the runner never comes back. */
const DEFAULT_EXPIRY_MS = 15 * 60_000;
/** How often pods that came later are looked for. */
const SUSTAIN_MS = 250;
/** Pods that came may be open for as long while the API server does not answer; after that the zone is not cut off. */
const OPEN_MS = 5_000;

const SCHEMA: Json = {
  type: 'object',
  description: 'Makes all matching workloads of a zone unreachable: traffic to and from them is dropped, not refused.',
  additionalProperties: false,
  required: ['cluster', 'zone', 'namespaces'],
  properties: {
    cluster: { type: 'string', minLength: 1, description: 'Logical name of the cluster in the targets file.' },
    zone: { type: 'string', minLength: 1, description: 'The zone to cut off.' },
    namespaces: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      description: 'Namespaces whose pods are cut off.',
    },
    selector: {
      type: 'object',
      description: 'Only pods with these labels.',
      additionalProperties: { type: 'string', minLength: 1 },
      minProperties: 1,
    },
    expiry: {
      type: 'string',
      'x-unit': 'duration',
      description: 'The cluster removes the fault by itself after this time, runner or not; default 15m.',
    },
  },
};

/** Cuts a zone's pods off the network by a deny-all NetworkPolicy. */
export const zoneBlackhole: FaultKind = {
  kind: 'zoneBlackhole',
  doc:
    'Creates a NetworkPolicy without any rule in each namespace and labels the pods on nodes of the zone, those that come ' +
    'later included, so that the policy selects them. Needs a network plug-in that enforces NetworkPolicy; one that does ' +
    'not makes the run inconclusive, because the requests show the pods still serving. Established connections may ' +
    'survive on some plug-ins.',
  schema: SCHEMA,
  plan,
  inject,
  sustain,
  prove,
  undo: undoBlackhole,
};

async function plan(
  fault: { name: string; spec: { readonly [key: string]: Json } },
  context: FaultContext,
): Promise<FaultPlan> {
  const { cluster, runId } = context;
  const labels = optionalLabels(fault.spec, 'selector');
  const data: BlackholeData = {
    zone: textField(fault.spec, 'zone'),
    namespaces: optionalTexts(fault.spec, 'namespaces') ?? [],
    selector: labels === undefined ? null : selectorText(labels),
    expirySeconds: Math.ceil((optionalDuration(fault.spec, 'expiry') ?? DEFAULT_EXPIRY_MS) / 1000),
  };
  const pods = await zonePods(data, context);
  if (pods.length === 0) {
    const what = `cluster ${cluster.name}: zoneBlackhole ${fault.name} matches no pod in zone ${data.zone}`;
    const hint =
      'Zones come from the node label topology.kubernetes.io/zone: kubectl get nodes -L topology.kubernetes.io/zone';
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  const { namespaces } = data;
  const skeleton = { runId, fault: fault.name };
  return {
    ...skeleton,
    kind: zoneBlackhole.kind,
    cluster: cluster.name,
    summary: `drop all traffic of ${pods.length} pods in zone ${data.zone} (${namespaces.join(', ')})`,
    signature: 'stops-serving',
    affected: affectedBy(cluster, pods),
    namespaces,
    objects: [
      ...namespaces.flatMap((namespace) => created(cluster.name, namespace, objectName(skeleton))),
      ...pods.map((pod) => labelled(cluster.name, pod)),
    ],
    permissions: namespaces.flatMap((namespace) => [
      ...(['get', 'list', 'create', 'delete'] as const).map((verb) => ({ ...KINDS.networkPolicy, verb, namespace })),
      ...(['get', 'list', 'create', 'delete'] as const).map((verb) => ({ ...KINDS.job, verb, namespace })),
      ...(['list', 'patch'] as const).map((verb) => ({ ...KINDS.pod, verb, namespace })),
    ]),
    warnings: [
      'The network plug-in must enforce NetworkPolicy (Terway, Calico and Cilium do, Flannel does not).',
      'Kubelet probes usually still reach the pods, so they stay Ready: traffic moves by ejection, not by endpoint removal.',
    ],
    expiresMs: data.expirySeconds * 1000,
    deadMan:
      `A Job with activeDeadlineSeconds ${data.expirySeconds} owns the NetworkPolicy: when the time is over, Kubernetes ` +
      'deletes both, with no runner. The label that then is left on the pods does nothing.',
    data: data as unknown as Json,
  };
}

function created(cluster: string, namespace: string, name: string): TouchedObject[] {
  return ['Job', 'NetworkPolicy'].map((kind) => ({
    cluster,
    kind,
    namespace,
    name,
    change: 'created',
    before: 'absent',
    during: 'present',
    state: 'unknown',
  }));
}

function labelled(cluster: string, pod: Pod): TouchedObject {
  const change = `label ${RUN_LABEL}`;
  const { namespace, name } = pod;
  return { cluster, kind: 'Pod', namespace, name, change, before: 'absent', during: 'present', state: 'unknown' };
}

async function zonePods(data: BlackholeData, context: FaultContext): Promise<Pod[]> {
  const zones = await zonesOfNodes(context.cluster);
  const lists = await Promise.all(
    data.namespaces.map((namespace) => listPods(context.cluster, namespace, data.selector ?? undefined, zones)),
  );
  return lists.flat().filter((pod) => pod.zone === data.zone && isAlive(pod));
}

async function inject(plan: FaultPlan, context: FaultContext): Promise<void> {
  const data = blackholeData(plan);
  const pods = await zonePods(data, context);
  await Promise.all(
    data.namespaces.map(async (namespace) => {
      const job = await createIfAbsent(context.cluster, expiryJob(plan, data, namespace));
      await createIfAbsent(context.cluster, blackholePolicy(plan, namespace, job));
    }),
  );
  await Promise.all(pods.map((pod) => labelPod(context.cluster, pod, plan)));
}

async function sustain(plan: FaultPlan, context: FaultContext): Promise<void> {
  const data = blackholeData(plan);
  const look = async () => {
    const fresh = (await zonePods(data, context)).filter((pod) => pod.labels[RUN_LABEL] === undefined);
    await Promise.all(fresh.map((pod) => labelPod(context.cluster, pod, plan)));
    if (fresh.length > 0) context.onAffected(affectedBy(context.cluster, fresh));
  };
  while (!context.signal.aborted) {
    await insist(context, OPEN_MS, look).catch((error) => {
      if (!context.signal.aborted) throw error;
    });
    await context.clock.sleep(SUSTAIN_MS, context.signal);
  }
}

async function prove(plan: FaultPlan, context: FaultContext): Promise<EffectProof> {
  const data = blackholeData(plan);
  const pods = await zonePods(data, context);
  const bare = pods.filter((pod) => pod.labels[RUN_LABEL] !== plan.runId);
  const name = objectName(plan);
  const policies = await Promise.all(
    data.namespaces.map((namespace) => context.cluster.get({ ...KINDS.networkPolicy, namespace, name })),
  );
  const missing = data.namespaces.filter((_, index) => policies[index] === undefined);
  if (missing.length > 0) return unproven(`NetworkPolicy ${name} is missing in ${missing.join(', ')}`);
  if (bare.length > 0) return unproven(`pods without the label: ${bare.map((pod) => pod.name).join(', ')}`);
  const detail = `the deny-all NetworkPolicy is there and selects ${pods.length} pods; only requests can show that it is enforced`;
  return { proven: true, observed: false, detail };
}

function unproven(detail: string): EffectProof {
  return { proven: false, observed: false, detail };
}
