import type { FaultContext } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { createExpiring } from '../owned/create.ts';
import { whyEndless } from '../owned/expiry.ts';
import { blackholePolicy, type PolicyData } from './objects.ts';
import { labelPod, zonePods } from './pods.ts';

/** Creates the dead-man Job and the policy that it owns in each namespace, then puts the pods under the policy. */
export async function inject(plan: PlanOf<PolicyData>, context: FaultContext): Promise<void> {
  const { cluster } = context;
  const pods = await zonePods(plan.data, context);
  await endAll(
    plan.data.namespaces.map((namespace) => {
      const expiry = { namespace, expirySeconds: plan.data.expirySeconds };
      return createExpiring(cluster, plan, expiry, (job) => blackholePolicy(plan, namespace, job));
    }),
  );
  await endAll(pods.map((pod) => labelPod(cluster, pod, plan)));
}

/** Why the Job of one of its namespaces would not end the policy there. */
export async function whyEndlessPolicy(
  { runId, fault, data }: PlanOf<PolicyData>,
  { cluster }: FaultContext,
): Promise<string | undefined> {
  const { namespaces, expirySeconds } = data;
  const whys = await endAll(
    namespaces.map((namespace) =>
      whyEndless(cluster, { runId, fault }, { kind: KINDS.networkPolicy, namespace, expirySeconds }),
    ),
  );
  return whys.find((why) => why !== undefined);
}
