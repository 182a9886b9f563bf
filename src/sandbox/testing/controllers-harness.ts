import { setImmediate as nextTurn } from 'node:timers/promises';
import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import type { Clock, Random } from '../../model/ports.ts';
import { asMap, asObject, at, clone } from '../api/json.ts';
import { createStore, type ObjectStore } from '../api/store.ts';
import { startControllers } from '../controllers/start.ts';
import { type StubKubelet, startStubKubelet } from './stub-kubelet.ts';

/** A clock that stands still until it is told to go on. */
export type ManualClock = Clock & { advance(ms: number): void };

export function manualClock(start = Date.parse('2026-01-01T00:00:00Z')): ManualClock {
  let elapsed = 0;
  const sleepers = new Set<{ due: number; wake: () => void }>();
  return {
    now: () => elapsed * 1000,
    wall: () => new Date(start + elapsed),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { due: elapsed + ms, wake: resolve };
        sleepers.add(sleeper);
        const wake = (): void => {
          sleepers.delete(sleeper);
          resolve();
        };
        if (signal?.aborted === true) wake();
        signal?.addEventListener('abort', wake, { once: true });
      }),
    advance(ms) {
      elapsed += ms;
      for (const sleeper of [...sleepers]) {
        if (sleeper.due > elapsed) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

export type Harness = {
  readonly store: ObjectStore;
  readonly clock: ManualClock;
  readonly kubelet: StubKubelet;
  /** What the controllers threw. */
  readonly errors: unknown[];
  /** Waits until nothing changes any more at this time. */
  settled(): Promise<void>;
  get(kind: KubeKind, name: string, namespace?: string): KubeObject | undefined;
  /** Names of all objects of a kind in a namespace. */
  names(kind: KubeKind, namespace?: string): string[];
  /** Changes an object in place of a client. */
  change(kind: KubeKind, name: string, edit: (object: ReturnType<typeof asMap>) => void): void;
  stop(): void;
};

const QUIET_TURNS = 12;

/** A cluster without an API server: store, controllers and a stub kubelet on a clock that stands still. */
export function startHarness(): Harness {
  const clock = manualClock();
  const random = seeded(1);
  const store = createStore({ clock, random });
  const errors: unknown[] = [];
  const controllers = startControllers({ store, clock, random, onError: (_, __, error) => errors.push(error) });
  const kubelet = startStubKubelet({ store, clock });
  const get: Harness['get'] = (kind, name, namespace = 'default') => store.get({ ...kind, name, namespace });
  return {
    store,
    clock,
    kubelet,
    errors,
    get,
    names: (kind, namespace = 'default') => store.list(kind, namespace).map((one) => one.metadata.name ?? ''),
    async settled() {
      for (let quiet = 0, before = -1; quiet < QUIET_TURNS; quiet += 1) {
        if (store.revision() !== before) quiet = 0;
        before = store.revision();
        await nextTurn();
      }
    },
    change(kind, name, edit) {
      const object = get(kind, name);
      if (object === undefined) throw new Error(`no ${kind.kind} ${name}`);
      const next = clone(asMap(object));
      edit(next);
      store.update(asObject(next));
    },
    stop() {
      controllers.stop();
      kubelet.stop();
    },
  };
}

export function node(name: string, zone: string): KubeObject {
  return {
    ...KINDS.node,
    metadata: { name, labels: { 'topology.kubernetes.io/zone': zone, 'kubernetes.io/hostname': name } },
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'ready' }],
      nodeInfo: { kubeletVersion: 'v1.36.4' },
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    },
  };
}

export function deployment(name: string, replicas: number, more: Record<string, unknown> = {}): KubeObject {
  return asObject({
    ...KINDS.deployment,
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: `${name}:1`, ports: [{ name: 'http', containerPort: 8080 }] }] },
      },
      ...(more as Record<string, never>),
    },
  });
}

export function service(name: string, more: Record<string, unknown> = {}): KubeObject {
  return asObject({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 'http' }], ...(more as Record<string, never>) },
  });
}

/** Status of a condition, `undefined` when there is none. */
export function conditionOf(
  object: KubeObject | undefined,
  type: string,
): { status?: string; reason?: string } | undefined {
  const conditions = (at(object, 'status', 'conditions') ?? []) as { type: string; status?: string; reason?: string }[];
  return conditions.find((one) => one.type === type);
}
