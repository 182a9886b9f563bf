import { unlessConflict } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Pod } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import type { SwapData } from './fields.ts';
import { isSwapped } from './template.ts';
import { podsOf } from './workload.ts';

/** Label by which a pod of a StatefulSet names the revision that it was made from. */
const REVISION = 'controller-revision-hash';

/**
 * Deletes the pods of a StatefulSet that run the swapped image and are not ready, once the template is back: the controller
 * waits for each of them to become ready before it goes on, which may be never (Kubernetes, StatefulSet, Forced rollback).
 * Before the controller has seen the template, an undo in a hurry knows them by the image alone.
 */
export async function releaseStuck(object: KubeObject, plan: PlanOf<SwapData>, context: FaultContext): Promise<void> {
  const { observedGeneration = 0, updateRevision } = (object.status ?? {}) as unknown as {
    observedGeneration?: number;
    updateRevision?: string;
  };
  const isSeen = updateRevision !== undefined && observedGeneration >= (object.metadata.generation ?? 0);
  if (object.kind !== KINDS.statefulSet.kind) return;
  const { before, during } = plan.data;
  const isLeft = (pod: Pod) => (isSeen ? pod.labels[REVISION] !== updateRevision : before.image !== during.image);
  const pods = await podsOf(context.cluster, object);
  const stuck = pods.filter((pod) => !pod.ready && isSwapped(pod, plan) && isLeft(pod));
  // Where a pod of the same name has another UID, the controller was faster.
  await endAll(
    stuck.map(({ namespace, name, uid }) =>
      context.cluster.delete({ ...KINDS.pod, namespace, name }, { uid }).catch(unlessConflict),
    ),
  );
}
