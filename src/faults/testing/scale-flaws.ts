import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../../model/fault.ts';
import { KINDS, RUN_LABEL, UNDO_ANNOTATION } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { workloadOf } from '../../workload/pods.ts';
import { alteredCluster } from '../altered-cluster.ts';
import type { PlanDraft, PlanOf } from '../define.ts';
import { markedBy, markOps, pointerStep, setOps, unchangedOps, unmarkOps } from '../marks.ts';
import { poll, unproven } from '../poll.ts';
import { rewrite } from '../rewrite.ts';
import { refOf, replicasOf, restoreScale, SCALE, type ScaleData, scaleDown, scaleWith } from './scale.ts';

/** What a kind does wrong, and the check that must see it. */
export type Flaw = readonly [what: string, kind: FaultKind, check: RegExp];

type Draft = PlanDraft<ScaleData>;
type Request = Parameters<typeof SCALE.plan>[0];

/** Mistakes in a kind that changes a number and not an image. */
export const SCALE_FLAWS: readonly Flaw[] = [
  ['scales back over a third value', scaleWith({ undo: scaleBack }), /keeps a third value/],
  ['scales without looking first', scaleWith({ inject: scaleOver }), /not put over a third value/],
  ['says it put back what it left', scaleWith({ undo: boastful }), /keeps a third value/],
  ['looks at the pods only', scaleWith({ prove: podsOnly }), /not proven while a field/],
  ['injects over the mark of another run', scaleWith({ inject: markOver }), /marks for another run/],
  ['finds a third value and gives no command', scaleWith({ undo: speechless }), /keeps a third value/],
  ['is never proven', scaleWith({ prove: never }), /proof fails/],
  ['waits for ever', scaleWith({ prove: endless }), /proven only while it is on/],
  ['hides what it changes', planned(() => ({ objects: [] })), /every object/],
  ['says it changes what it does not', planned(({ objects }) => ({ objects: twice(objects) })), /every object/],
  [
    'does not say what a field held before',
    planned(({ objects }) => ({ objects: objects.map(({ before: _before, ...object }) => object) })),
    /every object/,
  ],
  ['names nobody as affected', planned(() => ({ affected: [] })), /whom it affects/],
  ['leaves no word on what it changes', scaleWith({ inject: annotated('{}') }), /a patch that puts it back/],
  ['leaves the wrong word', scaleWith({ inject: annotated('{"spec":{"replicas":0}}') }), /a patch that puts it back/],
  ['takes its own write for its effect', scaleWith({ prove: gullible }), /its own write alone/],
  ['plans on what another run holds', scaleWith({ plan: blind }), /another run has marked/],
  ['changes what it has not tested the version of', scaleWith({ inject: scaleBlindly }), /done late, at any moment/],
  ['takes its own write for the end of its effect', scaleWith({ undo: unseen }), /while its pods are not back/],
  ['does so when it is told to hurry', scaleWith({ undo: credulous }), /while its pods are not back/],
  ['undoes only what nobody has written since', scaleWith({ undo: shy }), /under an annotator/],
  ['undoes only what carries its label', scaleWith({ undo: labelled }), /taken off or changed its marks/],
  ['takes what it asks for as what will be', scaleWith({ plan: trusting }), /another value of what it writes/],
  ['does not hear what became of its write', scaleWith({ inject: deaf }), /another value of the real write alone/],
  ['takes away what cannot come back', scaleWith({ plan: trusting }), /another value of what it puts back/],
  ['says another namespace than it means', planned(() => ({ namespaces: ['default'] })), /no other/],
  ['does all in one namespace whatever it is told', scaleWith({ plan: stubborn }), /no other/],
];

async function deaf(plan: PlanOf<ScaleData>, { cluster }: FaultContext): Promise<void> {
  await scaleDown(plan, cluster);
}

function planned(change: (draft: Draft) => Partial<Draft>): FaultKind {
  return scaleWith({
    plan: async (request, context) => {
      const draft = await SCALE.plan(request, context);
      return { ...draft, ...change(draft) };
    },
  });
}

function twice(objects: FaultPlan['objects']): FaultPlan['objects'] {
  return objects.flatMap((object) => [object, { ...object, name: 'another' }]);
}

async function scaleBack(plan: PlanOf<ScaleData>, { cluster }: FaultContext): Promise<UndoOutcome> {
  await rewrite(cluster, refOf(plan.data), (object) => {
    if (object === undefined || markedBy(object) !== plan.runId) return [];
    return [{ op: 'replace', path: '/spec/replicas', value: plan.data.before }, ...unmarkOps(object, plan.runId)];
  });
  return { state: 'undone', detail: 'scaled back', objects: plan.objects, commands: [] };
}

async function scaleOver({ data, runId }: PlanOf<ScaleData>, { cluster }: FaultContext): Promise<void> {
  await rewrite(cluster, refOf(data), (object) => {
    if (object === undefined) return [];
    const value = data.during;
    return [...markOps(object, runId, restoreScale(data.before)), { op: 'replace', path: '/spec/replicas', value }];
  });
}

