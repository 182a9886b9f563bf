import { FaultlineError, messageOf } from '../model/errors.ts';
import type { EffectProof, FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { TouchedObject } from '../model/history.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import type { Millis } from '../model/units.ts';
import { affectedBy, isAlive, listPods, type Pod, selectorText, zonesOfNodes } from '../workload/pods.ts';
import { insist } from './insist.ts';
import { optionalCount, optionalDuration, optionalLabels, optionalPercent, optionalText, textField } from './spec.ts';
import { poll } from './wait.ts';

const PROOF_LIMIT_MS = 60_000;
/** A round may be as late while the API server does not answer. */
const LATE_MS = 5_000;
/** A round that was due so shortly before the end need not have happened. */
const GRACE_MS = 1_000;

const SCHEMA: Json = {
  type: 'object',
  description: 'Deletes pods; their controller replaces them.',
  additionalProperties: false,
  required: ['cluster', 'namespace'],
  anyOf: [{ required: ['deployment'] }, { required: ['selector'] }],
  properties: {
    cluster: { type: 'string', minLength: 1, description: 'Logical name of the cluster in the targets file.' },
    namespace: { type: 'string', minLength: 1 },
    deployment: { type: 'string', minLength: 1, description: 'Kill pods of this Deployment.' },
    selector: {
      type: 'object',
      description: 'Kill pods with these labels.',
      additionalProperties: { type: 'string', minLength: 1 },
      minProperties: 1,
    },
    zone: { type: 'string', minLength: 1, description: 'Only pods on nodes of this zone.' },
    count: { type: 'integer', minimum: 1, description: 'How many pods each round; default 1.' },
    percent: { type: 'string', 'x-unit': 'percent', description: 'Share of the matching pods each round, rounded up.' },
    every: {
      type: 'string',
      'x-unit': 'duration',
      'x-minimum': '100ms',
      description: 'Kill again after this time, until the undo.',
    },
    gracePeriod: { type: 'string', 'x-unit': 'duration', description: 'Time to shut down; default 0s: as a crash.' },
  },
};

/** A pod kill's own part of its plan. */
type KillData = {
  readonly namespace: string;
  readonly deployment: string | null;
  readonly selector: string | null;
  readonly zone: string | null;
  readonly count: number | null;
  readonly percent: number | null;
  readonly everyMs: number | null;
  readonly graceSeconds: number;
  /** Victims of the first round by name and UID. */
  readonly first: readonly { readonly name: string; readonly uid: string }[];
};

/** Kills pods of a workload, once or again and again. */
export const podKill: FaultKind = {
  kind: 'podKill',
  doc:
    'Deletes pods by Deployment or label selector, optionally of one zone only, once or every so often until the undo. ' +
    'There is nothing to put back: the controller replaces the pods. A killed pod leaves the endpoints, so traffic moves ' +
    'by endpoint removal and not by outlier ejection.',
  schema: SCHEMA,
  plan,
  inject: async (plan, context) => {
    const data = killData(plan);
    await kill(data.first, data, context);
  },
  sustain,
  prove,
  undo: async (plan): Promise<UndoOutcome> => ({
    state: 'undone',
    detail: 'nothing to put back: the controllers replace killed pods',
    objects: plan.objects,
    commands: [],
  }),
};

async function plan(
  fault: { name: string; spec: { readonly [key: string]: Json } },
  context: FaultContext,
): Promise<FaultPlan> {
  const { cluster, runId } = context;
  const namespace = textField(fault.spec, 'namespace');
  const labels = optionalLabels(fault.spec, 'selector');
  const wanted: Omit<KillData, 'first'> = {
    namespace,
    deployment: optionalText(fault.spec, 'deployment') ?? null,
    selector: labels === undefined ? null : selectorText(labels),
    zone: optionalText(fault.spec, 'zone') ?? null,
    count: optionalCount(fault.spec, 'count') ?? null,
    percent: optionalPercent(fault.spec, 'percent') ?? null,
    everyMs: optionalDuration(fault.spec, 'every') ?? null,
    graceSeconds: Math.ceil((optionalDuration(fault.spec, 'gracePeriod') ?? 0) / 1000),
  };
  const matching = await candidates(wanted, context);
  const victims = choose(matching, wanted);
  if (victims.length === 0) {
    const what = `cluster ${cluster.name}: podKill ${fault.name} matches no running pod in ${namespace}`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: `kubectl -n ${namespace} get pods --show-labels` });
  }
  const data: KillData = { ...wanted, first: victims.map(({ name, uid }) => ({ name, uid })) };
  const again = wanted.everyMs === null ? '' : `, again every ${wanted.everyMs / 1000} s`;
  return {
    kind: podKill.kind,
    fault: fault.name,
    runId,
    cluster: cluster.name,
    summary: `kill ${victims.length} of ${matching.length} pods in ${namespace}: ${victims.map((pod) => pod.name).join(', ')}${again}`,
    signature: 'restarts',
    affected: affectedBy(cluster, victims),
    namespaces: [namespace],
    objects: victims.map((pod) => killed(cluster.name, pod)),
    permissions: (['list', 'delete'] as const).map((verb) => ({ ...KINDS.pod, verb, namespace })),
    warnings: victims.some((pod) => pod.workload === pod.name)
      ? ['A victim has no controller: nothing replaces it.']
      : [],
    deadMan: 'Nothing to end: each kill is over at once, and no more follow when the runner is gone.',
    data: data as unknown as Json,
  };
}

