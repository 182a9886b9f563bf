import { alert } from './alert/index.ts';
import { configuration } from './configuration.ts';
import { ejections } from './ejections.ts';
import { errorBudget } from './error-budget/index.ts';
import { failback } from './failback/index.ts';
import { failoverOrder } from './failover-order/index.ts';
import { faultEffect } from './fault-effect.ts';
import { latency } from './latency.ts';
import { loadQuality } from './load-quality.ts';
import { orderHome } from './order-home.ts';
import { putBack } from './put-back.ts';
import { recoveryTime } from './recovery-time.ts';
import { shares } from './shares.ts';
import { steadyAfter } from './steady-after.ts';
import { steadyState } from './steady-state.ts';
import { unaffected } from './unaffected.ts';
import { wayHome } from './way-home.ts';

/**
 * Every objective and invariant, in the order of reports. A new one is one new file (or folder) and one entry here. What was
 * put back is judged last, by all that was judged before.
 */
export const OBJECTIVES = [
  faultEffect,
  loadQuality,
  configuration,
  steadyState,
  steadyAfter,
  failoverOrder,
  recoveryTime,
  errorBudget,
  latency,
  shares,
  unaffected,
  ejections,
  alert,
  failback,
  wayHome,
  orderHome,
  putBack,
] as const;

/** The name of an objective or invariant of this version. */
export type ObjectiveName = (typeof OBJECTIVES)[number]['name'];
