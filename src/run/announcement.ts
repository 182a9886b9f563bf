import { undoFenced } from '../faults/fence.ts';
import { type LostWrite, watchWrites } from '../faults/lost-writes.ts';
import { messageOf } from '../model/errors.ts';
import type { JournalCluster } from '../model/journal.ts';
import type { Cluster } from '../model/ports.ts';
import { LOCK_NAMESPACE } from '../model/target.ts';
import { deleteClusterJournal, writeClusterJournal } from './cluster-journal.ts';
import type { PlannedRun } from './planned-run.ts';
import type { OpenCluster, RunPorts } from './wiring.ts';

/** Where a cluster of a run is and which one it is, so that another machine finds it and no other is touched. */
export function journalCluster(run: PlannedRun, open: OpenCluster): JournalCluster {
  const { name, region } = open.cluster;
  const found = run.topology.clusters.find((cluster) => cluster.name === name);
  return {
    name,
    region,
    uid: found?.uid ?? '',
    server: found?.server ?? '',
    kubeconfig: open.kubeconfig,
    context: open.context,
    namespaces: run.target.namespaces,
    ...(run.target.lockNamespace === undefined ? {} : { lockNamespace: run.target.lockNamespace }),
    ephemeral: run.ephemeral,
  };
}

/** The clusters that the faults of a run touch, by name. */
export function touchedClusters(run: PlannedRun): [string, OpenCluster][] {
  const names = new Set(run.faults.map((fault) => fault.plan.cluster));
  return [...run.clusters].filter(([name]) => names.has(name));
}

/** The copies of a run's plans in the clusters that its faults touch, and what the journal says of each cluster. */
export class Announcement {
  readonly #run: PlannedRun;
  readonly #ports: RunPorts;
  readonly #undoing: (name: string) => Cluster;
  readonly #namespace: string;
  /** Clusters that hold a copy, or may, and what of the writing of it nobody has heard the end of. */
  readonly #holders = new Map<string, () => readonly LostWrite[]>();

  /** `undoing` gives a cluster as the undo may write to it. */
  constructor(run: PlannedRun, ports: RunPorts, undoing: (name: string) => Cluster) {
    this.#run = run;
    this.#ports = ports;
    this.#undoing = undoing;
    this.#namespace = run.target.lockNamespace ?? LOCK_NAMESPACE;
  }

  /** Before the first fault. The journal knows of each cluster first: a copy that nobody knows of would block every later run. */
  async make(): Promise<void> {
    const { faults, runId } = this.#run;
    for (const [name, open] of touchedClusters(this.#run)) {
      const cluster = journalCluster(this.#run, open);
      this.#ports.journal.append({ state: 'announced', runId, cluster, wall: this.#wall() });
      const watched = watchWrites(open.cluster, () => this.#ports.history.now());
      this.#holders.set(name, watched.lost);
      const plans = faults.filter((fault) => fault.plan.cluster === name).map((fault) => fault.plan);
      await writeClusterJournal(watched.cluster, this.#namespace, runId, plans);
    }
  }

  /**
   * When nothing is left to undo, in any cluster of the target. Resolves to false where a copy could not be taken away;
   * the history says why.
   */
  async takeBack(): Promise<boolean> {
    const gone = await Promise.all([...this.#run.clusters.keys()].map((name) => this.#takeBackIn(name)));
    return gone.every(Boolean);
  }

  async #takeBackIn(name: string): Promise<boolean> {
    const lost = this.#holders.get(name);
    try {
      if (lost !== undefined) await this.#deleteIn(name, lost());
      this.#ports.journal.append({ state: 'released', cluster: name, wall: this.#wall() });
      return true;
    } catch (error) {
      this.#ports.history.append({ type: 'notice', level: 'warning', text: messageOf(error) });
      return lost === undefined;
    }
  }

  async #deleteIn(name: string, lost: readonly LostWrite[]): Promise<void> {
    const { clock, history } = this.#ports;
    const { runId } = this.#run;
    const cluster = this.#undoing(name);
    const context = { cluster, clock, now: () => history.now() };
    const undo = () => deleteClusterJournal(cluster, this.#namespace, runId, clock);
    await undoFenced(lost, { runId, context, undo });
  }

  #wall(): string {
    return this.#ports.clock.wall().toISOString();
  }
}
