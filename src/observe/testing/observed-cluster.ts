import type { HistoryEvent } from '../../model/history.ts';
import { KINDS, type KubeKind, type KubeObject, ZONE_LABEL } from '../../model/kubernetes.ts';
import { meetsAll, parseLabelSelector } from '../../model/label-selector.ts';
import type { Cluster, HistoryWriter, ObserveTrouble } from '../../model/ports.ts';
import type { ObservedScope } from '../../model/target.ts';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import { observeAll } from '../index.ts';
import type { Named } from '../named.ts';

type Filter = { namespace?: string; labelSelector?: string };
type Observer = {
  readonly kind: KubeKind;
  readonly filter: Filter;
  readonly tell: (objects: readonly KubeObject[]) => void;
  readonly trouble: (trouble: ObserveTrouble) => void;
};

const refuse = () => Promise.reject(new Error('not for observers'));

/** A cluster that only shows what a spec puts into it, with virtual time. */
export class ObservedCluster {
  readonly clock = virtualClock();
  readonly events: HistoryEvent[] = [];
  /** What the proxy of a pod (`namespace/name`) answers; throws where nobody listens. */
  answer: (pod: string, port: number, path: string) => string | Promise<string> = () => '';
  /** What the admin port of a pod's proxy answers. */
  admin: (pod: string, path: string) => string | Promise<string> = () => '{}';
  /** Pods whose proxy a way is open to. */
  readonly ways: string[] = [];
  /** What the run is about. */
  named: Named = { services: [], affected: [] };
  /** What the targets file says of networks, and whether clauses speak of subsets. */
  networks: ReadonlyMap<string, string> = new Map();
  bySubset = false;
  /** How long an observation goes on after the signal. */
  leaving: Promise<void> = Promise.resolve();
  readonly #name: string;
  readonly #configuredBy: string | undefined;
  readonly #objects = new Map<string, KubeObject>();
  readonly #observers: Observer[] = [];
  readonly #ending = new AbortController();
  #observing: Promise<void> = Promise.resolve();

  constructor(name = 'tokyo', configuredBy?: string) {
    this.#name = name;
    this.#configuredBy = configuredBy;
  }

  /** Begins to observe, together with others; what is there already is told at once. `mute` kinds are never told of. */
  start(
    scope: ObservedScope,
    mute: (kind: string, filter: Filter) => boolean = () => false,
    others: readonly ObservedCluster[] = [],
  ): this {
    const clusters = [this, ...others].map((one) => one.#cluster(mute));
    const { clock, named, networks, bySubset } = this;
    const asked = { clusters, scope, named, networks, bySubset };
    this.#observing = observeAll({ ...asked, history: this.#history(), clock }, this.#ending.signal);
    return this;
  }

  #cluster(mute: (kind: string, filter: Filter) => boolean): Cluster {
    return {
      name: this.#name,
      region: 'ap-northeast-1',
      ...(this.#configuredBy !== undefined && { configuredBy: this.#configuredBy }),
      get: refuse,
      list: refuse,
      create: refuse,
      patch: refuse,
      delete: refuse,
      can: refuse,
      identity: refuse,
      exec: refuse,
      podProxy: async (namespace, pod, port, path) => {
        if (!/^\/stats\/prometheus(\?|$)/.test(path)) throw new Error(`404 ${path}`);
        return this.answer(`${namespace}/${pod}`, port, path);
      },
      proxyAdmin: ({ namespace, pod }, signal) => {
        const name = `${namespace}/${pod}`;
        this.ways.push(name);
        signal.addEventListener('abort', () => this.ways.splice(this.ways.indexOf(name), 1), { once: true });
        return { get: async (path) => this.admin(name, path) };
      },
      observe: (kind, filter, tell, signal, trouble = () => {}) => {
        if (!mute(kind.kind, filter)) tell(this.#find(kind, filter));
        this.#observers.push({ kind, filter, tell, trouble });
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(this.leaving));
        });
      },
    };
  }

  /** Lets virtual time pass, then ends the observation. */
  async run(ms: number): Promise<void> {
    await this.clock.sleep(ms);
    this.#ending.abort();
    await this.#observing;
  }

  /** Adds or replaces objects and tells whoever observes them, as a watch does. */
  put(...objects: readonly KubeObject[]): this {
    for (const object of objects) this.#objects.set(keyOf(object), object);
    for (const object of objects) this.#tell(object);
    return this;
  }

  remove(object: KubeObject): void {
    this.#objects.delete(keyOf(object));
    this.#tell(object);
  }

  trouble(kind: KubeKind, trouble: ObserveTrouble): void {
    for (const observer of this.#observers) if (observer.kind.kind === kind.kind) observer.trouble(trouble);
  }

  of<T extends HistoryEvent['type']>(type: T): Extract<HistoryEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<HistoryEvent, { type: T }> => event.type === type);
  }

  #history(): HistoryWriter {
    return {
      now: () => this.clock.now(),
      append: (event) => {
        const stamp = { seq: this.events.length, t: this.clock.now(), wall: '' };
        this.events.push({ ...stamp, ...event } as HistoryEvent);
        return stamp;
      },
    };
  }

  #tell(object: KubeObject): void {
    for (const { kind, filter, tell } of this.#observers) {
      if (kind.kind !== object.kind) continue;
      if (filter.namespace === undefined || filter.namespace === object.metadata.namespace) {
        tell(this.#find(kind, filter));
      }
    }
  }

  #find(kind: KubeKind, { namespace, labelSelector = '' }: Filter): KubeObject[] {
    const wanted = parseLabelSelector(labelSelector);
    return [...this.#objects.values()].filter(
      ({ kind: own, metadata }) =>
        own === kind.kind &&
        (namespace === undefined || metadata.namespace === namespace) &&
        meetsAll(wanted, metadata.labels),
    );
  }
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

