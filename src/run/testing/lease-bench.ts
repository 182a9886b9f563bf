import { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Clock, Cluster } from '../../model/ports.ts';
import { ClusterLease } from '../cluster-lease.ts';
import { virtualClock } from './virtual-clock.ts';

type Spec = { holderIdentity?: string; leaseDurationSeconds?: number; acquireTime?: string; renewTime?: string };

/** Every lease of a spec: one that is still kept would go on for ever, as fast as time that is not real goes. */
const made: ClusterLease[] = [];

/** A cluster with its time, and who takes its lease. */
export class LeaseBench {
  readonly cluster = new FakeCluster();
  readonly clock = virtualClock();
  readonly said: string[] = [];
  readonly stop = new AbortController();

  lease(holder: string, { cluster = this.cluster, clock = this.clock }: { cluster?: Cluster; clock?: Clock } = {}) {
    const lease = new ClusterLease(cluster, 'default', holder, clock);
    made.push(lease);
    return lease;
  }

  take(lease: ClusterLease): Promise<boolean> {
    return lease.take({ stop: this.stop.signal, onWatch: (text) => this.said.push(text) });
  }

  spec(): Spec {
    return (this.cluster.all(KINDS.lease)[0]?.spec ?? {}) as Spec;
  }

  seconds(): number {
    return this.clock.now() / 1_000_000;
  }
}

/** Gives back every lease that was made since. */
export function giveBackAll(): void {
  for (const lease of made.splice(0)) void lease.release().catch(() => {});
}
