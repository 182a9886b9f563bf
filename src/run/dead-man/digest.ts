import { createHash } from 'node:crypto';
import type { FaultPlan } from '../../model/fault.ts';

/** Names one plan as a run has written it: whoever may write the plans in a cluster cannot make another one of this name. */
export function planDigest(plan: FaultPlan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex');
}
