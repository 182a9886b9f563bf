import type { Permission } from '../../model/fault.ts';
import { formatDuration } from '../../model/units.ts';
import { longestOf } from '../deadline.ts';
import type { PlannedRun } from '../planned-run.ts';
import { deadManName } from './job.ts';
import { deadManClusters, deadManOf, deadManPermissions } from './needs.ts';

/** The dead-man that a run would arm in one cluster. */
export type PlannedDeadMan = {
  readonly cluster: string;
  readonly namespace: string;
  readonly job: string;
  readonly image: string;
  readonly serviceAccount: string;
  /** When it takes the lease from a run that still renews it. */
  readonly after: string;
  /** What its service account must be allowed. */
  readonly permissions: readonly Permission[];
};

/** One for each cluster with a fault that stays on, where the target has a dead-man. */
export function plannedDeadMen(run: PlannedRun): PlannedDeadMan[] {
  const { runId, scenario, target, faults, faultKind } = run;
  const { lockNamespace: namespace } = target;
  const deadMan = deadManOf(run);
  if (deadMan === undefined) return [];
  const after = formatDuration(longestOf(scenario));
  return [...deadManClusters(faults)].map((cluster) => {
    const plans = faults.map(({ plan }) => plan).filter((plan) => plan.cluster === cluster);
    const permissions = deadManPermissions(namespace, plans, faultKind);
    return { cluster, namespace, job: deadManName(runId), ...deadMan, after, permissions };
  });
}
