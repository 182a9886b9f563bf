import { KINDS, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import { nodeOf } from '../../model/pod-object.ts';
import type { Clock } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import { timestamp } from '../api/identity.ts';
import { asMap, clone, type JsonMap, listOf, mapOf, mapsOf, numberOf, stringOf } from '../api/json.ts';
import type { Signal } from '../api/signal.ts';
import type { ObjectStore } from '../api/store.ts';
import {
  type Call,
  callOf,
  environmentOf,
  isUnknownImage,
  type Program,
  portNumber,
  portsOf,
  preStopSeconds,
  programOf,
} from './container.ts';
import { kubeletEvent, type PodEvents } from './kubelet-events.ts';
import { type PodStage, podStatus } from './pod-status.ts';

/** A container that ends and begins anew while its pod stays. */
export type RestartableApp = {
  readonly container: string;
  /** Its first process is told to end, from within the pod. */
  end(): void;
  /** Fires when it has ended. */
  readonly ended: Signal;
  begin(): void;
};

/** A started pod, as far as its kubelet cares. */
export type StartedPod = {
  listens(port: number): boolean;
  /** Whether the command of a probe succeeds in its container; where nobody can say, what listens decides. */
  passes?(command: readonly string[]): boolean;
  /** Exit code of a container that may end by itself. */
  readonly exited?: Promise<number>;
  /** Its first container, where that can end and begin anew in the pod. */
  readonly app?: RestartableApp;
  /** How long its sidecar takes before the containers start; the pod has its address by then and is not ready. */
  readonly sidecarStartMs?: Millis;
  /** Resolves when its sidecar has been configured for the first time, before which the pod is not ready; at once where it has none. */
  readonly configured?: Promise<void>;
  close(): void;
};

/** What the kubelet asks for when it starts the containers of a pod. */
export type PodStart = {
  readonly object: KubeObject;
  readonly ip: string;
  readonly program: Program;
  readonly environment: Readonly<Record<string, string>>;
  /** What the program calls, where it does nothing else. */
  readonly call: Call | undefined;
  readonly ports: readonly number[];
};

type KubeletOptions = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly events: PodEvents;
  readonly podStartMs: Millis;
  readonly nextPodIp: (node: string) => string;
  readonly hostIp: (node: string) => string;
  readonly startPod: (start: PodStart) => Promise<StartedPod>;
};

/**
 * How long the containers of a pod go on after it was told to go, whatever its hook is: the kubelet hears of it by its
 * watch, and the runtime needs a moment. Proxies have heard by then, so on real clusters a killed pod is hardly ever ejected.
 */
const STOP_MS: Millis = 300;
/** What the kubelet leaves of a preStop hook when there is no grace (Kubernetes: minimumGracePeriodInSeconds). */
const LEAST_GRACE_S = 2;

type Work = {
  readonly over: AbortController;
  started?: StartedPod;
  /** The container has ended by itself. */
  ended: boolean;
  ip?: string;
  startedAt: string;
  /** How often the container was started again. */
  restarts: number;
};

