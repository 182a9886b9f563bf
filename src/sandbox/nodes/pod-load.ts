import type { Clock, Random } from '../../model/ports.ts';
import type { Micros, Millis } from '../../model/units.ts';

/** Cores of a node: what a pod without a limit may use (nodes/node-object.ts). */
const NODE_CORES = 8;
/** In each of these the kernel lets a pod run for its share of them, and then no more (Linux: CFS bandwidth control). */
const PERIOD_MS: Millis = 100;

/** What the containers that came into a pod later use of it. */
export class PodLoad {
  /** Processes that use as much CPU as they get. */
  busy = 0;

  /** How long a request waits while something is busy, because the pod has used up its share of a period, with its own application in it. */
  waitMs(limit: number | undefined, random: Random): Millis {
    const wanted = this.busy + 1;
    const throttledMs = PERIOD_MS * (1 - Math.min(1, (limit ?? NODE_CORES) / wanted));
    return Math.max(0, throttledMs - PERIOD_MS * random());
  }
}

/** The loads of all pods, by address. */
export class PodLoads {
  readonly #byIp = new Map<string, PodLoad>();

  /** What is used in a pod; nothing at first. */
  of(ip: string): PodLoad {
    const known = this.#byIp.get(ip) ?? new PodLoad();
    this.#byIp.set(ip, known);
    return known;
  }

  remove(ip: string): void {
    this.#byIp.delete(ip);
  }
}

/** What one container uses, as the kernel counts it in its control group. */
export class ContainerUse {
  readonly #clock: Clock;
  readonly #pod: PodLoad;
  readonly #cores: number;
  #busy = 0;
  #micros: Micros = 0;
  #countedAt: Micros;
  #bytes = 0;

  /** `limit` is what the pod as a whole may use, in cores. */
  constructor(clock: Clock, pod: PodLoad, limit: number | undefined) {
    this.#cores = limit ?? NODE_CORES;
    this.#clock = clock;
    this.#pod = pod;
    this.#countedAt = clock.now();
  }

  /** One more process that uses as much CPU as it gets, until the returned function is called. */
  occupy(): () => void {
    this.#occupied(1);
    return () => this.#occupied(-1);
  }

  #occupied(change: 1 | -1): void {
    this.#count();
    this.#busy += change;
    this.#pod.busy += change;
  }

  /** Memory that is held until the returned function is called. */
  hold(bytes: number): () => void {
    this.#bytes += bytes;
    return () => {
      this.#bytes -= bytes;
    };
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What a file of the control group says; undefined where it is none. */
  file(path: string): string | undefined {
    this.#count();
    if (path === '/sys/fs/cgroup/cpu.stat') return `usage_usec ${Math.round(this.#micros)}\n`;
    return path === '/sys/fs/cgroup/memory.current' ? `${this.#bytes}\n` : undefined;
  }

  #count(): void {
    const now = this.#clock.now();
    // All that is busy in a pod shares what the pod gets.
    const share = Math.min(1, this.#cores / Math.max(1, this.#pod.busy));
    this.#micros += this.#busy * share * (now - this.#countedAt);
    this.#countedAt = now;
  }
}
