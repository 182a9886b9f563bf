import { endAll } from '../faults/end-all.ts';
import { undoFenced } from '../faults/fence.ts';
import { type LostWrite, watchWrites } from '../faults/lost-writes.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import type { JournalCluster } from '../model/journal.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import {
  deleteClusterJournal,
  dropPlans,
  keptPlansText,
  undonePlansText,
  writeClusterJournal,
} from './cluster-journal.ts';
import { armDeadMan } from './dead-man/arm.ts';
import { planDigest } from './dead-man/digest.ts';
import { deadManJob } from './dead-man/job.ts';
import { deadManClusters, deadManOf } from './dead-man/needs.ts';
import { longestOf } from './deadline.ts';
import { endingClock } from './ending.ts';
import { InTurn } from './in-turn.ts';
import type { PlannedRun } from './planned-run.ts';
import { requestTrace } from './request-trace.ts';
import { boundText, untilOver } from './undo-bound.ts';
import type { OpenCluster, RunPorts } from './wiring.ts';
import { within } from './within.ts';

/** A request has ended after this, with or without an answer. */
const REQUEST_MS: Millis = 15_000;

/** Where a cluster of a run is and which one it is, so that another machine finds it and no other is touched. */
export function journalCluster(run: PlannedRun, open: OpenCluster): JournalCluster {
  const { name, region, configuredBy } = open.cluster;
  const found = run.topology.clusters.find((cluster) => cluster.name === name);
  return {
    name,
    region,
    uid: found?.uid ?? '',
    server: found?.server ?? '',
    kubeconfig: open.kubeconfig,
    context: open.context,
    namespaces: run.target.namespaces,
    ...(configuredBy === undefined ? {} : { configuredBy }),
    lockNamespace: run.target.lockNamespace,
    ephemeral: run.ephemeral,
  };
}

/** The clusters that the faults of a run touch, by name. */
function touchedClusters(run: PlannedRun): [string, OpenCluster][] {
  const names = new Set(run.faults.map((fault) => fault.plan.cluster));
  return [...run.clusters].filter(([name]) => names.has(name));
}

/** A cluster as the undo may write to it, closed when that is given up. */
type Undoing = (name: string, givenUp: AbortSignal) => Cluster;

type Armed = (cluster: Cluster, job: KubeObject) => void;

/** The copies of a run's plans in the clusters that its faults touch, and what the journal says of each cluster. */
export class Announcement {
  readonly #run: PlannedRun;
  readonly #ports: RunPorts;
  readonly #undoing: Undoing;
  readonly #namespace: string;
  /** Clusters that hold a copy, or may, and what of the writing of it nobody has heard the end of. */
  readonly #holders = new Map<string, () => readonly LostWrite[]>();

  /** What is open in each cluster, as far as it was told, and who takes the rest out of its copy. */
  readonly #open = new Map<string, readonly FaultPlan[]>();
  readonly #drops = new Map<string, InTurn>();
  /** Clusters whose copy still has what is undone, and why. */
  readonly #kept = new Map<string, unknown>();

  constructor(run: PlannedRun, ports: RunPorts, undoing: Undoing) {
    this.#run = run;
    this.#ports = ports;
    this.#undoing = undoing;
    this.#namespace = run.target.lockNamespace;
  }

