import { faultKind } from '../../faults/index.ts';
import type { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { DEAD_MAN_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Clock, Cluster } from '../../model/ports.ts';
import { watchAsDeadMan } from '../dead-man/watch.ts';
import { alteredCluster } from './altered-cluster.ts';

type JobSpec = {
  template: { metadata: { labels: Record<string, string> }; spec: { containers: { args: string[] }[] } };
};

/** Owners that really are objects here. */
const COLLECTED: readonly string[] = [KINDS.configMap.kind, KINDS.job.kind];

/** What stands in for Job controller, kubelet and garbage collector: the dead-man's pod runs in this process. */
export class DeadManHost {
  readonly #cluster: FakeCluster;
  readonly #clock: Clock;
  readonly said: string[] = [];
  /** How each container ended: as its program told, or with what it rejected. */
  readonly ends: (boolean | Error)[] = [];
  /** Called for the n-th container before it starts: what the cluster and the clock are to it. */
  altered: (cluster: Cluster, clock: Clock, container: number) => { cluster: Cluster; clock: Clock } = (
    cluster,
    clock,
  ) => ({ cluster, clock });
  /** Ends all containers. */
  readonly stop = new AbortController();
  #started = 0;

  constructor(cluster: FakeCluster, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
  }

  /** The cluster as everybody else sees it. */
  get seen(): Cluster {
    const cluster = this.#cluster;
    return alteredCluster(cluster, {
      create: async (object, options) => {
        const created = await cluster.create(object, options);
        if (object.kind === KINDS.job.kind && object.metadata.labels?.[DEAD_MAN_LABEL] !== undefined)
          this.#run(created);
        return created;
      },
      delete: async (...args) => {
        await cluster.delete(...args);
        this.#collect();
      },
    });
  }

  /** Starts a container of the Job's pod. */
  #run(job: KubeObject): void {
    const { template } = job.spec as unknown as JobSpec;
    const pod = {
      ...KINDS.pod,
      metadata: {
        name: `${job.metadata.name}-pod`,
        namespace: job.metadata.namespace ?? '',
        labels: template.metadata.labels,
        ownerReferences: [
          { ...KINDS.job, name: job.metadata.name ?? '', uid: job.metadata.uid ?? '', controller: true },
        ],
      },
      status: { phase: 'Running' },
    };
    this.#cluster.add(pod);
    void this.start(template.spec.containers[0]?.args ?? [], () => {
      this.#cluster.add({ ...pod, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } });
    });
  }

  async start(args: readonly string[], armed: () => void = () => {}): Promise<void> {
    const container = ++this.#started;
    const after = (option: string) => args[args.indexOf(option) + 1] ?? '';
    const order = {
      runId: after('--run'),
      cluster: after('--cluster'),
      namespace: after('--lock-namespace'),
      namespaces: after('--namespaces').split(','),
      digests: args.includes('--plans') ? after('--plans').split(',') : [],
      afterMs: Number(after('--after')) * 1000,
    };
    const { cluster, clock } = this.altered(this.seen, this.#clock, container);
    const end = await watchAsDeadMan(cluster, order, {
      clock,
      faultKind,
      holder: `dead-man-${container}/pod/1`,
      signal: this.stop.signal,
      say: (text) => void this.said.push(text),
      armed,
    }).catch((error: Error) => error);
    this.ends.push(end);
  }

  /** What has lost its owner goes, and what that owned. */
  #collect(): void {
    const { objects } = this.#cluster;
    const uids = new Set([...objects.values()].map(({ metadata }) => metadata.uid));
    const orphan = [...objects].find(([, { metadata }]) =>
      metadata.ownerReferences?.some(({ kind, uid }) => COLLECTED.includes(kind) && !uids.has(uid)),
    );
    if (orphan === undefined) return;
    objects.delete(orphan[0]);
    this.#collect();
  }
}

/**
 * A clock and a cluster of a process that dies at its n-th request, before it is made or before its answer is heard. Looks
 * at the lease are not counted: there are always more of them.
 */
export function mortal(
  cluster: Cluster,
  clock: Clock,
  dies: { readonly at: number; readonly when: 'before' | 'after' },
) {
  const never = () => new Promise<never>(() => {});
  let requests = 0;
  const living = { isDead: false };
  const through =
    <T extends unknown[], R>(act: (...args: T) => Promise<R>) =>
    async (...args: T): Promise<R> => {
      const { kind } = args[0] as { readonly kind: string };
      const isWatch = kind === KINDS.lease.kind && args.length === 1;
      const isLast = !isWatch && ++requests === dies.at;
      if (isLast && dies.when === 'before') living.isDead = true;
      if (living.isDead) return never();
      const result = await act(...args);
      if (isLast) living.isDead = true;
      return living.isDead ? never() : result;
    };
  return {
    living,
    requests: () => requests,
    cluster: alteredCluster(cluster, {
      get: through((...args: Parameters<Cluster['get']>) => cluster.get(...args)),
      list: through((...args: Parameters<Cluster['list']>) => cluster.list(...args)),
      create: through((...args: Parameters<Cluster['create']>) => cluster.create(...args)),
      patch: through((...args: Parameters<Cluster['patch']>) => cluster.patch(...args)),
      delete: through((...args: Parameters<Cluster['delete']>) => cluster.delete(...args)),
    }),
    clock: {
      ...clock,
      sleep: async (ms: number, signal?: AbortSignal) => {
        await clock.sleep(ms, signal);
        if (living.isDead) await never();
      },
    },
  };
}
