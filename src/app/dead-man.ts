import { FaultlineError } from '../model/errors.ts';
import type { Target } from '../model/target.ts';
import { withoutDeadMan } from '../run/dead-man/plan.ts';
import type { PlannedRun } from '../run/planned-run.ts';
import { targetKind } from './targets/index.ts';

/** The target without its dead-man where somebody has said by name that the run goes without. */
export function targetFor(target: Target, isWaived: boolean): Target {
  const { deadMan: _deadMan, ...rest } = target;
  return isWaived ? rest : target;
}

/**
 * Throws FAULT_REFUSED for a run against real clusters whose faults would stay on for ever if its runner died, unless
 * somebody has said by name that it goes without a dead-man. What is faultline's own ends with this machine.
 */
export function requireDeadMan(run: PlannedRun, isWaived: boolean): void {
  const missing = withoutDeadMan(run);
  if (missing === undefined || isWaived || targetKind(run.topology) !== 'clusters') return;
  throw new FaultlineError('FAULT_REFUSED', missing, {
    hint: 'Add spec.deadMan (docs/safety.md), or say --no-dead-man: then only faultline recover puts it back.',
  });
}
