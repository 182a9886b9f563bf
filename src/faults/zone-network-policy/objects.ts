import type { MarkedPlan } from '../../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import type { PlanOf } from '../define.ts';
import { hasFields } from '../has-fields.ts';
import { ownedMetadata } from '../owned/objects.ts';

export { objectName } from '../owned/objects.ts';

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

/** A NetworkPolicy that selects the labelled pods and allows nothing in either direction. */
export function blackholePolicy(plan: PlanOf<PolicyData>, namespace: string, owner: KubeObject): KubeObject {
  return {
    ...KINDS.networkPolicy,
    metadata: ownedMetadata(plan, namespace, owner),
    spec: {
      podSelector: { matchLabels: { [RUN_LABEL]: plan.runId, [BLACKHOLE_LABEL]: plan.fault } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    },
  };
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
