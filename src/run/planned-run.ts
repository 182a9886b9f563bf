import type { FaultKind, FaultPlan, Permission } from '../model/fault.ts';
import type { Cluster } from '../model/ports.ts';
import type { Prediction } from '../model/prediction.ts';
import type { FaultSpec } from '../model/scenario.ts';
import type { Topology } from '../model/target.ts';
import type { MeshVersions } from '../observe/mesh-version.ts';
import type { GuardCheck } from './guards/guard-check.ts';
import type { LeaseState } from './lease-state.ts';
import type { OpenCluster, PlanInputs } from './wiring.ts';

/** One fault, ready to be injected. */
export type PlannedFault = {
  readonly spec: FaultSpec;
  readonly kind: FaultKind;
  readonly plan: FaultPlan;
  readonly open: OpenCluster;
};

/**
 * Without `run` the run is refused. Without `scan` it goes on, and only `recover --scan` could not say afterwards that
 * nothing is left, nor anybody that nothing was carried to a cluster that no fault touches. Without `observe` it goes on, too, and what it cannot see is not judged; without `predict` nothing is
 * predicted.
 */
export type Purpose = 'run' | 'scan' | 'observe' | 'predict';

/** One thing that the API of a cluster must allow, and whether it does. */
export type PermissionCheck = Permission & {
  readonly cluster: string;
  readonly purpose: Purpose;
  readonly allowed: boolean;
};

/** A run that has passed every check before the first write. */
export type PlannedRun = PlanInputs & {
  readonly topology: Topology;
  readonly faults: readonly PlannedFault[];
  readonly guards: readonly GuardCheck[];
  readonly permissions: readonly PermissionCheck[];
  /** In the order in which they are taken. */
  readonly leases: readonly LeaseState[];
  readonly mesh: MeshVersions;
  /** What the mesh model says of it. */
  readonly prediction: Prediction;
};

/** The same run, with other clusters in place of its own. */
export function withClusters(run: PlannedRun, other: (cluster: Cluster) => Cluster): PlannedRun {
  const open = new Map([...run.clusters].map(([name, one]) => [name, { ...one, cluster: other(one.cluster) }]));
  const faults = run.faults.map((fault) => ({ ...fault, open: open.get(fault.plan.cluster) ?? fault.open }));
  return { ...run, clusters: open, faults };
}
