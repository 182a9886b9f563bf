import { FaultlineError } from '../../model/errors.ts';
import { formatDuration } from '../../model/units.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { PlanInputs } from '../wiring.ts';

/** Never touched, whatever a targets file allows. */
const FORBIDDEN_NAMESPACES: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** Refuses a run that reaches further than its target allows. Throws FAULT_REFUSED. */
export function guardReach(inputs: PlanInputs, faults: readonly PlannedFault[]): void {
  for (const { plan } of faults) {
    for (const namespace of plan.namespaces) guardNamespace(inputs, plan.fault, namespace);
  }
  for (const fault of faults) guardExpiry(inputs, fault);
}

/** Room for proofs between the injection and the hold phase. */
const PROOF_SLACK_MS = 60_000;

/** A fault that ends by itself while it is being watched would look like a recovery. */
function guardExpiry({ scenario }: PlanInputs, { plan, spec }: PlannedFault): void {
  const last = Math.max(...scenario.faults.map((fault) => fault.afterMs));
  const needed = last - spec.afterMs + scenario.phases.holdMs + PROOF_SLACK_MS;
  if (plan.expiresMs === undefined || plan.expiresMs >= needed) return;
  const has = formatDuration(plan.expiresMs);
  throw new FaultlineError('FAULT_REFUSED', `fault ${plan.fault}: it would expire after ${has}, before it is undone`, {
    hint: `Set expiry to at least ${formatDuration(needed)}, or shorten hold.`,
  });
}

function guardNamespace(inputs: PlanInputs, fault: string, namespace: string): void {
  if (FORBIDDEN_NAMESPACES.has(namespace)) {
    throw new FaultlineError('FAULT_REFUSED', `fault ${fault}: namespace ${namespace} is never touched`);
  }
  if (!inputs.target.namespaces.includes(namespace)) {
    throw new FaultlineError(
      'FAULT_REFUSED',
      `fault ${fault}: target ${inputs.target.name} does not allow namespace ${namespace}`,
      {
        hint: `Allowed: ${inputs.target.namespaces.join(', ')}. Add it under spec.namespaces of the targets file if it is meant.`,
      },
    );
  }
}
