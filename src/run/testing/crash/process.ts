import { alteredCluster } from '../../../faults/altered-cluster.ts';
import { FaultlineError } from '../../../model/errors.ts';
import type { JournalEntry } from '../../../model/journal.ts';
import { KINDS } from '../../../model/kubernetes.ts';
import type { Clock, Cluster, Outside } from '../../../model/ports.ts';
import type { Micros, Millis } from '../../../model/units.ts';

const NEVER = new Promise<never>(() => {});

/** As src/kube/rest.ts has it: a request that was stopped for longer is given up, sent or not. */
const REQUEST_MS: Millis = 15_000;
/** The default `limit` of a hook, within which what it has started ends. */
const OUTSIDE_MS: Millis = 30_000;

/** What becomes of a process at one of its steps. */
type Fate = {
  readonly killAt?: number;
  /** How much later a write that it was about to send when it was killed is done all the same. */
  readonly lateMs?: Millis | undefined;
  /** Where it is stopped (SIGSTOP), and for how long. */
  readonly pauseAt?: number;
  readonly pauseMs?: Millis;
  /** The entry of its journal, counted from 1, that its disk has no room for, nor for any after it. */
  readonly fullAt?: number;
};

/** What a process shares with all others. */
type World = {
  readonly clock: Clock;
  readonly outside: Outside;
  /** Hears of every write to a cluster at the moment at which it takes effect. */
  readonly judge: (cluster: string, holder: string) => void;
};

/**
 * One process that is killed, or stopped, at its n-th step; a step is the moment before, or after, an entry of its journal, a
 * write to a cluster or an act of a hook. Once it is dead nothing of it happens any more, save a write that was on its way.
 */
export class Process {
  readonly holder: string;
  readonly clock: Clock;
  readonly died: Promise<'dead'>;
  /** What it has written to its journal. */
  readonly entries: JournalEntry[] = [];
  /** What hooks reach from it. */
  readonly outside: Outside;
  steps = 0;
  /** Its steps right before a write to a cluster, those to the lock left out, and those of them that change an object itself. */
  readonly sending: number[] = [];
  readonly changing: number[] = [];
  readonly #fate: Fate;
  readonly #world: World;
  readonly #die: () => void;
  #isDead = false;
  #stopped: { readonly from: Micros; readonly until: Micros } | undefined;

  constructor(id: string, world: World, fate: Fate = {}) {
    this.holder = `${id}/host/1`;
    this.#fate = fate;
    this.#world = world;
    const { clock, outside } = world;
    const { promise, resolve } = Promise.withResolvers<'dead'>();
    this.died = promise;
    this.#die = () => resolve('dead');
    this.clock = {
      now: () => clock.now(),
      wall: () => clock.wall(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        await this.#running();
      },
    };
    this.outside = {
      act: this.#through(changes, (...args: Parameters<Outside['act']>) => outside.act(...args), OUTSIDE_MS),
      seal: (text) => outside.seal(text),
      surroundings: (actions, env) => outside.surroundings(actions, env),
      obstacles: (surroundings) => outside.obstacles(surroundings),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Its journal. A dead process does not come back from it. */
  append(entry: JournalEntry): void {
    this.#step();
    this.#throwIfDead();
    const { fullAt = Number.POSITIVE_INFINITY } = this.#fate;
    if (this.entries.length + 1 >= fullAt) throw new FaultlineError('JOURNAL', 'no space left on the device');
    this.entries.push(entry);
    this.#step();
    this.#throwIfDead();
  }

  /** A cluster as this process reaches it. */
  reach(cluster: Cluster): Cluster {
    const read = <T extends unknown[], R>(act: (...args: T) => Promise<R>) => this.#through(() => false, act);
    const write = <T extends unknown[], R>(act: (...args: T) => Promise<R>, isWrite = (..._: T) => true) =>
      this.#through(isWrite, (...args: T) => {
        const { kind } = args[0] as { readonly kind?: string };
        const isJudged = !this.#isDead && kind !== KINDS.lease.kind && isWrite(...args);
        if (isJudged) this.sending.push(this.steps);
        if (isJudged) this.#world.judge(cluster.name, this.holder);
        return act(...args);
      });
    return alteredCluster(cluster, {
      get: read((...args: Parameters<Cluster['get']>) => cluster.get(...args)),
      list: read((...args: Parameters<Cluster['list']>) => cluster.list(...args)),
      create: write((...args: Parameters<Cluster['create']>) => cluster.create(...args)),
      patch: write(
        (...args: Parameters<Cluster['patch']>) => {
          const [{ kind, subresource }] = args;
          if (subresource === undefined && kind !== KINDS.lease.kind) this.changing.push(this.steps);
          return cluster.patch(...args);
        },
        (_ref, _ops, options) => options?.dryRun !== true,
      ),
      delete: write((...args: Parameters<Cluster['delete']>) => cluster.delete(...args)),
      exec: write((...args: Parameters<Cluster['exec']>) => cluster.exec(...args)),
      proxyAdmin: (where, signal) => {
        const admin = cluster.proxyAdmin(where, signal);
        return { get: read((path: string) => admin.get(path)) };
      },
    });
  }

  #through<T extends unknown[], R>(
    isStep: (...args: T) => boolean,
    act: (...args: T) => Promise<R>,
    latestMs: Millis = Number.POSITIVE_INFINITY,
  ) {
    return async (...args: T): Promise<R> => {
      const { lateMs } = this.#fate;
      const begun = this.#world.clock.now();
      if (isStep(...args) && this.#step() && lateMs !== undefined) {
        void this.#world.clock.sleep(Math.min(lateMs, latestMs)).then(() => act(...args).catch(() => {}));
      }
      await this.#running();
      this.#requireInTime(begun);
      const [end] = await Promise.allSettled([act(...args)]);
      if (isStep(...args)) this.#step();
      await this.#running();
      this.#requireInTime(begun);
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    };
  }

  #requireInTime(begun: Micros): void {
    const { from = 0, until = 0 } = this.#stopped ?? {};
    if (until - Math.max(begun, from) <= REQUEST_MS * 1000) return;
    throw new FaultlineError('TARGET_UNREACHABLE', 'given up: no answer within 15 s');
  }

  /** Resolves when it is not stopped, and never when it is dead. */
  async #running(): Promise<void> {
    const { clock } = this.#world;
    for (;;) {
      if (this.#isDead) await NEVER;
      const leftMs = ((this.#stopped?.until ?? 0) - clock.now()) / 1000;
      if (leftMs <= 0) return;
      await clock.sleep(leftMs);
    }
  }

  /** Whether its fate comes at this one. */
  #step(): boolean {
    if (this.#isDead) return false;
    const { killAt, pauseAt, pauseMs = 0 } = this.#fate;
    this.steps++;
    if (this.steps === killAt) {
      this.#isDead = true;
      this.#die();
    }
    if (this.steps === pauseAt) {
      const from = this.#world.clock.now();
      this.#stopped = { from, until: from + pauseMs * 1000 };
    }
    return this.steps === killAt;
  }

  #throwIfDead(): void {
    if (this.#isDead) throw new Error('the process is dead');
  }
}

/** Whether an act of a hook is more than a look. */
function changes(...[action]: Parameters<Outside['act']>): boolean {
  return !('command' in action && action.command[0] === 'look');
}