  /**
   * Before the first fault. The journal knows of each cluster first: a copy that nobody knows of would block every later run.
   * Where the target has a dead-man, it is armed in every cluster with a fault that stays on, and `armed` hears of its Job. Rejects
   * where it is not.
   */
  async make(armed: Armed): Promise<void> {
    const { faults, runId } = this.#run;
    const stored = new Map<string, KubeObject>();
    for (const [name, open] of touchedClusters(this.#run)) {
      const cluster = journalCluster(this.#run, open);
      this.#ports.journal.append({ state: 'announced', runId, cluster, wall: this.#wall() });
      const watched = watchWrites(open.cluster, () => this.#ports.history.now());
      this.#holders.set(name, watched.lost);
      const plans = faults.filter((fault) => fault.plan.cluster === name).map((fault) => fault.plan);
      stored.set(name, await writeClusterJournal(watched.cluster, this.#namespace, runId, plans));
    }
    await endAll([...deadManClusters(faults)].map((name) => this.#arm(name, stored.get(name), armed)));
  }

  async #arm(name: string, plans: KubeObject | undefined, armed: Armed): Promise<void> {
    const { runId, scenario, clusters, faults } = this.#run;
    const deadMan = deadManOf(this.#run);
    const cluster = clusters.get(name)?.cluster;
    if (deadMan === undefined || cluster === undefined || plans === undefined) return;
    const own = faults.flatMap(({ plan }) => (plan.cluster === name ? plan.namespaces : []));
    const places = { namespace: this.#namespace, namespaces: [...new Set(own)] };
    const digests = faults.flatMap(({ plan }) => (plan.cluster === name ? [planDigest(plan)] : []));
    const order = { runId, cluster: name, ...places, digests, afterMs: longestOf(scenario) };
    armed(cluster, await armDeadMan(cluster, deadManJob(order, deadMan, plans), this.#ports));
    const text = `cluster ${name}: the dead-man is armed`;
    this.#ports.history.append({ type: 'notice', level: 'info', text });
  }

  /**
   * When nothing is left to undo, in any cluster of the target. Resolves to false where a copy could not be taken away, or
   * nobody has heard of that when the undo was `over`; the history says why.
   */
  async takeBack(over: AbortSignal): Promise<boolean> {
    const gone = await Promise.all([...this.#run.clusters.keys()].map((name) => this.#takeBackIn(name, over)));
    return gone.every(Boolean);
  }

  /** Where a fault is left open: only what is open stays in the copies. The history says where that could not be written. */
  async close(open: readonly FaultPlan[], over: AbortSignal): Promise<void> {
    await Promise.all([...this.#holders.keys()].map((name) => this.closeIn(name, open, over)));
    for (const [name, error] of this.#kept) {
      const told = open.some(({ cluster }) => cluster === name) ? undonePlansText : keptPlansText;
      this.#warn(told(this.#clusterOf(name), this.#namespace, this.#run.runId, error));
    }
  }

  /**
   * Only what is `open` stays in the copy of one cluster, of which there are fewer each time, and no copy where it is nothing; several at once are one write. What cannot
   * be written stays there, and its undo is asked once more by a recovery. Never rejects.
   */
  closeIn(name: string, open: readonly FaultPlan[], over: AbortSignal): Promise<void> {
    this.#open.set(name, open);
    const drops = this.#drops.get(name) ?? new InTurn(() => this.#dropIn(name, over));
    this.#drops.set(name, drops);
    return drops.ask();
  }

  async #dropIn(name: string, over: AbortSignal): Promise<void> {
    const isUndone = (plan: FaultPlan) => !this.#open.get(name)?.some(({ fault }) => fault === plan.fault);
    const { runId } = this.#run;
    const isOver = this.#open.get(name)?.length === 0 && this.#holders.get(name)?.().length === 0;
    const dropped = async () => {
      const cluster = this.#undoing(name, over);
      if (isOver) await deleteClusterJournal(cluster, this.#namespace, runId, endingClock(this.#ports.clock, over));
      else await dropPlans(cluster, this.#namespace, runId, isUndone);
    };
    const kept = (error: unknown) => void this.#kept.set(name, error);
    const tried = dropped().then(() => void this.#kept.delete(name), kept);
    const giveUp = () => kept(new FaultlineError('TARGET_UNREACHABLE', String(over.reason)));
    await untilOver(tried, giveUp, over, this.#ports.clock);
  }

  async #takeBackIn(name: string, over: AbortSignal): Promise<boolean> {
    const lost = this.#holders.get(name);
    // What is still on its way there must not come after the lease is given back.
    const drops = this.#drops.get(name);
    if (drops !== undefined) await within(drops.idle(), REQUEST_MS, this.#ports.clock);
    try {
      if (lost !== undefined) await this.#deleteIn(name, lost(), over);
    } catch (error) {
      this.#warn(keptPlansText(this.#clusterOf(name), this.#namespace, this.#run.runId, error));
      return false;
    }
    try {
      this.#ports.journal.append({ state: 'released', cluster: name, wall: this.#wall() });
      return true;
    } catch (error) {
      this.#warn(messageOf(error));
      return lost === undefined;
    }
  }

  async #deleteIn(name: string, lost: readonly LostWrite[], over: AbortSignal): Promise<void> {
    const { history } = this.#ports;
    const { runId } = this.#run;
    const givenUp = new AbortController();
    const trace = requestTrace();
    const cluster = trace.follow(this.#undoing(name, givenUp.signal));
    const clock = endingClock(this.#ports.clock, givenUp.signal);
    const context = { cluster, clock, now: () => history.now() };
    const undo = () => deleteClusterJournal(cluster, this.#namespace, runId, clock);
    const deleted = undoFenced(lost, { runId, context, undo });
    const giveUp = (): never => {
      givenUp.abort(over.reason);
      const text = `${boundText(name, trace)}: the plans are still there`;
      throw new FaultlineError('TARGET_UNREACHABLE', text);
    };
    await untilOver(deleted, giveUp, over, this.#ports.clock);
  }

  #clusterOf(name: string): Cluster {
    const open = this.#run.clusters.get(name);
    if (open === undefined) throw new FaultlineError('INTERNAL', `cluster ${name} is none of the run`);
    return open.cluster;
  }

  #warn(text: string): void {
    this.#ports.history.append({ type: 'notice', level: 'warning', text });
  }

  #wall(): string {
    return this.#ports.clock.wall().toISOString();
  }
}
