import type { JournalCluster, JournalEntry } from '../../../model/journal.ts';
import type { Cluster } from '../../../model/ports.ts';
import type { FaultSpec } from '../../../model/scenario.ts';
import { alteredCluster } from '../../../run/testing/altered-cluster.ts';
import { BenchRun, BLACKHOLE, HERE, SWAP } from '../../../run/testing/bench-run.ts';
import { virtualClock } from '../../../run/testing/virtual-clock.ts';
import { openJournal } from '../../../store/journal-file.ts';
import { createRunFolder, type RunFolder } from '../../../store/run-folder.ts';
import { recoverFolders } from '../folders.ts';

export const RUN = '20261122t090000z-test';

/** What a recovery is told besides. */
type Asked = Partial<
  Pick<Parameters<typeof recoverFolders>[1], 'accept' | 'clock' | 'firstOver' | 'isElsewhere' | 'runId'>
> & {
  readonly folders?: readonly RunFolder[];
  readonly others?: Parameters<typeof recoverFolders>[2];
};

/** A run whose journal is in a folder, as its process leaves it when it dies. */
export class DyingRun {
  readonly bench = new BenchRun();
  readonly folder: RunFolder;
  readonly #before = this.bench.cluster.snapshot();
  readonly said: string[] = [];
  /** Its process is gone. */
  isDead = false;

  constructor(out: string, runId = RUN) {
    this.folder = createRunFolder(out, runId);
  }

  /** Runs to its end, but the journal ends before the first entry of this state: the process was gone by then. */
  async dieBefore(
    state: JournalEntry['state'] | 'the end',
    faults: readonly FaultSpec[] = [SWAP, { ...BLACKHOLE, afterMs: 0 }],
  ): Promise<this> {
    const journal = openJournal(this.folder.journal);
    const dead = new AbortController();
    this.bench.beforeJournal = (entry) => {
      if (entry.state === state) {
        this.isDead = true;
        dead.abort();
      }
      // Nothing that a dead process would do reaches the cluster.
      if (dead.signal.aborted) return new Promise(() => {}) as never;
      journal.append(entry);
    };
    const { cluster } = this.bench;
    const alive =
      <T extends unknown[], R>(act: (...args: T) => Promise<R>) =>
      (...args: T): Promise<R> =>
        dead.signal.aborted ? new Promise<R>(() => {}) : act.apply(cluster, args);
    const methods = { create: alive(cluster.create), patch: alive(cluster.patch), delete: alive(cluster.delete) };
    this.bench.seen = alteredCluster(cluster, methods);
    const { sleep } = this.bench.clock;
    const never = new Promise<void>(() => {});
    this.bench.clock.sleep = (...args) => (dead.signal.aborted ? never : sleep(...args));
    const died = new Promise((resolve) => dead.signal.addEventListener('abort', resolve));
    await Promise.race([this.bench.run(faults), died]);
    journal.close();
    return this;
  }

  /** Adds entries to its journal. */
  note(entries: readonly JournalEntry[]): void {
    const journal = openJournal(this.folder.journal);
    for (const entry of entries) journal.append(entry);
    journal.close();
  }

  recover(open: (where: JournalCluster) => Cluster = () => this.bench.cluster, asked: Asked = {}) {
    const { kinds: faultKind, stop } = this.bench;
    const { folders = [this.folder], others, ...more } = asked;
    const ports = {
      ...{ clock: virtualClock(), faultKind, signal: stop.signal, runId: undefined, recoverFrom: HERE, open },
      ...{ holder: 'recover-1/bench/1', say: (text: string) => this.said.push(text) },
      ...{ over: new AbortController().signal, firstOver: new AbortController().signal },
    };
    return recoverFolders(folders, { ...ports, ...more }, others);
  }

  isAsBefore(): boolean {
    return JSON.stringify(this.bench.cluster.snapshot()) === JSON.stringify(this.#before);
  }
}
