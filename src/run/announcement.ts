import { messageOf } from '../model/errors.ts';
import type { JournalCluster } from '../model/journal.ts';
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
    ephemeral: run.ephemeral,
  };
}

/** The clusters that the faults of a run touch, by name. */
export function touchedClusters(run: PlannedRun): [string, OpenCluster][] {
  const names = new Set(run.faults.map((fault) => fault.plan.cluster));
  return [...run.clusters].filter(([name]) => names.has(name));
}

/** The copies of a run's plans in the clusters that its faults touch. */
export class Announcement {
  readonly #run: PlannedRun;
  readonly #ports: RunPorts;
  /** Clusters that hold a copy, or may. */
  readonly #holders: OpenCluster[] = [];

  constructor(run: PlannedRun, ports: RunPorts) {
    this.#run = run;
    this.#ports = ports;
  }

  /** Before the first fault. The journal knows of each cluster first: a copy that nobody knows of would block every later run. */
  async make(): Promise<void> {
    const { faults, runId } = this.#run;
    for (const [name, open] of touchedClusters(this.#run)) {
      const cluster = journalCluster(this.#run, open);
      this.#ports.journal.append({ state: 'announced', runId, cluster, wall: this.#wall() });
      this.#holders.push(open);
      const plans = faults.filter((fault) => fault.plan.cluster === name).map((fault) => fault.plan);
      await writeClusterJournal(open.cluster, runId, plans);
    }
  }

  /** When nothing is left to undo. Resolves to false where a copy could not be taken away; the history says why. */
  async takeBack(): Promise<boolean> {
    let isGone = true;
    for (const { cluster } of this.#holders) {
      try {
        await deleteClusterJournal(cluster, this.#run.runId, this.#ports.clock);
        this.#ports.journal.append({ state: 'released', cluster: cluster.name, wall: this.#wall() });
      } catch (error) {
        isGone = false;
        this.#ports.history.append({ type: 'notice', level: 'warning', text: messageOf(error) });
      }
    }
    return isGone;
  }

  #wall(): string {
    return this.#ports.clock.wall().toISOString();
  }
}
