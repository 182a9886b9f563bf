import { alteredCluster } from '../../faults/altered-cluster.ts';
import { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultKind, FaultPlan } from '../../model/fault.ts';
import { type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import type { Clock, Cluster, Random } from '../../model/ports.ts';
import { leaseRef, plansRef } from '../lock-objects.ts';
import { virtualClock } from './virtual-clock.ts';

/** What a fault of the race leaves in its cluster while it is on: nothing else is what two injectors would fight over. */
const FAULT = { apiVersion: 'race/v1', kind: 'Fault' };
const NAMESPACE = 'default';
/** As src/kube/rest.ts has it: a request that was stopped for longer is given up before it is sent. */
const REQUEST_MS = 15_000;

/** Creates one object, and deletes its own. */
export const RACE_FAULT = {
  kind: 'race',
  permissions: [],
  marks: [{ kind: FAULT, resource: 'fault', ours: true }],
  isData: () => true,
  plan: async ({ name }, { runId, cluster }) => racePlan(runId, name, cluster.name),
  inject: async ({ fault, runId }, { cluster }) => {
    const metadata = { namespace: NAMESPACE, name: `${runId}-${fault}`, labels: { [RUN_LABEL]: runId } };
    await cluster.create({ ...FAULT, metadata });
  },
  prove: async () => ({ proven: true, observed: true, detail: 'it is there' }),
  undo: async (plan, { cluster }) => {
    const ref = { ...FAULT, namespace: NAMESPACE, name: `${plan.runId}-${plan.fault}` };
    if ((await cluster.get(ref)) !== undefined) await cluster.delete(ref);
    return { state: 'undone', detail: 'it is gone', objects: [], commands: [] };
  },
} as Partial<FaultKind> as FaultKind;

/** The clusters of a race, what its actors have done to them, and what they must never do. */
export class Arena {
  readonly clock = virtualClock();
  readonly clusters: ReadonlyMap<string, FakeCluster>;
  /** Each thing that must not happen, and did. */
  readonly wrongs: string[] = [];
  injections = 0;

  constructor(names: readonly string[]) {
    const made = names.map((name): [string, FakeCluster] => {
      const identity = async () => ({ uid: `uid-${name}`, server: `https://${name}`, version: 'v1.36.0' });
      const cluster = Object.assign(new FakeCluster(), { name, identity });
      cluster.frozen = true;
      return [name, cluster];
    });
    this.clusters = new Map(made);
  }

  holderIn(cluster: FakeCluster): string | undefined {
    const { namespace, name } = leaseRef(NAMESPACE);
    const lease = cluster.objects.get(`Lease ${namespace}/${name}`);
    return (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;
  }

  /** Called at the moment at which a write takes effect. */
  judge(cluster: FakeCluster, holder: string, object: KubeObject | undefined): void {
    const real = this.holderIn(cluster);
    if (real !== holder) this.wrongs.push(`${holder} writes to ${cluster.name}, which ${real ?? 'nobody'} holds`);
    if (object?.kind !== FAULT.kind) return;
    this.injections++;
    const run = object.metadata.labels?.[RUN_LABEL];
    const others = cluster.all(FAULT).filter(({ metadata }) => metadata.labels?.[RUN_LABEL] !== run);
    if (others.length > 0) this.wrongs.push(`two injectors in ${cluster.name}: ${run} and ${others.length} more`);
  }

  /** Everything that is left of any run. */
  left(): string[] {
    return [...this.clusters.values()].flatMap((cluster) => {
      const plans = cluster.objects.has(`ConfigMap ${NAMESPACE}/${plansRef(NAMESPACE).name}`) ? ['its plans'] : [];
      const faults = cluster.all(FAULT).map(({ metadata }) => metadata.name ?? '');
      return [...plans, ...faults].map((what) => `${cluster.name}: ${what}`);
    });
  }
}

/** One process: it has clocks of its own, which are wrong, and may be stopped (SIGSTOP) for a while, or killed. */
export class Actor {
  readonly holder: string;
  readonly clock: Clock;
  readonly #arena: Arena;
  readonly #random: Random;
  #stoppedUntil = 0;
  #isDead = false;
  #answers = 0;
  #whenAnswered: { readonly answers: number; readonly act: () => void } | undefined;

  constructor(arena: Arena, id: string, random: Random) {
    this.#arena = arena;
    this.#random = random;
    this.holder = `${id}/host/1`;
    const start = Math.floor(random() * 1e12);
    const skew = (random() - 0.5) * 1_200_000;
    const { now, wall, sleep } = arena.clock;
    this.clock = {
      now: () => now() + start,
      wall: () => new Date(wall().getTime() + skew),
      sleep: async (ms, signal) => {
        await sleep(ms, signal);
        await this.#running();
      },
    };
  }

  /** Stops it for so long when it has had so many answers: whatever it does next, it does long after. */
  stopAfter(answers: number, ms: number): void {
    this.#whenAnswered = { answers, act: () => this.#stop(ms) };
  }

  /** Kills it when it has had so many answers. */
  killAfter(answers: number): void {
    this.#whenAnswered = { answers, act: () => this.#kill() };
  }

  #stop(ms: number): void {
    this.#stoppedUntil = this.#arena.clock.now() + ms * 1000;
  }

  #kill(): void {
    this.#isDead = true;
  }

  /** A cluster as this process reaches it: slowly, and not always. */
  reach(cluster: FakeCluster): Cluster {
    // Reads and writes go the same way; a write that takes effect is judged.
    const through = <T extends unknown[], R>(isWrite: boolean, act: (...args: T) => Promise<R>) => {
      return async (...args: T): Promise<R> => {
        const begun = this.clock.now();
        await this.#travel();
        // What has been sent takes effect though its sender is stopped by then.
        if (this.#random() < 0.5) await this.#running();
        this.#requireInTime(begun);
        if (isWrite) this.#judge(cluster, args[0]);
        const result = await act(...args);
        await this.#travel();
        this.#requireInTime(begun);
        this.#answers++;
        if (this.#answers === this.#whenAnswered?.answers) this.#whenAnswered.act();
        await this.#running();
        return result;
      };
    };
    return alteredCluster(cluster, {
      get: through(false, (...args: Parameters<Cluster['get']>) => cluster.get(...args)),
      list: through(false, (...args: Parameters<Cluster['list']>) => cluster.list(...args)),
      create: through(true, (...args: Parameters<Cluster['create']>) => cluster.create(...args)),
      patch: through(true, (...args: Parameters<Cluster['patch']>) => cluster.patch(...args)),
      delete: through(true, (...args: Parameters<Cluster['delete']>) => cluster.delete(...args)),
    });
  }

  #judge(cluster: FakeCluster, what: unknown): void {
    const object = what as KubeObject;
    if (object.kind === leaseRef(NAMESPACE).kind) return;
    this.#arena.judge(cluster, this.holder, object.metadata === undefined ? undefined : object);
  }

  async #travel(): Promise<void> {
    const slow = this.#random() < 0.02 ? 7_000 : 300;
    await this.#arena.clock.sleep(1 + this.#random() * slow);
  }

  #requireInTime(begun: number): void {
    const isLost = this.#random() < 0.003 || this.clock.now() - begun > REQUEST_MS * 1000;
    if (isLost) throw new FaultlineError('TARGET_UNREACHABLE', 'the answer is lost');
  }

  async #running(): Promise<void> {
    for (;;) {
      if (this.#isDead) await new Promise(() => {});
      const leftMs = (this.#stoppedUntil - this.#arena.clock.now()) / 1000;
      if (leftMs <= 0) return;
      await this.#arena.clock.sleep(leftMs);
    }
  }
}

/** The plan of a fault of the race. */
export function racePlan(runId: string, fault: string, cluster: string): FaultPlan {
  const empty = { affected: [], tolls: [], cutsOff: [], objects: [], permissions: [], warnings: [] };
  const texts = { summary: 'a race', signature: 'none', deadMan: 'never' } as const;
  return { kind: 'race', fault, runId, cluster, namespaces: [NAMESPACE], data: {}, ...empty, ...texts };
}