async function scaleBlindly({ data, runId }: PlanOf<ScaleData>, { cluster }: FaultContext): Promise<void> {
  const object = await cluster.get(refOf(data));
  if (object === undefined) return;
  const ops = setOps('/spec/replicas', data.before, data.during);
  await cluster.patch(refOf(data), [...markOps(object, runId, restoreScale(data.before)), ...ops]);
}

async function unseen(plan: PlanOf<ScaleData>, context: FaultContext): Promise<UndoOutcome> {
  return { ...(await SCALE.undo(plan, context)), state: 'undone' };
}

function credulous(plan: PlanOf<ScaleData>, context: FaultContext): Promise<UndoOutcome> {
  return context.signal.aborted ? unseen(plan, context) : SCALE.undo(plan, context);
}

async function shy(plan: PlanOf<ScaleData>, context: FaultContext): Promise<UndoOutcome> {
  const { cluster } = context;
  const get: Cluster['get'] = (ref) => cluster.get(ref);
  const patch: Cluster['patch'] = async (ref, ops) => {
    const [version] = unchangedOps((await cluster.get(ref)) ?? { ...ref, metadata: {} }).slice(1);
    return cluster.patch(ref, version === undefined ? ops : [version, ...ops]);
  };
  return SCALE.undo(plan, { ...context, cluster: { name: cluster.name, get, patch } as Cluster });
}

async function labelled(plan: PlanOf<ScaleData>, context: FaultContext): Promise<UndoOutcome> {
  const object = await context.cluster.get(refOf(plan.data));
  if (object?.metadata.labels?.[RUN_LABEL] === plan.runId) return SCALE.undo(plan, context);
  return { state: 'conflict', detail: 'it was left alone', objects: plan.objects, commands: [] };
}

async function markOver({ data, runId }: PlanOf<ScaleData>, { cluster }: FaultContext): Promise<void> {
  await rewrite(cluster, refOf(data), (object) => {
    if (object?.metadata.uid !== data.uid || replicasOf(object) !== data.before) {
      throw new FaultlineError('FAULT_CONFLICT', 'it has changed');
    }
    return [
      ...markOps(object, runId, restoreScale(data.before)),
      ...setOps('/spec/replicas', data.before, data.during),
    ];
  });
}

async function podsOnly({ data: { namespace, name, during } }: PlanOf<ScaleData>, { cluster }: FaultContext) {
  const pods = await cluster.list(KINDS.pod, { namespace });
  const proven = pods.filter((pod) => workloadOf(pod) === name).length === during;
  return { proven, observed: proven, detail: 'so many pods' };
}

async function boastful(plan: PlanOf<ScaleData>, context: FaultContext): Promise<UndoOutcome> {
  const outcome = await SCALE.undo(plan, context);
  return { ...outcome, objects: outcome.objects.map((object) => ({ ...object, state: 'put-back' })) };
}

async function speechless(plan: PlanOf<ScaleData>, context: FaultContext): Promise<UndoOutcome> {
  return { ...(await SCALE.undo(plan, context)), commands: [] };
}

async function never(_plan: unknown, context: FaultContext) {
  const look = async () => void (await context.cluster.list(KINDS.pod, { namespace: 'default' }));
  return (await poll(context, 90_000, look)) ?? unproven('never');
}

async function endless(_plan: unknown, context: FaultContext) {
  return (await poll(context, Number.POSITIVE_INFINITY, async () => undefined)) ?? unproven('never');
}

function annotated(value: string): typeof SCALE.inject {
  return async (plan, context) => {
    await SCALE.inject(plan, context);
    const path = `/metadata/annotations/${pointerStep(UNDO_ANNOTATION)}`;
    await context.cluster.patch(refOf(plan.data), [{ op: 'replace', path, value }]);
  };
}

async function gullible({ data }: PlanOf<ScaleData>, { cluster }: FaultContext) {
  const object = await cluster.get(refOf(data));
  const proven = object !== undefined && replicasOf(object) === data.during;
  return { proven, observed: proven, detail: 'the field is written' };
}

function blind(request: Request, context: FaultContext): Promise<Draft> {
  const { cluster } = context;
  const get: Cluster['get'] = async (ref) => {
    const object = await cluster.get(ref);
    return object === undefined ? undefined : { ...object, metadata: { ...object.metadata, labels: {} } };
  };
  const list: Cluster['list'] = (kind, filter) => cluster.list(kind, filter);
  const patch: Cluster['patch'] = (ref, ops, options) => cluster.patch(ref, ops, options);
  return SCALE.plan(request, { ...context, cluster: { name: cluster.name, get, list, patch } as Cluster });
}

/** Asks nobody what will become of its write. */
function trusting(request: Request, context: FaultContext): Promise<Draft> {
  const patch: Cluster['patch'] = async () => {
    throw new FaultlineError('PERMISSION_DENIED', 'cannot patch resource');
  };
  return SCALE.plan(request, { ...context, cluster: alteredCluster(context.cluster, { patch }) });
}

function stubborn({ name, block }: Request, context: FaultContext): Promise<Draft> {
  return SCALE.plan({ name, block: { ...block, namespace: 'default' } }, context);
}
