import { systemClock } from '../../run/system-clock.ts';
import type { PlanInputs } from '../../run/wiring.ts';
import { faultKind } from '../outside/fault-kind.ts';
import type { OpenTarget } from '../targets/index.ts';
import { nextRunId } from './new-run-id.ts';

/** What a plan takes from the scenario and from what the caller has said by name. */
type Asked = Pick<PlanInputs, 'scenario' | 'allowProtected' | 'noDeadMan' | 'prometheus'>;

/** The inputs of a plan on an open target, under a new run id: a run and every look at it before are planned from the same. */
export function planInputs({ target, ephemeral, clusters }: OpenTarget, asked: Asked): PlanInputs {
  const runId = nextRunId();
  return { ...asked, target, ephemeral, clusters, faultKind, clock: systemClock, runId };
}