function killed(cluster: string, pod: Pod): TouchedObject {
  return { cluster, kind: 'Pod', namespace: pod.namespace, name: pod.name, change: 'deleted', state: 'one-shot' };
}

async function candidates(data: Omit<KillData, 'first'>, context: FaultContext): Promise<Pod[]> {
  const zones = await zonesOfNodes(context.cluster);
  const pods = await listPods(context.cluster, data.namespace, data.selector ?? undefined, zones);
  return pods
    .filter(isAlive)
    .filter((pod) => data.deployment === null || pod.workload === data.deployment)
    .filter((pod) => data.zone === null || pod.zone === data.zone)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function choose(pods: readonly Pod[], data: Omit<KillData, 'first'>): readonly Pod[] {
  const count = data.percent === null ? (data.count ?? 1) : Math.ceil(pods.length * data.percent);
  return pods.slice(0, count);
}

type Victim = { readonly name: string; readonly uid: string };

async function kill(victims: readonly Victim[], data: KillData, context: FaultContext): Promise<void> {
  await Promise.all(victims.map((victim) => killOne(victim, data, context)));
}

function killOne({ name, uid }: Victim, data: KillData, { cluster }: FaultContext): Promise<void> {
  const ref = { ...KINDS.pod, namespace: data.namespace, name };
  return cluster.delete(ref, { gracePeriodSeconds: data.graceSeconds, uid });
}

/** Kills on, round by round. Rejects when a round cannot be made good, or when at the end fewer were made than were due. */
async function sustain(plan: FaultPlan, context: FaultContext): Promise<void> {
  const data = killData(plan);
  const { everyMs } = data;
  if (everyMs === null) return;
  const start = context.now();
  const elapsedMs = () => (context.now() - start) / 1000;
  for (let made = 0; ; made++) {
    await context.clock.sleep(Math.max(0, (made + 1) * everyMs - elapsedMs()), context.signal);
    const due = Math.floor((elapsedMs() - GRACE_MS) / everyMs);
    const late = elapsedMs() - (made + 1) * everyMs;
    if (late > LATE_MS || (context.signal.aborted && made < due)) {
      throw new FaultlineError('KUBE_API', `only ${made} of ${due} further rounds were made in time`);
    }
    if (context.signal.aborted) return;
    try {
      await killAgain(data, context, LATE_MS - late);
    } catch (error) {
      throw new FaultlineError('KUBE_API', `round ${made + 2} could not be made: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** One more round. What is repeated is each deletion by itself: the whole round again would hit others, too. */
async function killAgain(data: KillData, context: FaultContext, limit: Millis): Promise<void> {
  const victims = choose(await insist(context, limit, () => candidates(data, context)), data);
  await Promise.all(
    victims.map((victim) => insist(context, limit, () => killOne(victim, data, context).catch(unlessReplaced))),
  );
  if (victims.length > 0) context.onAffected(affectedBy(context.cluster, victims));
}

/** A pod of the same name with another UID: the victim is gone without us. */
function unlessReplaced(error: unknown): void {
  if (!(error instanceof FaultlineError && error.code === 'FAULT_CONFLICT')) throw error;
}

async function prove(plan: FaultPlan, context: FaultContext): Promise<EffectProof> {
  const data = killData(plan);
  const uids = new Set(data.first.map((victim) => victim.uid));
  const look = async (): Promise<EffectProof | undefined> => {
    const at = context.now();
    const pods = await context.cluster.list(KINDS.pod, { namespace: data.namespace });
    const left = pods.filter((pod) => uids.has(pod.metadata.uid ?? '') && pod.metadata.deletionTimestamp === undefined);
    if (left.length > 0) return undefined;
    const detail = `${uids.size} killed pod${uids.size > 1 ? 's are' : ' is'} gone from the API, by UID`;
    return { proven: true, observed: true, detail, effective: at };
  };
  const seen = await poll(context, PROOF_LIMIT_MS, look);
  return (
    seen ?? { proven: false, observed: false, detail: `killed pods were still there after ${PROOF_LIMIT_MS / 1000} s` }
  );
}

function killData(plan: FaultPlan): KillData {
  const data = plan.data as unknown as KillData;
  if (typeof data?.namespace !== 'string' || !Array.isArray(data.first)) {
    throw new FaultlineError('JOURNAL', `the plan of fault ${plan.fault} is not one of a pod kill`);
  }
  return data;
}
