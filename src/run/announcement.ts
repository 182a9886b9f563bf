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
  /** Clusters that hold a copy, or may. */
  readonly #holders = new Set<string>();

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
      this.#holders.add(name);
      const plans = faults.filter((fault) => fault.plan.cluster === name).map((fault) => fault.plan);
      await writeClusterJournal(open.cluster, this.#namespace, runId, plans);
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
    const holds = this.#holders.has(name);
    try {
      if (holds) await deleteClusterJournal(this.#undoing(name), this.#namespace, this.#run.runId, this.#ports.clock);
      this.#ports.journal.append({ state: 'released', cluster: name, wall: this.#wall() });
      return true;
    } catch (error) {
      this.#ports.history.append({ type: 'notice', level: 'warning', text: messageOf(error) });
      return !holds;
    }
  }

  #wall(): string {
    return this.#ports.clock.wall().toISOString();
  }
}