/**
 * The kubelets of one cluster's nodes. Bound pods are started after `podStartMs`, probed, stopped when they are deleted
 * (after their preStop sleep, or in a moment when forced) and then finally removed. The first container decides what runs; one
 * that ends by itself is not started again (restartPolicy Never).
 */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #work = new Map<string, Work>();
  readonly #killed = new Set<StartedPod>();
  readonly #stopListening: () => void;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#stopListening = options.store.onChange(({ type, object }) => {
      if (object.kind === 'Pod') this.#onPod(object, type === 'DELETED');
    });
  }

  close(): void {
    this.#stopListening();
    for (const work of this.#work.values()) {
      work.over.abort();
      work.started?.close();
    }
    for (const started of this.#killed) started.close();
    this.#work.clear();
    this.#killed.clear();
  }

  #onPod(pod: KubeObject, gone: boolean): void {
    const uid = pod.metadata.uid ?? '';
    const work = this.#work.get(uid);
    if (gone) {
      this.#work.delete(uid);
      const hook = work?.over.signal.aborted ? 0 : Math.min(LEAST_GRACE_S, preStopSeconds(containerOf(pod)));
      work?.over.abort();
      if (work?.started !== undefined) void this.#kill(work, work.started, hook * 1000);
    } else if (pod.metadata.deletionTimestamp !== undefined) {
      if (work === undefined || !work.over.signal.aborted) void this.#stop(pod, work);
    } else if (work === undefined && nodeOf(pod) !== '' && phaseOf(pod) === 'Pending') {
      const created: Work = { over: new AbortController(), ended: false, startedAt: '', restarts: 0 };
      this.#work.set(uid, created);
      void this.#start(pod, created);
    }
  }

  async #start(pod: KubeObject, work: Work): Promise<void> {
    const { clock, events, podStartMs, nextPodIp, startPod } = this.#options;
    const { signal } = work.over;
    const container = containerOf(pod);
    this.#report(pod, work, { kind: 'creating' });
    await clock.sleep(podStartMs, signal);
    if (signal.aborted) return;
    work.ip = nextPodIp(nodeOf(pod));
    const program = programOf(container);
    if (program === 'crash' || program === 'done') return this.#endAtOnce(pod, work, program === 'crash' ? 1 : 0);
    const start = { object: pod, ip: work.ip, program };
    const started = await startPod({
      ...start,
      environment: environmentOf(container),
      call: program === 'caller' ? callOf(container) : undefined,
      ports: portsOf(container),
    }).catch(() => undefined);
    if (started === undefined) return this.#crashLoop(pod, work);
    if (signal.aborted) return started.close();
    work.started = started;
    work.startedAt = timestamp(clock);
    events.record(pod, kubeletEvent(pod, 'Started'));
    if (isUnknownImage(container)) events.record(pod, kubeletEvent(pod, 'NoProgram'));
    const running = new AbortController();
    void started.exited?.then((code) => {
      running.abort();
      work.ended = true;
      const { startedAt } = work;
      this.#report(pod, work, { kind: 'ended', code, startedAt, endedAt: timestamp(clock) });
    });
    const over = AbortSignal.any([signal, running.signal]);
    if (started.sidecarStartMs !== undefined && started.sidecarStartMs > 0) {
      this.#report(pod, work, { kind: 'creating' });
      await clock.sleep(started.sidecarStartMs, over);
      if (over.aborted) return;
    }
    await Promise.race([started.configured, ended(over)]);
    if (over.aborted) return;
    await this.#keep(pod, work, started, over);
  }

  /** Probes a container, and starts it again in place as often as it ends: at once, and then after a back-off. */
  async #keep(pod: KubeObject, work: Work, started: StartedPod, signal: AbortSignal): Promise<void> {
    const { clock, podStartMs } = this.#options;
    let end = new AbortController();
    started.app?.ended.listen(() => end.abort());
    while (!signal.aborted) {
      await this.#probe(pod, work, started, AbortSignal.any([signal, end.signal]));
      if (!end.signal.aborted) await ended(AbortSignal.any([signal, end.signal]));
      if (signal.aborted) return;
      const waitMs = work.restarts === 0 ? podStartMs : backOff(work.restarts - 1);
      this.#report(pod, work, { kind: 'restarting', restarts: work.restarts, endedAt: timestamp(clock) });
      await clock.sleep(waitMs, signal);
      work.restarts += 1;
      work.startedAt = timestamp(clock);
      end = new AbortController();
      started.app?.begin();
    }
  }

  /** Ready without a readiness probe; with one, as often as it succeeds or fails in a row. */
  async #probe(pod: KubeObject, work: Work, started: StartedPod, signal: AbortSignal): Promise<void> {
    const { clock, events } = this.#options;
    const probe = containerOf(pod).readinessProbe;
    const settings = mapOf(probe);
    const port = portNumber(containerOf(pod), mapOf(settings.httpGet ?? settings.tcpSocket).port);
    const command = listOf(mapOf(settings.exec).command).map(String);
    let ready = probe === undefined;
    this.#report(pod, work, { kind: 'running', ready, startedAt: work.startedAt, restarts: work.restarts });
    if (probe === undefined) return;
    await clock.sleep(numberOf(settings.initialDelaySeconds) * 1000, signal);
    for (let same = 0; !signal.aborted; ) {
      const passes = command.length > 0 && started.passes ? started.passes(command) : started.listens(port);
      if (!passes) events.record(pod, kubeletEvent(pod, 'Unhealthy'));
      same = passes === ready ? 0 : same + 1;
      if (same >= numberOf(passes ? settings.successThreshold : settings.failureThreshold, 1)) {
        ready = passes;
        same = 0;
        this.#report(pod, work, { kind: 'running', ready, startedAt: work.startedAt, restarts: work.restarts });
      }
      await clock.sleep(numberOf(settings.periodSeconds, 10) * 1000, signal);
    }
  }

  /** What ends at once is started again where the pod's restartPolicy says so; otherwise that was all. */
  #endAtOnce(pod: KubeObject, work: Work, code: number): Promise<void> | undefined {
    const policy = mapOf(asMap(pod).spec).restartPolicy;
    if (policy !== 'Never' && !(policy === 'OnFailure' && code === 0)) return this.#crashLoop(pod, work);
    const now = timestamp(this.#options.clock);
    this.#report(pod, work, { kind: 'ended', code, startedAt: now, endedAt: now });
    return undefined;
  }

  /** Back-off of 10 s that doubles up to 5 minutes (Kubernetes: CrashLoopBackOff); never ready. */
  async #crashLoop(pod: KubeObject, work: Work): Promise<void> {
    const { clock, events } = this.#options;
    const { signal } = work.over;
    for (let restarts = 0; !signal.aborted; restarts += 1) {
      this.#report(pod, work, { kind: 'crashing', restarts, endedAt: timestamp(clock) });
      events.record(pod, kubeletEvent(pod, 'BackOff'));
      await clock.sleep(backOff(restarts), signal);
    }
  }

  /** The object is gone already; what is left is the least grace there is. */
  async #kill(work: Work, started: StartedPod, hookMs: Millis): Promise<void> {
    delete work.started;
    this.#killed.add(started);
    await this.#options.clock.sleep(work.ended ? 0 : Math.max(STOP_MS, hookMs));
    if (this.#killed.delete(started)) started.close();
  }

  async #stop(pod: KubeObject, work: Work | undefined): Promise<void> {
    const { clock, events, store } = this.#options;
    if (work !== undefined) {
      work.over.abort();
      const grace = pod.metadata.deletionGracePeriodSeconds ?? 0;
      const runs = work.started !== undefined && !work.ended;
      if (runs) events.record(pod, kubeletEvent(pod, 'Killing'));
      const longest = runs ? Math.max(preStopSeconds(containerOf(pod)) * 1000, STOP_MS) : 0;
      await clock.sleep(Math.min(grace * 1000, longest));
      work.started?.close();
      this.#work.delete(pod.metadata.uid ?? '');
    }
    if (store.get(refOf(pod))?.metadata.uid === pod.metadata.uid) store.finalizeDelete(refOf(pod));
  }

  /** Writes the status of a pod that still exists and is not on its way out. */
  #report(pod: KubeObject, work: Work, stage: PodStage): void {
    const { store, clock, hostIp } = this.#options;
    const current = store.get(refOf(pod));
    if (current === undefined || current.metadata.uid !== pod.metadata.uid || work.over.signal.aborted) return;
    const facts = { stage, podIp: work.ip, hostIp: hostIp(nodeOf(pod)), now: timestamp(clock) };
    const next = clone(asMap(current));
    next.status = podStatus(current, facts);
    store.update(next as unknown as KubeObject, { subresource: 'status' });
  }
}

/** 10 s, twice as long each time, up to 5 minutes (Kubernetes: CrashLoopBackOff). */
function backOff(restarts: number): Millis {
  return Math.min(300_000, 10_000 * 2 ** restarts);
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function refOf(pod: KubeObject): ObjectRef {
  return { ...KINDS.pod, namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '' };
}

function phaseOf(pod: KubeObject): string {
  return stringOf(mapOf(asMap(pod).status).phase, 'Pending');
}

function containerOf(pod: KubeObject): JsonMap {
  return mapsOf(mapOf(asMap(pod).spec).containers)[0] ?? {};
}
