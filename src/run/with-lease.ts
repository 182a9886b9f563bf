import type { Clock, Cluster } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { holdsPlansOf } from './cluster-journal.ts';
import { ClusterLease } from './cluster-lease.ts';
import { endingCluster, unlessEnded } from './ending.ts';
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
  /** Ends all of the work: nothing is asked of the cluster any more but to take back the lease. */
  readonly over: AbortSignal;
  readonly say: (text: string) => void;
};

/** Whether that run, or anybody where none is named, holds a cluster: who does is at work, or has died. */
export async function isHeldFor(cluster: Cluster, lockNamespace: string, runId: string | undefined): Promise<boolean> {
  const { holder } = await readLease(cluster, lockNamespace);
  return holder !== undefined && (runId === undefined || holderId(holder) === runId);
}

/** What has not been given back by then expires by itself. */
const RELEASE_MS: Millis = 5_000;

/**
 * Works on a cluster while it holds its lease. Rejects with LEASE_HELD where somebody who lives does. Once it has ended, neither the
 * work nor its lease goes on, whoever answers late. Where the namespace of the lease is gone, nobody can hold it: it works without.
 */
export async function withLease<T>(
  cluster: Cluster,
  lockNamespace: string,
  { clock, holder, openRun, signal, over, say }: LeasePorts,
  work: (leased: Cluster) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const lease = new ClusterLease(endingCluster(cluster, end.signal), lockNamespace, holder, clock);
  try {
    if (!(await unlessEnded(lease.take({ stop: signal, onWatch: say, canBeNowhere: true }), over)))
      throwIfStopped(signal);
    lease.keep(() => {});
    const asked = endingCluster(cluster, over);
    const isOpen = async () => openRun !== undefined && (await holdsPlansOf(asked, lockNamespace, openRun));
    const mayWrite = async (): Promise<void> => {
      await asked.mayWrite?.();
      await lease.refresh(isOpen);
    };
    return await work(leasedCluster(asked, mayWrite));
  } finally {
    const released = new AbortController();
    const giveBack = lease.release().catch(() => {});
    await Promise.race([giveBack, clock.sleep(RELEASE_MS, released.signal)]);
    released.abort();
    end.abort('the recovery has ended');
  }
}
