import type { PodCluster } from '../../../model/ports.ts';
import { hrtimeMicros } from '../../clock.ts';
import { CHAIN } from '../../testing/load-fixture.ts';

/** Requests of all pods together are due this often. */
const INTERVAL_MS = 10;

/** How a pod is not as it should be. */
export type Misbehaviour = {
  /** Its REST interface does not answer. */
  silent?: boolean;
  /** Its REST interface does not answer this often. */
  shy?: number;
  /** It has sent this many requests, then its log breaks off. */
  breaksAfter?: number;
  /** It has sent this many requests, then its log ends. */
  endsAfter?: number;
  /** Its log comes this much later. */
  lateMs?: number;
  /** Lines of its log besides the requests. */
  says?: readonly string[];
  /** Line of its log when it is told to end. */
  bye?: string;
  /** It ends when it is told to, without an answer. */
  curt?: boolean;
};

type FakePod = Misbehaviour & { readonly zeroMs: number; number: number; stopped: boolean };

/** Pods for specs that share an open model of one path, each with a clock of its own; they send from their first log on. */
export class FakePods {
  readonly asked: string[] = [];
  /** How the logs that are followed are ended. */
  readonly signals: AbortSignal[] = [];
  readonly #start = hrtimeMicros() / 1000;
  readonly #pods: ReadonlyMap<string, FakePod>;

  constructor(pods: Readonly<Record<string, Misbehaviour>>) {
    const all = Object.entries(pods).map(([name, how], index): [string, FakePod] => {
      return [name, { ...how, zeroMs: this.#start - 5000 * index, number: 0, stopped: false }];
    });
    this.#pods = new Map(all);
  }

  readonly cluster: Pick<PodCluster, 'podLog' | 'podPatch' | 'podProxy'> = {
    podLog: ({ namespace, pod, container }, onLine, signal) => {
      this.asked.push(`log ${namespace}/${pod} ${container}`);
      this.signals.push(signal);
      return this.#log(pod, onLine, signal);
    },
    podPatch: async (namespace, pod, port, path, body) => {
      this.asked.push(`patch ${namespace}/${pod}:${port}${path} ${JSON.stringify(body)}`);
      const found = this.#pod(pod);
      found.stopped = true;
      if (found.curt) throw new Error('no answer');
      return '';
    },
    podProxy: async (namespace, pod, port, path) => {
      const what = `get ${namespace}/${pod}:${port}${path}`;
      if (!this.asked.includes(what)) this.asked.push(what);
      const found = this.#pod(pod);
      found.shy = (found.shy ?? 0) - 1;
      if (found.silent || found.shy >= 0) throw new Error('cannot be asked');
      const sample = { count: 1000, rate: 1_000_000 / (hrtimeMicros() / 1000 - found.zeroMs) };
      return JSON.stringify({ data: [{ id: 'iterations', attributes: { sample } }] });
    },
  };

  #pod(name: string): FakePod {
    const found = this.#pods.get(name);
    if (found === undefined) throw new Error(`there is no pod ${name}`);
    return found;
  }

  #log(name: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    const pod = this.#pod(name);
    pod.says?.forEach(onLine);
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        this.#send(name, pod, onLine);
        const broken = pod.number === pod.breaksAfter;
        if (!broken && !pod.stopped && !signal.aborted && pod.number !== pod.endsAfter) return;
        clearInterval(timer);
        if (pod.stopped && pod.bye !== undefined) onLine(pod.bye);
        if (broken) reject(new Error('the log broke off'));
        else resolve();
      }, 3);
    });
  }

  /** What is due by now. */
  #send(name: string, pod: FakePod, onLine: (line: string) => void): void {
    const turn = [...this.#pods.keys()].indexOf(name);
    for (; pod.number !== (pod.breaksAfter ?? pod.endsAfter); pod.number += 1) {
      const due = this.#start + (pod.number * this.#pods.size + turn) * INTERVAL_MS;
      if (due + (pod.lateMs ?? 2) > hrtimeMicros() / 1000) return;
      const b = due - pod.zeroMs;
      const msg = JSON.stringify({ p: 0, i: pod.number, b, t0: b, t1: b + 1, s: 200, x: CHAIN });
      onLine(JSON.stringify({ level: 'info', msg, source: 'console' }));
    }
  }
}
