import { isDeepStrictEqual } from 'node:util';
import { applyPatch } from 'rfc6902';
import { FaultlineError } from '../../model/errors.ts';
import {
  type ContainerRef,
  KINDS,
  type KubeKind,
  type KubeObject,
  type ObjectRef,
  type PodRef,
} from '../../model/kubernetes.ts';
import { meetsAll, parseLabelSelector } from '../../model/label-selector.ts';
import type { Cluster, ExecResult, Outside, ProxyAdmin } from '../../model/ports.ts';
import type { Json } from '../../model/scenario.ts';
import { stateOf } from './cluster-state.ts';
import { endWith, isWorkload, replace, rollOut } from './fake-controllers.ts';
import { filtersOf, routesOf } from './fake-istiod.ts';
import { isActing, runIn, startContainers } from './fake-kubelet.ts';
import { ownedAfter } from './fake-managed-fields.ts';

/** One request to the cluster, numbered from 1. */
/** An access review of any other verb is answered with no, as RBAC grants by name. */
const VERBS = new Set(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']);

type Request = {
  readonly at: number;
  readonly verb: 'get' | 'list' | 'create' | 'patch' | 'delete';
  readonly kind: string;
  readonly subresource?: string | undefined;
  /** Empty for what has no namespace, and for a list of all. */
  readonly namespace: string;
  /** Empty for a list. */
  readonly name: string;
  readonly isWrite: boolean;
};

type Place = {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string;
};
type Filter = { namespace?: string; labelSelector?: string };

/** What a hook does, outside of the cluster: it is on while this is there. */
export const OUTSIDE = { apiVersion: 'outside/v1', kind: 'Outside' };

/** A cluster in memory with just enough controllers for the faults: Deployments roll out, scale and replace pods at once. */
export class FakeCluster implements Cluster {
  name = 'tokyo';
  readonly region = 'ap-northeast-1';
  readonly objects = new Map<string, KubeObject>();
  requests = 0;
  /** Those of the lock not counted: it is renewed all the time. */
  writes = 0;
  /** Requests that were begun and have no answer yet. */
  open = 0;
  /** Awaited before each request is looked at. */
  pause: (request: Request) => Promise<void> | void = () => {};
  /** Called before each request: what it throws is the answer, and nothing is done. */
  before: (request: Request) => void = () => {};
  /** Called when a request is done: what it throws is the answer all the same. */
  after: (request: Request) => void = () => {};
  /** Called before each write: how many requests later it is done, though its sender hears now that there is no answer. */
  late: (request: Request) => number | undefined = () => undefined;
  /** What admission makes of an object that is written by a request, or by a dry run of one. */
  admit: (object: KubeObject, isDryRun: boolean) => KubeObject = (object) => object;
  /** Does what controllers make of a write: at once. */
  control: (act: () => void) => void = (act) => act();
  /** Whether no controller does anything: a write changes what it writes and nothing else. */
  frozen = false;
  /** What access reviews answer. */
  allows: (verb: string, kind: KubeKind, namespace: string) => boolean = () => true;
  #uid = 0;
  #version = 0;
  #delayed: { readonly due: number; readonly act: () => unknown }[] = [];

  /** Puts an object there as it is; what has no UID gets one. */
  add(object: KubeObject): KubeObject {
    const stored = structuredClone(object);
    stored.metadata.uid ??= `uid-${++this.#uid}`;
    stored.metadata.resourceVersion = String(++this.#version);
    this.objects.set(keyOf(stored, stored.metadata.namespace, stored.metadata.name ?? ''), stored);
    return stored;
  }

  /** Puts an object there as somebody else's write does, with what follows from it; no request. */
  put(object: KubeObject): void {
    const former = this.objects.get(keyOf(object, object.metadata.namespace, object.metadata.name ?? ''));
    const stored = this.add(object);
    if (!this.frozen && object.kind === KINDS.pod.kind) startContainers(stored);
    if (this.frozen || !isWorkload(object) || isDeepStrictEqual(former?.spec, stored.spec)) return;
    this.control(() => {
      const latest = this.objects.get(keyOf(stored, stored.metadata.namespace, stored.metadata.name ?? ''));
      if (latest !== undefined) rollOut(this, latest, former);
    });
  }

  /** Does what was delayed and is due at this request; all of it without one. What its own tests forbid is not done. */
  land(request = Number.POSITIVE_INFINITY): void {
    const due = this.#delayed.filter((one) => one.due <= request);
    this.#delayed = this.#delayed.filter((one) => one.due > request);
    for (const { act } of due) {
      try {
        act();
      } catch (error) {
        if (!(error instanceof FaultlineError)) throw error;
      }
    }
  }

  /** A name ending that no other pod has. */
  tail(): string {
    return `n${++this.#uid}`;
  }

  /** All objects of a kind as they are; no request. */
  all(kind: KubeKind): KubeObject[] {
    return [...this.objects.values()].filter((object) => object.kind === kind.kind);
  }

  /** The whole state without what any write changes by itself: equal before a fault and after its undo. */
  snapshot(): Json {
    return stateOf([...this.objects.values()]);
  }

  async get(ref: ObjectRef): Promise<KubeObject | undefined> {
    const { namespace, name } = ref;
    return this.#request('get', ref, { namespace, name }, false, () =>
      structuredClone(this.objects.get(keyOfRef(ref))),
    );
  }

  async list(kind: KubeKind, filter: Filter): Promise<KubeObject[]> {
    const { namespace, labelSelector = '' } = filter;
    const requirements = parseLabelSelector(labelSelector);
    return this.#request('list', kind, { namespace }, false, () =>
      structuredClone(
        this.all(kind)
          .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
          .filter(({ metadata }) => meetsAll(requirements, metadata.labels)),
      ),
    );
  }

  async create(object: KubeObject, options?: { readonly dryRun: boolean }): Promise<KubeObject> {
    const { namespace, name = '' } = object.metadata;
    const isWrite = options?.dryRun !== true;
    return this.#request('create', object, { namespace, name }, isWrite, () => {
      if (this.objects.has(keyOf(object, namespace, name))) throw conflict(`${object.kind} ${name} exists already`);
      const stored = this.admit(structuredClone(object), !isWrite);
      return isWrite ? structuredClone(this.add(stored)) : stored;
    });
  }

  async patch(
    ref: Parameters<Cluster['patch']>[0],
    ops: Parameters<Cluster['patch']>[1],
    options?: { readonly dryRun: boolean },
  ): Promise<KubeObject> {
    const isWrite = options?.dryRun !== true;
    return this.#request('patch', ref, ref, isWrite, () => {
      const object = this.objects.get(keyOfRef(ref));
      if (object === undefined) throw new FaultlineError('KUBE_API', `${ref.kind} ${ref.name} not found`);
      const next = structuredClone(object);
      const failed = applyPatch(next, structuredClone([...ops])).find((error) => error !== null);
      if (failed !== undefined && failed !== null) throw conflict(failed.message);
      const stored = ownedAfter(object, this.admit(next, !isWrite));
      // What changes nothing is no new version.
      if (!isWrite || isDeepStrictEqual(stored, object)) return stored;
      this.put(stored);
      return structuredClone(this.objects.get(keyOfRef(ref)) ?? stored);
    });
  }

  /** Over a WebSocket it is asked twice: the upgrade is a GET, and what it does is a create. */
  async exec(where: ContainerRef, command: readonly string[]): Promise<ExecResult> {
    const { namespace, pod: name } = where;
    const place = { namespace, name, subresource: 'exec' };
    await this.#request('get', KINDS.pod, place, false, () => undefined);
    return this.#request('create', KINDS.pod, place, isActing(command), () => {
      const ran = runIn(this.objects.get(keyOf(KINDS.pod, namespace, name)), where, command);
      if (ran === undefined) throw new FaultlineError('KUBE_API', `container ${where.container} does not run`);
      return ran;
    });
  }

  async delete(ref: ObjectRef, options?: { uid?: string; evict?: boolean; foreground?: boolean }): Promise<void> {
    const [verb, place] = options?.evict
      ? (['create', { ...ref, subresource: 'eviction' }] as const)
      : (['delete', ref] as const);
    await this.#request(verb, ref, place, true, () => {
      const object = this.objects.get(keyOfRef(ref));
      if (object === undefined) return;
      if (options?.uid !== undefined && options.uid !== object.metadata.uid) throw conflict('another UID');
      if (options?.foreground === true && isWorkload(object)) return this.#deleteLast(object);
      this.objects.delete(keyOfRef(ref));
      if (!this.frozen && object.kind === KINDS.pod.kind) this.control(() => replace(this, object));
    });
  }

  /** Two commands: `on` and `off` do something outside, and `look` says whether it is on. */
  readonly outside: Outside = {
    act: async (action) => {
      const [what = ''] = 'command' in action ? action.command : [];
      return this.#request('get', OUTSIDE, {}, false, () => {
        const key = keyOf(OUTSIDE, undefined, 'it');
        if (what === 'off') this.objects.delete(key);
        else if (what === 'on' && !this.frozen) this.add({ ...OUTSIDE, metadata: { name: 'it' } });
        return { code: what === 'look' && !this.objects.has(key) ? 1 : 0, said: '' };
      });
    },
    seal: async (text) => `sealed ${text.length}`,
    surroundings: async () => ({ programs: { folder: '/drills', always: {} }, values: {} }),
    obstacles: async () => [],
  };

  async observe(): Promise<void> {}

  async can(verb: string, kind: KubeKind, namespace: string): Promise<boolean> {
    return VERBS.has(verb) && this.allows(verb, kind, namespace);
  }

  async podProxy(): Promise<string> {
    return '';
  }

  /** By port-forward it is asked twice: the upgrade is a GET, and what it does is a create. */
  proxyAdmin({ namespace, pod: name }: PodRef): ProxyAdmin {
    const place = { namespace, name, subresource: 'portforward' };
    return {
      get: async () => {
        await this.#request('get', KINDS.pod, place, false, () => undefined);
        return this.#request('create', KINDS.pod, place, false, () => {
          const pod = this.objects.get(keyOf(KINDS.pod, namespace, name));
          const filters = filtersOf(this.all(KINDS.envoyFilter), pod);
          return JSON.stringify(this.frozen ? [] : [...filters, ...routesOf(this.all(KINDS.virtualService), pod)]);
        });
      },
    };
  }

  async identity() {
    return { uid: 'uid-of-tokyo', server: 'http://127.0.0.1:1', version: 'v1.36.0+faultline-sandbox' };
  }

  /** What it owns goes first: at once, where anybody does anything. */
  #deleteLast(workload: KubeObject): void {
    const { metadata } = workload;
    Object.assign(metadata, { deletionTimestamp: '2026-11-22T09:00:00Z', finalizers: ['foregroundDeletion'] });
    if (this.frozen) return;
    this.control(() => endWith(this, workload));
  }

  async #request<T>(
    verb: Request['verb'],
    { kind }: KubeKind,
    { namespace = '', name = '', subresource }: Place,
    isWrite: boolean,
    act: () => T,
  ): Promise<T> {
    if (isWrite && kind !== KINDS.lease.kind) this.writes++;
    const request: Request = { at: ++this.requests, verb, kind, subresource, namespace, name, isWrite };
    this.open++;
    try {
      await this.pause(request);
      this.land(request.at);
      this.before(request);
      const delay = isWrite ? this.late(request) : undefined;
      if (delay !== undefined) {
        this.#delayed.push({ due: request.at + delay, act });
        throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
      }
      const result = act();
      this.after(request);
      return result;
    } finally {
      this.open--;
    }
  }
}

function conflict(message: string): FaultlineError {
  return new FaultlineError('FAULT_CONFLICT', message);
}

function keyOfRef(ref: ObjectRef): string {
  return keyOf(ref, ref.namespace, ref.name);
}

function keyOf(kind: KubeKind, namespace: string | undefined, name: string): string {
  return `${kind.kind} ${namespace ?? ''}/${name}`;
}
