import { FaultlineError } from '../../model/errors.ts';
import type { EffectProof, FaultContext, UndoOutcome } from '../../model/fault.ts';
import { type JsonPatchOp, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Json } from '../../model/scenario.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { integer, mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { affectedBy, listPods } from '../../workload/pods.ts';
import { admittedValue, requireWritten } from '../admission.ts';
import { cluster } from '../block.ts';
import { defineFault, type FaultDefinition, type PlanDraft, type PlanOf } from '../define.ts';
import { hasFields } from '../has-fields.ts';
import { isAnew, markedBy, markOps, otherMark, setOps, unmarkOps } from '../marks.ts';
import { poll, pollUndone, unproven } from '../poll.ts';
import { restore, rewrite } from '../rewrite.ts';

const schema = mapping('Scales a Deployment.', {
  required: {
    cluster,
    namespace: text('Namespace of the Deployment.'),
    deployment: text('Name of the Deployment.'),
    replicas: integer('How many pods are left.', 0, 100, 0),
  },
});

type ScaleBlock = Decoded<typeof schema>;
export type ScaleData = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly before: number;
  readonly during: number;
};
type Definition = FaultDefinition<ScaleBlock, ScaleData>;

const LIMIT_MS = 60_000;

export const replicasOf = (object: KubeObject) => (object.spec as unknown as { replicas: number }).replicas;
const countOf = (object: KubeObject) => ({ count: replicasOf(object) });
export const refOf = ({ namespace, name }: ScaleData) => ({ ...KINDS.deployment, namespace, name });
export const restoreScale = (replicas: number): Json => ({ spec: { replicas } });

