import { alteredCluster } from '../../../faults/altered-cluster.ts';
import type { JournalEntry } from '../../../model/journal.ts';
import type { Clock, Cluster } from '../../../model/ports.ts';

const NEVER = new Promise<never>(() => {});

/** When a process is killed, and how much later a write that it was about to send is done all the same, in milliseconds. */
type Death = { readonly killAt: number; readonly lateMs?: number | undefined };

/**
 * One process that is killed at its n-th step; a step is the moment before, or after, an entry of its journal or a write
 * to a cluster. From then on nothing of it happens any more, save a write that was on its way.
 */
export class Process {
  readonly holder: string;
  readonly clock: Clock;
  readonly died: Promise<'dead'>;
  /** What it has written to its journal. */
  readonly entries: JournalEntry[] = [];
  steps = 0;
  readonly #death: Death;
  readonly #time: Clock;
  readonly #die: () => void;
  #isDead = false;

  constructor(id: string, clock: Clock, death: Death = { killAt: Number.POSITIVE_INFINITY }) {
    this.holder = `${id}/host/1`;
    this.#death = death;
    this.#time = clock;
    const { promise, resolve } = Promise.withResolvers<'dead'>();
    this.died = promise;
    this.#die = () => resolve('dead');
    this.clock = {
      now: () => clock.now(),
      wall: () => clock.wall(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        await this.#alive();
      },
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Its journal. A dead process does not come back from it. */
  append(entry: JournalEntry): void {
    this.#step();
    this.#throwIfDead();
    this.entries.push(entry);
    this.#step();
    this.#throwIfDead();
  }

  /** A cluster as this process reaches it. */
  reach(cluster: Cluster): Cluster {
    const read = <T extends unknown[], R>(act: (...args: T) => Promise<R>) => this.#through(() => false, act);
    const write = <T extends unknown[], R>(act: (...args: T) => Promise<R>) => this.#through(() => true, act);
    return alteredCluster(cluster, {
      get: read((...args: Parameters<Cluster['get']>) => cluster.get(...args)),
      list: read((...args: Parameters<Cluster['list']>) => cluster.list(...args)),
      create: write((...args: Parameters<Cluster['create']>) => cluster.create(...args)),
      patch: this.#through(
        (_ref, _ops, options) => options?.dryRun !== true,
        (...args: Parameters<Cluster['patch']>) => cluster.patch(...args),
      ),
      delete: write((...args: Parameters<Cluster['delete']>) => cluster.delete(...args)),
      exec: write((...args: Parameters<Cluster['exec']>) => cluster.exec(...args)),
      proxyAdmin: (where, signal) => {
        const admin = cluster.proxyAdmin(where, signal);
        return { get: read((path: string) => admin.get(path)) };
      },
    });
  }

  #through<T extends unknown[], R>(isStep: (...args: T) => boolean, act: (...args: T) => Promise<R>) {
    return async (...args: T): Promise<R> => {
      const { lateMs } = this.#death;
      if (isStep(...args) && this.#step() && lateMs !== undefined) {
        void this.#time.sleep(lateMs).then(() => act(...args).catch(() => {}));
      }
      await this.#alive();
      try {
        return await act(...args);
      } finally {
        if (isStep(...args)) this.#step();
        await this.#alive();
      }
    };
  }

  async #alive(): Promise<void> {
    if (this.#isDead) await NEVER;
  }

  /** Whether this is the one at which it dies. */
  #step(): boolean {
    if (this.#isDead || ++this.steps !== this.#death.killAt) return false;
    this.#isDead = true;
    this.#die();
    return true;
  }

  #throwIfDead(): void {
    if (this.#isDead) throw new Error('the process is dead');
  }
}
