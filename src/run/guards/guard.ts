import type { Permission } from '../../model/fault.ts';
import { inContext } from '../../model/kubectl.ts';
import type { Topology } from '../../model/target.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { OpenCluster, PlanInputs } from '../wiring.ts';

/** What a guard may look at: nothing here writes. */
export type Guarded = {
  readonly inputs: PlanInputs;
  readonly topology: Topology;
  readonly faults: readonly PlannedFault[];
};

/** What a guard may look at where there is no scenario yet: whatever a fault may hit there. */
export type Targeted = Pick<PlanInputs, 'target' | 'clusters' | 'allowProtected' | 'clock'> & {
  readonly topology: Pick<Topology, 'clusters'>;
};

/** What a guard says of a target before there is a scenario, and of which runs it would refuse it. */
type OfTarget = {
  readonly refuses: 'every run' | 'some faults';
  readonly check: (targeted: Targeted) => Promise<readonly Ruling[]>;
};

/**
 * One guard. What it cannot read, it refuses: a guard that lets pass what it does not know guards nothing.
 */
export type Guard = {
  readonly name: string;
  /** Only asked of clusters that are not faultline's own. */
  readonly spares?: 'practice';
  /** What it looks at in the clusters may change while the baseline goes on: it is asked again right before the first fault. */
  readonly isLive?: true;
  check(guarded: Guarded): Promise<readonly Ruling[]>;
  readonly ofTarget?: OfTarget;
  /** What it asks of the API of one cluster. */
  needs?(guarded: Omit<Guarded, 'topology'>, open: OpenCluster): readonly Permission[];
};

/** A refusal, or what was let pass because the scenario names it. */
export type Ruling = { readonly refused: boolean; readonly detail: string; readonly hint?: string };

/** A kubectl command for a cluster of the run. */
export function kubectlFor(open: OpenCluster, command: string): string {
  return inContext(`kubectl ${command}`, open.cluster);
}

/** The faults of one cluster. */
export function faultsIn({ faults }: Pick<Guarded, 'faults'>, cluster: string): PlannedFault[] {
  return faults.filter(({ plan }) => plan.cluster === cluster);
}

/** The faults that may hit pods of a cluster, whichever they are written to. */
export function faultsReaching({ faults }: Pick<Guarded, 'faults'>, cluster: string): PlannedFault[] {
  return faults.filter(({ plan }) => plan.cluster === cluster || plan.affected.some((pod) => pod.cluster === cluster));
}

/** Namespaces that these faults may touch, each once. */
export function namespacesOf(faults: readonly PlannedFault[]): string[] {
  return [...new Set(faults.flatMap(({ plan }) => plan.namespaces))];
}
