import { createHash } from 'node:crypto';
import { KINDS, type KubeKind, type KubeObject, type ObjectRef, RUN_LABEL } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';

/** What names a fault of a run. */
export type FaultId = { readonly runId: string; readonly fault: string };

/** Name of everything that a fault creates: one object of a kind in each namespace. */
export function objectName(plan: FaultId): string {
  const name = `faultline-${plan.runId}-${plan.fault}`;
  if (name.length <= 63) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, 54)}-${digest}`;
}

/** The labels of everything that a fault creates. */
export function ownLabels(runId: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/managed-by': 'faultline', [RUN_LABEL]: runId };
}

function metadata(plan: FaultId, namespace: string): KubeObject['metadata'] {
  return {
    name: objectName(plan),
    namespace,
    labels: ownLabels(plan.runId),
  };
}

/** Metadata of an object that goes when its Job goes. */
export function ownedMetadata(plan: FaultId, namespace: string, job: KubeObject): KubeObject['metadata'] {
  const { name = '', uid = '' } = job.metadata;
  return { ...metadata(plan, namespace), ownerReferences: [{ ...KINDS.job, name, uid, blockOwnerDeletion: false }] };
}

/** A Job that never starts a pod and never ends: it stands for a fault. */
export function idleJob(plan: FaultId, namespace: string): KubeObject & { readonly spec: { [field: string]: Json } } {
  return {
    ...KINDS.job,
    metadata: metadata(plan, namespace),
    spec: {
      parallelism: 0,
      completions: 1,
      template: {
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          containers: [{ name: 'none', image: 'registry.k8s.io/pause:3.10' }],
        },
      },
    },
  };
}

/**
 * The dead-man switch: an idle Job that fails when its deadline is over; the TTL controller then deletes it at once and, as
 * their owner, the fault's objects with it (Kubernetes Job: activeDeadlineSeconds, ttlSecondsAfterFinished).
 */
export function expiryJob(plan: FaultId, namespace: string, seconds: number): KubeObject {
  const job = idleJob(plan, namespace);
  return { ...job, spec: { ...job.spec, activeDeadlineSeconds: seconds, ttlSecondsAfterFinished: 0 } };
}

/** The objects of a fault that creates one object of a kind and its Job in a namespace; the fault itself comes first. */
export function ownedRefs(kind: KubeKind, namespace: string, plan: FaultId): (ObjectRef & { namespace: string })[] {
  return [kind, KINDS.job].map((one) => ({ ...one, namespace, name: objectName(plan) }));
}
