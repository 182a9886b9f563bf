import type { FaultContext } from '../../model/fault.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { createIfAbsent } from '../owned/create.ts';
import { blackholePolicy, type PolicyData, policyJob } from './objects.ts';
import { labelPod, zonePods } from './pods.ts';

/** Creates the dead-man Job and the policy that it owns in each namespace, then puts the pods under the policy. */
export async function inject(plan: PlanOf<PolicyData>, context: FaultContext): Promise<void> {
  const { cluster } = context;
  const pods = await zonePods(plan.data, context);
  await endAll(
    plan.data.namespaces.map(async (namespace) => {
      const job = await createIfAbsent(cluster, policyJob(plan, namespace));
      await createIfAbsent(cluster, blackholePolicy(plan, namespace, job));
    }),
  );
  await endAll(pods.map((pod) => labelPod(cluster, pod, plan)));
}
