import type { FaultContext, FaultPlan, Mark, MarkedPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, PLAN_ANNOTATION, RUN_LABEL, UNDO_ANNOTATION } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { alteredCluster } from './altered-cluster.ts';
import { holdMarks } from './held-marks.ts';
import { PLAN_PATH, UNDO_PATH } from './marks.ts';
import { isMarkedPlan, uidsIn } from './plan-shape.ts';

/** What is known of a plan before it is made, in the form in which an object will carry it. */
export const plannedMark = (kind: string, fault: string, runId: string): StampedPlan => ({
  ...{ kind, fault, runId, objects: [], data: {} },
});

type StampedPlan = Omit<MarkedPlan, 'data'> & { readonly data: unknown };

/**
 * A context whose writes leave the plan on what they mark, in the same write: on every object that is created with the
 * run's label, and on every other one that gets the patch which puts it back. No write is taken whose marks are not stored (`holdMarks`).
 */
export function stampPlan(plan: StampedPlan, context: FaultContext): FaultContext {
  const cluster = holdMarks(context.cluster);
  const stamped = alteredCluster(cluster, {
    create: (object, options) => {
      const { labels, annotations } = object.metadata;
      if (labels?.[RUN_LABEL] !== plan.runId) return cluster.create(object, options);
      const metadata = { ...object.metadata, annotations: { ...annotations, [PLAN_ANNOTATION]: textOf(plan, object) } };
      return cluster.create({ ...object, metadata }, options);
    },
    patch: (ref, ops, options) => {
      const isMarked = ops.some(({ op, path }) => (op === 'add' || op === 'replace') && path === UNDO_PATH);
      if (!isMarked) return cluster.patch(ref, ops, options);
      const { kind, namespace = '', name } = ref;
      const value = textOf(plan, { kind, metadata: { namespace, name } });
      return cluster.patch(ref, [...ops, { op: 'add', path: PLAN_PATH, value }], options);
    },
  });
  return { ...context, cluster: stamped };
}

/** The part of a plan that an undo needs, with what it says of this object, as an annotation holds it. */
export function textOf(plan: StampedPlan, { kind: name, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): string {
  const { kind, fault, runId, data } = plan;
  const isIt = (one: MarkedPlan['objects'][number]) =>
    one.kind === name && one.namespace === metadata.namespace && one.name === metadata.name;
  return JSON.stringify({ kind, fault, runId, objects: plan.objects.filter(isIt), data });
}

/** The plans that an object tells of: its own annotation counts only beside the label of that run (see `historyOn`). */
export function plansOn({ plans }: Mark, object: KubeObject): readonly MarkedPlan[] {
  const stamped = stampedOn(object);
  const isOn = stamped !== undefined && object.metadata.labels?.[RUN_LABEL] === stamped.runId;
  return [...(isOn ? [stamped] : []), ...(plans?.(object) ?? [])];
}

/**
 * The run whose plan and patch stand in the annotations of an object without any label. That is history and no fault: the
 * Deployment controller copies annotations onto its ReplicaSets, and `kubectl rollout undo` copies them back long after the
 * drill. A pod of a swapped template has the plan alone, which goes with it; on anything else that keeps the next run away.
 */
export function historyOn(object: KubeObject, kind: string): string | undefined {
  const { labels, annotations } = object.metadata;
  const isOfTemplate = kind === KINDS.pod.kind && annotations?.[UNDO_ANNOTATION] === undefined;
  return labels?.[RUN_LABEL] === undefined && !isOfTemplate ? stampedOn(object)?.runId : undefined;
}

function stampedOn({ metadata }: KubeObject): MarkedPlan | undefined {
  return planIn(metadata.annotations?.[PLAN_ANNOTATION]);
}

/** A plan from the text of an annotation, which anybody may have written; whether its data is whole is for its kind to say. */
export function planIn(text: string | undefined): MarkedPlan | undefined {
  try {
    const plan: unknown = JSON.parse(text ?? '');
    return isMarkedPlan(plan) ? plan : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The cluster that the plan on an object names, where that is not this one, and the object is none of those that the plan knows by their
 * UIDs: a sync, or a backup that was restored, has brought a copy with its marks; or that cluster has another name here, and the object
 * was created anew.
 */
export function copiedFrom(
  { metadata }: KubeObject,
  { objects, data }: MarkedPlan,
  { name }: Pick<Cluster, 'name'>,
): string | undefined {
  const [from] = objects.map(({ cluster }: Partial<MarkedPlan['objects'][number]>) => cluster);
  if (typeof from !== 'string' || from === name) return undefined;
  return uidsIn(data).includes(metadata.uid ?? '') ? undefined : from;
}

/** The cluster that the plan of the run on the label names, as copiedFrom. */
export function labelledCopyFrom(object: KubeObject, cluster: Pick<Cluster, 'name'>): string | undefined {
  const plan = stampedOn(object);
  const isOn = plan !== undefined && object.metadata.labels?.[RUN_LABEL] === plan.runId;
  return isOn ? copiedFrom(object, plan, cluster) : undefined;
}

/** What an object tells of a plan, as an undo takes it. */
export function wholePlan(marked: MarkedPlan, cluster: string): FaultPlan {
  return {
    ...marked,
    cluster,
    summary: '',
    signature: 'none',
    affected: [],
    tolls: [],
    namespaces: [],
    cutsOff: [],
    permissions: [],
    warnings: [],
    deadMan: '',
  };
}
