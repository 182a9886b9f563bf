import { createHash } from 'node:crypto';
import { FaultlineError } from '../../model/errors.ts';
import type { MarkedPlan } from '../../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Json } from '../../model/scenario.ts';
import type { PlanOf } from '../define.ts';
import { hasFields } from '../has-fields.ts';
import { markedBy } from '../marks.ts';

/** What scenarios call this kind. */
export const KIND = 'zoneNetworkPolicy';

/** A zone network policy's own part of its plan. */
export type PolicyData = {
  readonly zone: string;
  readonly namespaces: readonly string[];
  readonly selector: string | null;
  readonly expirySeconds: number;
};

/** The label that the policy of one fault selects; its value is the fault's name. */
export const BLACKHOLE_LABEL = 'faultline.dev/blackhole';

/** Name of the Job and the NetworkPolicy of a fault, the same in each namespace. */
export function objectName(plan: { readonly runId: string; readonly fault: string }): string {
  const name = `faultline-${plan.runId}-${plan.fault}`;
  if (name.length <= 63) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, 54)}-${digest}`;
}

function metadata(plan: PlanOf<PolicyData>, namespace: string) {
  return {
    name: objectName(plan),
    namespace,
    labels: { 'app.kubernetes.io/managed-by': 'faultline', [RUN_LABEL]: plan.runId },
  };
}

/**
 * The dead-man switch: a Job that never starts a pod and fails when its deadline is over; the TTL controller then
 * deletes it at once and, as its owner, the policy with it (Kubernetes Job: activeDeadlineSeconds, ttlSecondsAfterFinished).
 */
export function expiryJob(plan: PlanOf<PolicyData>, namespace: string): KubeObject {
  return {
    ...KINDS.job,
    metadata: metadata(plan, namespace),
    spec: {
      parallelism: 0,
      completions: 1,
      activeDeadlineSeconds: plan.data.expirySeconds,
      ttlSecondsAfterFinished: 0,
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

/** A NetworkPolicy that selects the labelled pods and allows nothing in either direction. */
export function blackholePolicy(plan: PlanOf<PolicyData>, namespace: string, owner: KubeObject): KubeObject {
  const reference = {
    apiVersion: KINDS.job.apiVersion,
    kind: KINDS.job.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    blockOwnerDeletion: false,
  };
  return {
    ...KINDS.networkPolicy,
    metadata: { ...metadata(plan, namespace), ownerReferences: [reference] },
    spec: {
      podSelector: { matchLabels: { [RUN_LABEL]: plan.runId, [BLACKHOLE_LABEL]: plan.fault } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    },
  };
}

/** Creates an object of ours; one that this run has left in an earlier try is taken as it is. */
export async function createIfAbsent(cluster: Cluster, object: KubeObject): Promise<KubeObject> {
  const { namespace = '', name = '', labels } = object.metadata;
  const found = await cluster.get({ apiVersion: object.apiVersion, kind: object.kind, namespace, name });
  if (found === undefined) return cluster.create(object);
  if (markedBy(found) === labels?.[RUN_LABEL]) return found;
  const what = `cluster ${cluster.name}: ${object.kind} ${namespace}/${name} is there already, and not of this run`;
  throw new FaultlineError('FAULT_CONFLICT', what);
}

/** The plan of the policy that a pod's labels name, as far as taking them off needs it. */
export function plansIn({ metadata: { namespace = '', labels = {} } }: KubeObject): MarkedPlan[] {
  const { [RUN_LABEL]: runId, [BLACKHOLE_LABEL]: fault } = labels;
  if (runId === undefined || fault === undefined) return [];
  const data = { zone: '', namespaces: [namespace], selector: null, expirySeconds: 0 };
  return [{ kind: KIND, fault, runId, objects: [], data }];
}

/** Whether the data of a plan is that of a zone network policy. */
export function isPolicyData(data: Json): boolean {
  return hasFields(data, { zone: 'string', namespaces: 'list', selector: 'string?', expirySeconds: 'number' });
}
