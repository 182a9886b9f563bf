import { FaultlineError, messageOf } from '../model/errors.ts';
import type { Clock, Cluster, HistoryWriter } from '../model/ports.ts';
import type { Micros } from '../model/units.ts';
import { holdsPlansOf, refuseOpenRun } from './cluster-journal.ts';
import { ClusterLease } from './cluster-lease.ts';
import { endingCluster } from './ending.ts';
import { refuseFrozen } from './freeze.ts';
import { leaseOrder } from './lease-state.ts';
import { leasedCluster } from './leased-cluster.ts';
import { type PlannedRun, withClusters } from './planned-run.ts';
import { type StopReason, throwIfStopped } from './stop.ts';

/** What has not been given back by then expires by itself: nobody waits for an API that does not answer. */
const RELEASE_MS = 5_000;

type LeasePorts = { readonly clock: Clock; readonly history: HistoryWriter; readonly holder: string };

/** One cluster of a run: as its API is, and as the run may inject into it. */
type Leased = {
  readonly lease: ClusterLease;
  readonly plain: Cluster;
  readonly injecting: Cluster;
};

/**
 * The leases of all clusters of a run's target, touched or not: a drill on another cluster of the same mesh would take
 * away what is to take over here. They are taken in the order of the clusters' UIDs, so that two runs never wait for
 * each other.
 */
export class Leases {
  readonly #run: PlannedRun;
  readonly #ports: LeasePorts;
  readonly #namespace: string;
  readonly #leased: ReadonlyMap<string, Leased>;
  readonly #taken: Leased[] = [];
  readonly #lost = new AbortController();
  /** The run's time zero on the clock's own scale, asked once: by two clocks that are read one after the other it is never the same. */
  readonly #zero: Micros;
  #loss: FaultlineError | undefined;

  constructor(run: PlannedRun, ports: LeasePorts) {
    this.#run = run;
    this.#ports = ports;
    this.#zero = ports.clock.now() - ports.history.now();
    this.#namespace = run.target.lockNamespace;
    const one = (cluster: Cluster): Leased => {
      const lease = new ClusterLease(cluster, this.#namespace, ports.holder, ports.clock);
      const injecting = leasedCluster(cluster, () => this.#requireToInject(lease));
      return { lease, plain: cluster, injecting };
    };
    this.#leased = new Map([...run.clusters].map(([name, { cluster }]) => [name, one(cluster)]));
  }

  /** Aborted, with a StopReason, when a lease is lost or a cluster is frozen: then everything is undone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The run as it injects: no write reaches a cluster without its lease, and none at all once one is lost. */
  injecting(): PlannedRun {
    return withClusters(this.#run, ({ name }) => this.#of(name).injecting);
  }

  /**
   * The cluster as the undo writes to it: a lease that is too old is renewed first, and one that nobody holds is taken again while
   * the plans of the run are in the cluster. When the undo is given up, it neither renews nor does anything more.
   */
  undoing(name: string, givenUp: AbortSignal): Cluster {
    const { lease, plain } = this.#of(name);
    const cluster = endingCluster(plain, givenUp);
    return leasedCluster(cluster, async () => {
      await cluster.mayWrite?.();
      await lease.refresh(() => holdsPlansOf(cluster, this.#namespace, this.#run.runId));
    });
  }

  /**
   * Takes a lease again that nobody holds, though the plans are gone. Rejects with LEASE_LOST where somebody holds it, and when the
   * undo is given up.
   */
  async reclaim(name: string, givenUp: AbortSignal): Promise<void> {
    const { lease, plain } = this.#of(name);
    await endingCluster(plain, givenUp).mayWrite?.();
    await lease.refresh(async () => true);
  }

  /**
   * Takes them all. Rejects with LEASE_HELD where another run lives, with OPEN_RUN where one has died and left
   * something to undo, and with FROZEN.
   */
  async take(stop: AbortSignal): Promise<void> {
    for (const leased of leaseOrder(this.#run.topology).map((name) => this.#of(name))) {
      const onWatch = (text: string) => void this.#ports.history.append({ type: 'notice', level: 'info', text });
      this.#taken.push(leased);
      await leased.lease.take({ stop, onWatch });
      throwIfStopped(stop);
      leased.lease.keep((error) => this.#onLost(error));
    }
    for (const { plain } of this.#taken) {
      await refuseFrozen(plain, this.#namespace);
      await refuseOpenRun(plain, this.#namespace);
    }
  }

  /** When the API of each cluster whose lease is held has last answered, in run time. */
  contacts(): { readonly cluster: string; readonly at: Micros }[] {
    const zero = this.#zero;
    return this.#taken.map(({ lease, plain }) => ({ cluster: plain.name, at: (lease.contact ?? zero) - zero }));
  }

  /** Gives all back that were taken. What cannot be given back expires by itself; the history says so. */
  async release(): Promise<void> {
    const waited = new Set(this.#taken);
    const tell = (leased: Leased, why: string): void => {
      // What is heard later has no place in the history, which has ended.
      if (!waited.delete(leased)) return;
      const text = `a lease was not given back and expires by itself: ${why}`;
      this.#ports.history.append({ type: 'notice', level: 'warning', text });
    };
    const giveBack = (leased: Leased): Promise<void> =>
      leased.lease.release().then(
        () => void waited.delete(leased),
        (error) => tell(leased, messageOf(error)),
      );
    const done = new AbortController();
    const given = Promise.all(this.#taken.map(giveBack)).then(() => done.abort());
    await Promise.race([given, this.#ports.clock.sleep(RELEASE_MS, done.signal)]);
    for (const leased of [...waited]) {
      tell(leased, `cluster ${leased.plain.name}: the API has not answered within ${RELEASE_MS / 1000} s`);
    }
  }

  /** A write that came too late is the end of all injecting, though the undo may renew the lease. */
  async #requireToInject(lease: ClusterLease): Promise<void> {
    try {
      await lease.confirm();
      lease.requireFresh();
    } catch (error) {
      this.#onLost(error as FaultlineError);
    }
    if (this.#loss !== undefined) throw this.#loss;
  }

  #of(name: string): Leased {
    const leased = this.#leased.get(name);
    if (leased === undefined) throw new FaultlineError('INTERNAL', `the run has no cluster ${name}`);
    return leased;
  }

  #onLost(error: FaultlineError): void {
    const { hint } = error;
    this.#loss ??= error;
    const reason: StopReason = { kind: 'lease', message: `${error.message}${hint === undefined ? '' : ` (${hint})`}` };
    this.#lost.abort(reason);
  }
}