/** A pod on the node of a zone, ready and with a sidecar unless it is said otherwise. */
export function pod(
  name: string,
  more: {
    namespace?: string;
    zone?: string;
    ready?: boolean;
    sidecar?: 'container' | 'native' | 'mark' | 'none';
    labels?: Record<string, string>;
    uid?: string;
    leaving?: boolean;
  } = {},
): KubeObject {
  const { namespace = 'default', zone = 'a', ready = true, sidecar = 'container', labels = {}, uid = name } = more;
  const proxy = { name: 'istio-proxy' };
  return {
    ...KINDS.pod,
    metadata: {
      name,
      namespace,
      uid: `${namespace}/${uid}`,
      labels,
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          name: name.replace(/-[^-]*$/, ''),
          uid: 'owner',
          controller: true,
        },
      ],
      ...(sidecar === 'mark' ? { annotations: { 'sidecar.istio.io/status': '{}' } } : {}),
      ...(more.leaving === true ? { deletionTimestamp: '2026-11-22T09:00:00Z' } : {}),
    },
    spec: {
      nodeName: `node-${zone}`,
      containers: [{ name: 'app' }, ...(sidecar === 'container' ? [proxy] : [])],
      initContainers: sidecar === 'native' ? [proxy] : [],
    },
    status: { podIP: `ip-of-${name}`, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

export function node(zone: string): KubeObject {
  return { ...KINDS.node, metadata: { name: `node-${zone}`, labels: { [ZONE_LABEL]: zone } } };
}

/** An EndpointSlice of a Service with these pods. */
export function slice(
  service: string,
  pods: readonly { pod: string; zone?: string; ready?: boolean; terminating?: boolean }[],
  more: { namespace?: string; name?: string } = {},
): KubeObject {
  const { namespace = 'default', name = `${service}-x` } = more;
  return {
    ...KINDS.endpointSlice,
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': service } },
    endpoints: pods.map(({ pod: target, zone = 'a', ready, terminating }) => ({
      addresses: [`ip-of-${target}`],
      zone,
      conditions: { ...(ready === undefined ? {} : { ready }), ...(terminating === undefined ? {} : { terminating }) },
      targetRef: { kind: 'Pod', name: target },
    })),
  };
}

/** A statistics page with one row for each Service. */
export function page(
  ...rows: readonly { host: string; port?: number; active?: number; total?: number; overflow?: number }[]
): string {
  const metric = 'envoy_cluster_outlier_detection_ejections_';
  return rows
    .flatMap(({ host, port = 80, active = 0, total = 0, overflow = 0 }) => {
      const label = `{cluster_name="outbound|${port}||${host}.svc.cluster.local;"}`;
      return [
        `${metric}active${label} ${active}`,
        `${metric}enforced_total${label} ${total}`,
        `${metric}overflow${label} ${overflow}`,
      ];
    })
    .join('\n');
}
