import type { Clock, Cluster } from '../model/ports.ts';
import { holdsPlansOf } from './cluster-journal.ts';
import { ClusterLease } from './cluster-lease.ts';
import { holderId } from './holder.ts';
import { readLease } from './lease-record.ts';
import { leasedCluster } from './leased-cluster.ts';
import { throwIfStopped } from './stop.ts';

type LeasePorts = {
  readonly clock: Clock;
  readonly holder: string;
  /** The run whose plans are in the cluster, if any: while they are, a lease that was lost may be taken again. */
  readonly openRun: string | undefined;
  /** Ends the wait for a holder who may be dead. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

/** Whether that run, or anybody where none is named, holds a cluster: who does is at work, or has died. */
export async function isHeldFor(cluster: Cluster, lockNamespace: string, runId: string | undefined): Promise<boolean> {
  const { holder } = await readLease(cluster, lockNamespace);
  return holder !== undefined && (runId === undefined || holderId(holder) === runId);
}

/** Works on a cluster while it holds its lease. Rejects with LEASE_HELD where somebody who lives does. */
export async function withLease<T>(
  cluster: Cluster,
  lockNamespace: string,
  { clock, holder, openRun, signal, say }: LeasePorts,
  work: (leased: Cluster) => Promise<T>,
): Promise<T> {
  const lease = new ClusterLease(cluster, lockNamespace, holder, clock);
  const isOpen = async () => openRun !== undefined && (await holdsPlansOf(cluster, lockNamespace, openRun));
  try {
    if (!(await lease.take({ stop: signal, onWatch: say }))) throwIfStopped(signal);
    lease.keep(() => {});
    return await work(leasedCluster(cluster, () => lease.refresh(isOpen)));
  } finally {
    // What cannot be given back expires by itself.
    await lease.release().catch(() => {});
  }
}
