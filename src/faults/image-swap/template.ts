import type { Inside, MarkedPlan } from '../../model/fault.ts';
import { heldPatchText, patchText } from '../../model/kubectl.ts';
import {
  type JsonPatchOp,
  type KubeObject,
  PLAN_ANNOTATION,
  RUN_LABEL,
  UNDO_ANNOTATION,
} from '../../model/kubernetes.ts';
import { credentialsIn } from '../../model/told.ts';
import type { Pod } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { planIn } from '../marked-plans.ts';
import { setOps } from '../marks.ts';
import { containerFields, isSwapData, restorePatch, type SwapData, TEMPLATE_PLAN_PATH } from './fields.ts';
import { readWorkload } from './workload.ts';

/*
 * The swapped template carries the plan of its fault, as long as it lives: in the history of its workload (ReplicaSets,
 * ControllerRevisions) as well, from where `kubectl rollout undo` may bring it back long after the drill.
 */

type Metadata = { readonly labels?: object; readonly annotations?: Readonly<Record<string, string>> };
const METADATA_PATH = '/spec/template/metadata';
const ANNOTATIONS_PATH = `${METADATA_PATH}/annotations`;

function metadataOf({ spec }: KubeObject): Metadata | undefined {
  return (spec as unknown as { template?: { metadata?: Metadata } } | undefined)?.template?.metadata;
}

/** Patch operations that write a plan into a template, with a patch that tests the version of the object. */
export function markTemplateOps(object: KubeObject, plan: string): JsonPatchOp[] {
  const metadata = metadataOf(object);
  return [
    ...(metadata === undefined ? [{ op: 'add', path: METADATA_PATH, value: {} } as const] : []),
    ...(metadata?.annotations === undefined ? [{ op: 'add', path: ANNOTATIONS_PATH, value: {} } as const] : []),
    { op: 'add', path: TEMPLATE_PLAN_PATH, value: plan },
  ];
}

/**
 * Patch operations that take the plan of a run out of a template again, with the maps that were made for it: a template that
 * is as before is one that the controller knows.
 */
export function unmarkTemplateOps(object: KubeObject, runId: string): JsonPatchOp[] {
  const { annotations = {}, ...others } = metadataOf(object) ?? {};
  const plan = annotations[PLAN_ANNOTATION];
  if (plan === undefined || planIn(plan)?.runId !== runId) return [];
  if (Object.keys(annotations).length > 1) return setOps(TEMPLATE_PLAN_PATH, plan, undefined);
  if (Object.keys(others).length > 0) return setOps(ANNOTATIONS_PATH, annotations, undefined);
  return setOps(METADATA_PATH, { annotations }, undefined);
}

/**
 * Whether a pod was made from the swapped template: it has the plan from there, or the image that no other has. Admission may
 * have given the pod another image than its workload holds, but not that from before.
 */
export function isSwapped({ annotations, images }: Pod, { runId, fault, data }: PlanOf<SwapData>): boolean {
  const { container, before, during } = data;
  const marked = planIn(annotations[PLAN_ANNOTATION]);
  const isMarked = marked?.runId === runId && marked.fault === fault;
  const image = images[container];
  if (before.image === during.image) return isMarked;
  return image === during.image || (isMarked && image !== before.image);
}

/** The plan in a template, whoever has put that template there. */
export function plansIn(object: KubeObject): MarkedPlan[] {
  const plan = planIn(metadataOf(object)?.annotations?.[PLAN_ANNOTATION]);
  return plan === undefined ? [] : [plan];
}

/**
 * A swapped template on a workload without the label: brought back from the history of the workload, which for a Deployment
 * brings back annotations as well (kubectl rollout undo, SetDeploymentAnnotationsTo).
 */
export function broughtBack(resource: string) {
  return (object: KubeObject): Inside[] => {
    const { name, labels } = object.metadata;
    if (labels?.[RUN_LABEL] !== undefined) return [];
    return plansIn(object).flatMap(({ runId, data }) => {
      if (!isSwapData(data)) return [];
      return [{ runId, command: restoreCommand(object, `${resource}/${name}`, data as unknown as SwapData) }];
    });
  };
}

/**
 * What a person can type to put back the fields of a workload as it is now, and to take the plan out of its template. Where a credential stands in
 * them, the command has it read from the workload itself; where that does not have it any more, a person has to write it.
 */
export function restoreCommand(object: KubeObject, at: string, { container, before }: SwapData): string {
  const now = containerFields(readWorkload(object), container);
  const isMarked = metadataOf(object)?.annotations?.[PLAN_ANNOTATION] !== undefined;
  const patch = restorePatch(object, container, before, { now, isMarked });
  const text = JSON.stringify(patch);
  const kubectl = `kubectl -n ${object.metadata.namespace}`;
  if (credentialsIn(patch).length === 0) return `${kubectl} ${patchText(at, text)}`;
  const isHeld = object.metadata.annotations?.[UNDO_ANNOTATION] !== undefined;
  return `${kubectl} ${isHeld ? heldPatchText(kubectl, at, text, UNDO_ANNOTATION) : `edit ${at}`}`;
}
