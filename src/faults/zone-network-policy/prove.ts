import type { EffectProof, FaultContext } from '../../model/fault.ts';
import { KINDS, RUN_LABEL } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { unproven } from '../poll.ts';
import { objectName, type PolicyData } from './objects.ts';
import { zonePods } from './pods.ts';

/** The policies are there and select every pod of the zone; whether they are enforced, only requests can show. */
export async function prove(plan: PlanOf<PolicyData>, context: FaultContext): Promise<EffectProof> {
  const { namespaces } = plan.data;
  const pods = await zonePods(plan.data, context);
  const bare = pods.filter((pod) => pod.labels[RUN_LABEL] !== plan.runId);
  const name = objectName(plan);
  const policies = await Promise.all(
    namespaces.map((namespace) => context.cluster.get({ ...KINDS.networkPolicy, namespace, name })),
  );
  const missing = namespaces.filter((_, index) => policies[index]?.metadata.labels?.[RUN_LABEL] !== plan.runId);
  if (missing.length > 0) return unproven(`NetworkPolicy ${name} is missing in ${missing.join(', ')}`);
  if (bare.length > 0) return unproven(`pods without the label: ${bare.map((pod) => pod.name).join(', ')}`);
  const detail = `the deny-all NetworkPolicy is there and selects ${pods.length} pods; only requests can show that it is enforced`;
  return { proven: true, observed: false, detail };
}
