import type { Inside, MarkedPlan } from '../../model/fault.ts';
import { type JsonPatchOp, type KubeObject, PLAN_ANNOTATION, RUN_LABEL } from '../../model/kubernetes.ts';
import { planIn } from '../marked-plans.ts';
import { pointerStep, setOps } from '../marks.ts';
import { isSwapData, restorePatch, type SwapData } from './fields.ts';

/*
 * The swapped template carries the plan of its fault, as long as it lives: in the history of its workload (ReplicaSets,
 * ControllerRevisions) as well, from where `kubectl rollout undo` may bring it back long after the drill.
 */

type Metadata = { readonly labels?: object; readonly annotations?: Readonly<Record<string, string>> };
const METADATA_PATH = '/spec/template/metadata';
const ANNOTATIONS_PATH = `${METADATA_PATH}/annotations`;
const PLAN_PATH = `${ANNOTATIONS_PATH}/${pointerStep(PLAN_ANNOTATION)}`;

function metadataOf({ spec }: KubeObject): Metadata | undefined {
  return (spec as unknown as { template?: { metadata?: Metadata } } | undefined)?.template?.metadata;
}

/** Patch operations that write a plan into a template, with a patch that tests the version of the object. */
export function markTemplateOps(object: KubeObject, plan: string): JsonPatchOp[] {
  const metadata = metadataOf(object);
  return [
    ...(metadata === undefined ? [{ op: 'add', path: METADATA_PATH, value: {} } as const] : []),
    ...(metadata?.annotations === undefined ? [{ op: 'add', path: ANNOTATIONS_PATH, value: {} } as const] : []),
    { op: 'add', path: PLAN_PATH, value: plan },
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
  if (Object.keys(annotations).length > 1) return setOps(PLAN_PATH, plan, undefined);
  if (Object.keys(others).length > 0) return setOps(ANNOTATIONS_PATH, annotations, undefined);
  return setOps(METADATA_PATH, { annotations }, undefined);
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
    const { namespace, name, labels } = object.metadata;
    if (labels?.[RUN_LABEL] !== undefined) return [];
    return plansIn(object).flatMap(({ runId, data }) => {
      if (!isSwapData(data)) return [];
      const { container, before } = data as unknown as SwapData;
      const patch = JSON.stringify(restorePatch(container, before)).replaceAll("'", "'\\''");
      return [{ runId, command: `kubectl -n ${namespace} patch ${resource}/${name} -p '${patch}'` }];
    });
  };
}