/** A kind that changes another field than the kinds of the package do, and conforms: what a contributor would write. */
export const SCALE: Definition = {
  kind: 'scale',
  doc: 'Scales a Deployment.',
  row: { does: 'scales a Deployment', undo: 'scales it back', deadMan: 'stays until recover' },
  schema,
  example: { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a', replicas: 0 },
  permissions: [
    { kind: KINDS.deployment, verbs: ['get', 'patch'], undo: ['get', 'patch'], scope: 'namespace' },
    { kind: KINDS.pod, verbs: ['list'], undo: ['list'], scope: 'namespace' },
  ],
  marks: [{ kind: KINDS.deployment, resource: 'deployment', ours: false }],
  move: ({ cluster, namespace, deployment: name, replicas: left }) => {
    return { kind: 'scale', cluster, namespace, workload: { kind: 'Deployment', name }, left };
  },
  isData: (data) =>
    hasFields(data, { namespace: 'string', name: 'string', uid: 'string', before: 'number', during: 'number' }),
  plan: async ({ block }, context) => {
    const { namespace, deployment: name, replicas: during } = block;
    const object = await context.cluster.get({ ...KINDS.deployment, namespace, name });
    if (object === undefined)
      throw new FaultlineError('FAULT_NO_TARGET', `Deployment ${namespace}/${name} is not there`);
    const marked = markedBy(object);
    if (marked !== undefined) throw new FaultlineError('OPEN_RUN', `Deployment ${namespace}/${name}: run ${marked}`);
    const data = { namespace, name, uid: object.metadata.uid ?? '', before: replicasOf(object), during };
    const ops = setOps('/spec/replicas', data.before, during);
    const change = { ref: refOf(data), object, ops, read: countOf, runId: context.runId };
    const { count } = (await admittedValue(context.cluster, change)) ?? { count: during };
    return draftOf({ ...data, during: count }, context);
  },
  inject: async (plan, { cluster }) => {
    const { data, runId } = plan;
    const [ref, wanted] = [refOf(data), { count: data.during }];
    const answer = await scaleDown(plan, cluster);
    const back = (object: KubeObject) => [
      ...setOps('/spec/replicas', replicasOf(object), data.before),
      ...unmarkOps(object, runId),
    ];
    await requireWritten(cluster, { ref, answer, wanted, read: countOf, back });
  },
  prove: async ({ data }, context): Promise<EffectProof> => {
    const look = async (): Promise<EffectProof | undefined> => {
      const object = await context.cluster.get(refOf(data));
      if (object === undefined || replicasOf(object) !== data.during) return unproven('it is not scaled');
      const isDone = (await podsOf(data, context)).length === data.during;
      return isDone ? { proven: true, observed: true, detail: 'as many pods as wanted' } : undefined;
    };
    return (await poll(context, LIMIT_MS, look)) ?? unproven('other pods are still there');
  },
  undo: async (plan, context) => {
    const object = await restore(context.cluster, refOf(plan.data), (found) => restoreOps(found, plan));
    const outcome = outcomeOf(plan, conflictOf(object, plan), object);
    return outcome.state === 'undone' ? seenInPods(plan, outcome, context) : outcome;
  },
};

export function scaleDown({ data, runId }: PlanOf<ScaleData>, cluster: Cluster): Promise<KubeObject | undefined> {
  return rewrite(cluster, refOf(data), (object) => {
    if (object === undefined || !isAsPlanned(object, data)) {
      throw new FaultlineError('FAULT_CONFLICT', `Deployment ${data.name} has changed since the plan`);
    }
    return [
      ...markOps(object, runId, restoreScale(data.before)),
      ...setOps('/spec/replicas', data.before, data.during),
    ];
  });
}

/** The kind with some parts done otherwise. */
export const scaleWith = (parts: Partial<Definition> = {}) => defineFault({ ...SCALE, ...parts });

function isAsPlanned(object: KubeObject, { uid, before }: ScaleData): boolean {
  return object.metadata.uid === uid && replicasOf(object) === before && markedBy(object) === undefined;
}

async function podsOf({ namespace, name }: ScaleData, context: FaultContext) {
  const pods = await listPods(context.cluster, namespace, undefined, new Map());
  return pods.filter(({ workload }) => workload === name);
}

async function draftOf(data: ScaleData, context: FaultContext): Promise<PlanDraft<ScaleData>> {
  const { namespace, name, before, during } = data;
  const object = { cluster: context.cluster.name, kind: 'Deployment', namespace, name, change: 'replicas' } as const;
  return {
    summary: `scale ${name} to ${during}`,
    signature: 'stops-serving',
    affected: affectedBy(context.cluster, await podsOf(data, context)),
    tolls: ALL_AFFECTED,
    namespaces: [namespace],
    cutsOff: [],
    objects: [{ ...object, before: String(before), during: String(during), state: 'unknown' }],
    warnings: [],
    deadMan: 'It stays as it is until recover.',
    data,
  };
}

function conflictOf(object: KubeObject | undefined, { data, runId }: PlanOf<ScaleData>): string | undefined {
  if (object === undefined) return 'it is gone';
  if (isAnew(object, data)) return replicasOf(object) === data.during ? 'it was created anew' : undefined;
  if (replicasOf(object) === data.before) return undefined;
  const isOurs = replicasOf(object) === data.during && otherMark(object, runId) === undefined;
  return isOurs ? undefined : 'it was changed';
}

function restoreOps(object: KubeObject | undefined, plan: PlanOf<ScaleData>): JsonPatchOp[] {
  if (object === undefined || conflictOf(object, plan) !== undefined) return [];
  const { during, before } = plan.data;
  const isBack = replicasOf(object) !== during;
  return [...(isBack ? [] : setOps('/spec/replicas', during, before)), ...unmarkOps(object, plan.runId)];
}

async function seenInPods(
  { data, objects }: PlanOf<ScaleData>,
  outcome: UndoOutcome,
  context: FaultContext,
): Promise<UndoOutcome> {
  const isBack = await pollUndone(
    context,
    LIMIT_MS,
    async () => (await podsOf(data, context)).length >= data.before || undefined,
  );
  if (isBack === true) return outcome;
  return {
    state: 'failed',
    detail: `scaled back, but not seen: pods are missing after ${LIMIT_MS / 1000} s`,
    objects: objects.map((touched) => ({ ...touched, state: 'left-behind' })),
    commands: [`kubectl -n ${data.namespace} describe deployment/${data.name}`],
  };
}

function outcomeOf(
  { data, objects }: PlanOf<ScaleData>,
  conflict: string | undefined,
  object: KubeObject | undefined,
): UndoOutcome {
  const { namespace, name, before } = data;
  const isUndone = conflict === undefined;
  return {
    state: isUndone ? 'undone' : 'conflict',
    detail: isUndone ? 'scaled back' : `Deployment ${name}: ${conflict}; it was left alone`,
    objects: objects.map((touched) => ({
      ...touched,
      ...(isUndone ? { after: String(before), state: 'put-back' } : { state: 'conflict' }),
    })),
    commands:
      isUndone || object === undefined ? [] : [`kubectl -n ${namespace} scale deployment/${name} --replicas=${before}`],
  };
}
