import type { FaultMove } from '../model/fault-move.ts';
import type { Random } from '../model/ports.ts';
import type { Millis, Ratio } from '../model/units.ts';
import type { LivePod } from './live-system.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A pod in the imagined cluster. */
export type SimPod = Omit<LivePod, 'ready'> & {
  ready: boolean;
  /** An EndpointSlice has it, and not as terminating. */
  listed: boolean;
  /** Its containers have ended. */
  gone: boolean;
  /** Its application does not listen. */
  dead: boolean;
  /** What becomes of its packets. */
  packets?: Packets;
  /** What its sidecar does to requests before its application has them. */
  injected?: Injected;
};

/** A fault of packets, and of which calls they are. */
export type Packets = Omit<Extract<FaultMove, { kind: 'packets' }>, 'kind'>;

/** A fault in a sidecar: it lets a share of the requests wait, and answers them in place of the application. */
export type Injected = {
  readonly status: number | undefined;
  readonly delayMs: Millis | undefined;
  readonly percent: Ratio;
};

/** How long a controller of Kubernetes takes to act on what it sees: at least this, and an exponential rest. */
const REACTION = { leastMs: 10, meanMs: 45 };
/** A pod has its address after this part of the time that it takes to be ready. */
const ADDRESS = { from: 0.1, to: 0.5 };
/** Pods start within this part of what those before them took, and so much more: status times are whole seconds. */
const ABOUT = { part: 0.5, less: 1000, more: 2000 };
const SHORTEST_START_MS = 300;
/** Where pods do not tell how long they took. */
const UNKNOWN_START = { from: 1000, to: 10_000 };
/** An old pod that took longer was no normal start. */
const LONGEST_START_MS = 120_000;
/** From the moment that a pod is told to go, and its preStop sleep, until its application stops: kubelet and runtime take their time. */
const STOPS_MS = { from: 50, to: 500 };
/** And until its sidecar goes with it. */
const SIDECAR_MS = 300;
/** A forced deletion cuts the preStop hook off after this. */
const FORCED_END_MS = 2000;

/** The pods of all clusters and what Kubernetes does with them, in imagined time. */
export class World {
  readonly pods: SimPod[];
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #listeners: (() => void)[] = [];
  #byAddress: Map<string, SimPod>;
  readonly #due: Millis[] = [];
  #made = 0;
  /** When endpoints or routes last changed. */
  changedAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(pods: readonly LivePod[], time: VirtualTime, random: Random) {
    this.#time = time;
    this.#random = random;
    this.pods = pods.map((pod) => ({ ...pod, listed: pod.services.length > 0, gone: false, dead: false }));
    this.#byAddress = new Map(this.pods.map((pod) => [pod.ip, pod]));
  }

  at(ip: string): SimPod | undefined {
    return this.#byAddress.get(ip);
  }

  /** Calls back after every change of endpoints. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** When Kubernetes does something next, as far as that is settled. */
  get nextAt(): Millis {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#due);
  }

  /** Waits for something that Kubernetes, or the run, does later. */
  async wait(ms: Millis): Promise<void> {
    const due = this.#time.ms + ms;
    this.#due.push(due);
    await this.#time.sleep(ms);
    this.#due.splice(this.#due.indexOf(due), 1);
  }

  /** How long a controller takes to act. */
  react(): Promise<void> {
    return this.wait(REACTION.leastMs - REACTION.meanMs * Math.log(1 - this.#random()));
  }

  /** A new pod like an old one, in its place. Resolves when it is ready, never where it never is. */
  create(
    like: SimPod,
    { dead, becomesReady }: { dead: boolean; becomesReady: boolean },
  ): { pod: SimPod; ready: Promise<void> } {
    this.#made += 1;
    const ip = `new-${this.#made}`;
    const pod: SimPod = { ...like, name: `${like.workload}-${ip}`, ip, dead, ready: false, listed: false, gone: false };
    this.pods.push(pod);
    this.#byAddress.set(ip, pod);
    return { pod, ready: this.#start(pod, becomesReady) };
  }

  /** A pod is told to go: it leaves the endpoints, and its containers end later. Resolves when they have. */
  remove(pod: SimPod, forced = false): Promise<void> {
    pod.listed = false;
    pod.ready = false;
    this.#changed();
    return this.#stop(pod, forced ? Math.min(FORCED_END_MS, pod.preStopMs) : pod.preStopMs);
  }

  async #stop(pod: SimPod, preStopMs: Millis): Promise<void> {
    await this.wait(preStopMs + this.#between(STOPS_MS.from, STOPS_MS.to));
    pod.dead = true;
    await this.wait(SIDECAR_MS);
    pod.gone = true;
  }

  async #start(pod: SimPod, becomesReady: boolean): Promise<void> {
    const startMs = this.#startOf(pod);
    const address = startMs * this.#between(ADDRESS.from, ADDRESS.to);
    await this.wait(address);
    if (pod.services.length > 0) pod.listed = true;
    this.#changed();
    if (!becomesReady) return new Promise(() => {});
    await this.wait(startMs - address);
    pod.ready = true;
    this.#changed();
  }

  #startOf({ startMs }: SimPod): Millis {
    if (startMs === undefined || startMs > LONGEST_START_MS) return this.#between(UNKNOWN_START.from, UNKNOWN_START.to);
    const spread = startMs * ABOUT.part;
    const least = Math.max(SHORTEST_START_MS, startMs - spread - ABOUT.less);
    return this.#between(least, startMs + spread + ABOUT.more);
  }

  #between(from: number, to: number): number {
    return from + (to - from) * this.#random();
  }

  #changed(): void {
    this.changedAt = this.#time.ms;
    for (const listener of this.#listeners) listener();
  }
}
