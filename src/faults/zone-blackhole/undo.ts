import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS, type KubeKind, RUN_LABEL } from '../../model/kubernetes.ts';
import { listPods } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { type BlackholeData, objectName } from './objects.ts';
import { blackholeSelector, unlabelPod } from './pods.ts';

/**
 * Deletes the policies first, so that traffic flows again at once, then the jobs and the labels. Objects of the same
 * name that do not carry the run's label are not ours and stay.
 */
export async function undo(plan: PlanOf<BlackholeData>, context: FaultContext): Promise<UndoOutcome> {
  const { cluster } = context;
  const { namespaces } = plan.data;
  const foreign: string[] = [];
  const remove = async (kind: KubeKind, namespace: string): Promise<void> => {
    const ref = { ...kind, namespace, name: objectName(plan) };
    const object = await cluster.get(ref);
    if (object === undefined) return;
    const { uid } = object.metadata;
    if (object.metadata.labels?.[RUN_LABEL] !== plan.runId) foreign.push(`${kind.kind} ${namespace}/${ref.name}`);
    else await cluster.delete(ref, uid === undefined ? {} : { uid });
  };
  await Promise.all(namespaces.map((namespace) => remove(KINDS.networkPolicy, namespace)));
  await Promise.all(namespaces.map((namespace) => remove(KINDS.job, namespace)));
  await Promise.all(namespaces.map((namespace) => unlabelAll(plan, namespace, context)));
  const left = await readBack(plan, namespaces, context);
  const clean = left.length === 0 && foreign.length === 0;
  return {
    state: clean ? 'undone' : 'conflict',
    detail: clean
      ? 'policy and job are deleted, no pod carries the label'
      : `left: ${[...left, ...foreign].join(', ')}`,
    objects: plan.objects.map((object): TouchedObject => {
      const there = left.includes(`${object.kind} ${object.namespace}/${object.name}`);
      return { ...object, after: there ? 'present' : 'absent', state: there ? 'left-behind' : 'put-back' };
    }),
    commands: namespaces
      .filter(() => !clean)
      .map((namespace) => `kubectl -n ${namespace} delete networkpolicy,job ${objectName(plan)} --ignore-not-found`),
  };
}

async function unlabelAll(plan: PlanOf<BlackholeData>, namespace: string, context: FaultContext): Promise<void> {
  const pods = await listPods(context.cluster, namespace, blackholeSelector(plan), new Map());
  await Promise.all(pods.map((pod) => unlabelPod(context.cluster, pod, plan)));
}

async function readBack(
  plan: PlanOf<BlackholeData>,
  namespaces: readonly string[],
  context: FaultContext,
): Promise<string[]> {
  const selector = { labelSelector: blackholeSelector(plan) };
  const kinds = [KINDS.networkPolicy, KINDS.job];
  const created = namespaces.flatMap((namespace) =>
    kinds.map((kind) => context.cluster.get({ ...kind, namespace, name: objectName(plan) })),
  );
  const pods = namespaces.map((namespace) => context.cluster.list(KINDS.pod, { namespace, ...selector }));
  const left = [...(await Promise.all(created)), ...(await Promise.all(pods)).flat()];
  return left
    .filter((object) => object !== undefined && object.metadata.deletionTimestamp === undefined)
    .map((object) => `${object?.kind} ${object?.metadata.namespace}/${object?.metadata.name}`);
}
