import { messageOf } from '../model/errors.ts';
import type { Topology } from '../model/target.ts';
import { readFreeze } from './freeze.ts';
import { describeLease, readLease } from './lease-record.ts';
import { leaseRef } from './lock-objects.ts';
import type { OpenCluster, PlanInputs } from './wiring.ts';

/** What a run would find where it takes the lease of a cluster. */
export type LeaseState = {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** Who holds it, or why nobody could look, in words; absent where it is free. */
  readonly held?: string;
  /** Why the cluster is frozen; absent where it is not. */
  readonly frozen?: string;
};

/** The clusters of a target in the order in which their leases are taken: by UID, the same for everybody. */
export function leaseOrder({ clusters }: Pick<Topology, 'clusters'>): string[] {
  return [...clusters].sort((a, b) => (a.uid < b.uid ? -1 : 1)).map(({ name }) => name);
}

/** The leases that a run would take, in that order. */
export function leaseStates(
  { target, clusters }: Pick<PlanInputs, 'target' | 'clusters'>,
  topology: Pick<Topology, 'clusters'>,
): Promise<LeaseState[]> {
  const { namespace, name } = leaseRef(target.lockNamespace);
  const opened = leaseOrder(topology).flatMap((one) => clusters.get(one) ?? []);
  return Promise.all(
    opened.map(async (open) => ({ cluster: open.cluster.name, namespace, name, ...(await look(open, namespace)) })),
  );
}

async function look({ cluster }: OpenCluster, namespace: string): Promise<Pick<LeaseState, 'held' | 'frozen'>> {
  try {
    const [record, frozen] = await Promise.all([readLease(cluster, namespace), readFreeze(cluster, namespace)]);
    return {
      ...(record.holder === undefined ? {} : { held: describeLease(record) }),
      ...(frozen === undefined ? {} : { frozen }),
    };
  } catch (error) {
    // What is not allowed is in the permissions, and a run reads it again.
    return { held: `nobody could look: ${messageOf(error)}` };
  }
}
