import type { EffectProof, FaultContext, Mark, PermissionRule, UndoOutcome } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import type { PlanDraft, PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { hasFields } from '../has-fields.ts';
import { inject } from './inject.ts';
import { planScaling } from './plan.ts';
import { prove } from './prove.ts';
import { undo } from './undo.ts';
import { isScaleData, type ScaleData } from './workload.ts';

/** What a fault keeps in its plan that scales several workloads to zero. */
export type SeveralData = { readonly workloads: readonly ScaleData[] };

/** Whether the data of a plan is that of several scalings. */
export function isSeveralData(data: Json): boolean {
  if (!hasFields(data, { workloads: 'list' })) return false;
  const { workloads } = data as unknown as { workloads: readonly Json[] };
  return workloads.length > 0 && workloads.every(isScaleData);
}

/** What scaling Deployments to zero asks of the API. */
export const ZERO_PERMISSIONS: readonly PermissionRule[] = [
  { kind: KINDS.deployment, verbs: ['get', 'patch'], undo: ['get', 'patch'], scope: 'namespace' },
  { kind: KINDS.horizontalPodAutoscaler, verbs: ['list'], scope: 'namespace' },
  { kind: KINDS.pod, verbs: ['list'], undo: ['list'], scope: 'namespace' },
  { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
];

/** What it marks. */
export const ZERO_MARKS: readonly Mark[] = [{ kind: KINDS.deployment, resource: 'deployment', ours: false }];

/** A Deployment by its place. */
export type DeploymentPlace = { readonly namespace: string; readonly name: string };

/** Plans to scale Deployments to zero. Signature, summary and what it means are for the kind to say. */
export async function planZero(
  places: readonly DeploymentPlace[],
  context: FaultContext,
): Promise<PlanDraft<SeveralData>> {
  const drafts: PlanDraft<ScaleData>[] = [];
  for (const place of places) drafts.push(await planScaling({ workload: 'Deployment', ...place }, 0, context));
  const each = <T>(read: (draft: PlanDraft<ScaleData>) => readonly T[]): T[] => [...new Set(drafts.flatMap(read))];
  return {
    summary: drafts.map(({ summary }) => summary).join(', '),
    signature: 'stops-serving',
    affected: each(({ affected }) => affected),
    tolls: ALL_AFFECTED,
    replaces: each(({ replaces = [] }) => replaces),
    namespaces: each(({ namespaces }) => namespaces),
    cutsOff: [],
    objects: each(({ objects }) => objects),
    warnings: each(({ warnings }) => warnings),
    deadMan: drafts[0]?.deadMan ?? '',
    data: { workloads: drafts.map(({ data }) => data) },
  };
}

/** Scales them all. */
export async function injectZero(plan: PlanOf<SeveralData>, context: FaultContext): Promise<void> {
  await endAll(partsOf(plan).map((part) => inject(part, context)));
}

/** Every workload is at zero, and none of its pods is left. */
export async function proveZero(plan: PlanOf<SeveralData>, context: FaultContext): Promise<EffectProof> {
  const proofs = await endAll(partsOf(plan).map((part) => prove(part, context)));
  return {
    proven: proofs.every(({ proven }) => proven),
    observed: proofs.every(({ observed }) => observed),
    detail: proofs.map(({ detail }) => detail).join('; '),
    effective: Math.max(...proofs.map(({ effective = 0 }) => effective)),
    affected: proofs.flatMap(({ affected = [] }) => affected),
  };
}

/** Puts each count back by itself: one that cannot be does not keep the others from it. */
export async function undoZero(plan: PlanOf<SeveralData>, context: FaultContext): Promise<UndoOutcome> {
  // An undo goes by what an object tells of a plan as well, which is not whom it hits.
  const outcomes = await endAll(partsOf({ ...plan, affected: [] }).map((part) => undo(part, context)));
  const has = (state: UndoOutcome['state']) => outcomes.some((outcome) => outcome.state === state);
  return {
    // What failed is tried again; a conflict is found again then.
    state: has('failed') ? 'failed' : has('conflict') ? 'conflict' : 'undone',
    detail: outcomes.map(({ detail }) => detail).join('; '),
    objects: outcomes.flatMap(({ objects }) => objects),
    commands: outcomes.flatMap(({ commands }) => commands),
    ...(outcomes.some(({ stands }) => stands) ? { stands: true } : {}),
  };
}

function partsOf(plan: PlanOf<SeveralData>): PlanOf<ScaleData>[] {
  return plan.data.workloads.map((data) => ({
    ...plan,
    data,
    affected: plan.affected.filter((pod) => pod.namespace === data.namespace && pod.workload === data.name),
    objects: plan.objects.filter((object) => object.namespace === data.namespace && object.name === data.name),
  }));
}
