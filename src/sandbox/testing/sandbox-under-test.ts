import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { readOutlierStats } from '../../mesh/stats-reader.ts';
import { KINDS, type KubeKind } from '../../model/kubernetes.ts';
import type { Clock } from '../../model/ports.ts';
import { asMap, asObject, clone, type JsonMap, mapOf, stringOf } from '../api/json.ts';
import type { ObjectStore } from '../api/store.ts';
import { type FaultySandbox, type FaultySandboxOptions, startFaultySandbox } from './faulty-sandbox.ts';

/** Real time, for specs that run a whole sandbox. */
const realClock: Clock = {
  now: () => Math.round(performance.now() * 1000),
  wall: () => new Date(),
  sleep: async (ms, signal) => {
    await sleep(Math.max(0, ms), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};

/** A sandbox for one spec, with what a spec does to it. */
export class SandboxUnderTest {
  readonly sandbox: FaultySandbox;

  private constructor(sandbox: FaultySandbox) {
    this.sandbox = sandbox;
  }

  static async start(options: Partial<FaultySandboxOptions> = {}): Promise<SandboxUnderTest> {
    const settings = { clock: realClock, random: Math.random, podStartMs: 50, sidecarStartMs: 0, ...options };
    return new SandboxUnderTest(await startFaultySandbox(settings));
  }

  store(cluster = 'tokyo'): ObjectStore {
    const found = this.sandbox.clusters.find(({ layout }) => layout.name === cluster);
    if (found === undefined) throw new Error(`no cluster ${cluster}`);
    return found.store;
  }

  /** Sends one request through a zone's gateway. Rejects when it refuses or takes longer than `limitMs`. */
  async ask(zone: string, limitMs = 5000): Promise<{ status: number; body: string }> {
    const gateways = this.sandbox.clusters.flatMap(({ gateways: { zones } }) => zones);
    const place = gateways.find((gateway) => gateway.zone === zone)?.address();
    if (place === undefined) throw new Error('refused');
    const response = await request(`http://${place.host}:${place.port}/mock`, {
      headers: { host: 'mock.asm-demo.work' },
      signal: AbortSignal.timeout(limitMs),
    });
    return { status: response.statusCode, body: await response.body.text() };
  }

  /** The zones of the chain, or the answer as it came when it is no complete chain. */
  async chain(zone: string, limitMs = 5000): Promise<string> {
    const { body } = await this.ask(zone, limitMs);
    const hops =
      /^-> mocka\(version: ([^,]+), ip: [^)]+\)-> mockb\(version: ([^,]+), .+\)-> mockc\(version: ([^,]+), [^)]+\)$/;
    return hops.exec(body)?.slice(1).join(' ') ?? body;
  }

  /** Changes an object of a cluster in place. */
  change(
    kind: KubeKind,
    name: string,
    act: (object: JsonMap) => void,
    where: { cluster?: string; namespace?: string } = {},
  ) {
    const store = this.store(where.cluster);
    const found = store.get({ ...kind, namespace: where.namespace ?? 'default', name });
    if (found === undefined) throw new Error(`no ${kind.kind} ${name}`);
    const next = clone(asMap(found));
    act(next);
    return store.update(asObject(next));
  }

  /** Swaps what the first container of a Deployment runs. */
  swap(deployment: string, image: string, command?: string[]): void {
    this.change(KINDS.deployment, deployment, (object) => {
      const template = mapOf(mapOf(object.spec).template);
      const containers = mapOf(template.spec).containers as JsonMap[];
      const [container = {}] = containers;
      container.image = image;
      if (command === undefined) delete container.command;
      else container.command = command;
    });
  }

  scale(deployment: string, replicas: number, where: { cluster?: string; namespace?: string } = {}): void {
    this.change(KINDS.deployment, deployment, (object) => Object.assign(mapOf(object.spec), { replicas }), where);
  }

  /** Names of the pods of a Deployment that are not on their way out. */
  podNames(deployment: string, where: { cluster?: string; namespace?: string } = {}): string[] {
    return this.store(where.cluster)
      .list(KINDS.pod, where.namespace ?? 'default')
      .filter((pod) => pod.metadata.name?.startsWith(`${deployment}-`) && pod.metadata.deletionTimestamp === undefined)
      .map((pod) => pod.metadata.name ?? '');
  }

  /** A page of a pod's sidecar, read over the API server's pod proxy. */
  async page(pod: string, port: number, path: string, namespace = 'default', cluster = 'tokyo') {
    const found = this.sandbox.clusters.find(({ layout }) => layout.name === cluster);
    const token = /token: (\S+)/.exec(this.sandbox.kubeconfig)?.[1] ?? '';
    const url = `${found?.api.url}/api/v1/namespaces/${namespace}/pods/${pod}:${port}/proxy${path}`;
    const response = await request(url, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.statusCode, body: await response.body.text() };
  }

  /** Active and enforced ejections of a service, as the only pod of a Deployment in tokyo has them. */
  async ejections(caller: string, service: string, namespace = 'default'): Promise<string> {
    const [pod = ''] = this.podNames(caller, { namespace });
    const { body } = await this.page(pod, 15020, '/stats/prometheus', namespace);
    const stats = readOutlierStats(body)?.find((entry) => entry.service === service);
    return stats === undefined ? 'none' : `${stats.active} active, ${stats.enforcedTotal} in all`;
  }

  /** Isolates the pods with these labels; returns what lifts it. */
  isolate(namespace: string, labels: Record<string, string>, policyTypes = ['Ingress', 'Egress']): () => void {
    const store = this.store();
    const ref = { ...KINDS.networkPolicy, namespace, name: 'isolate' };
    store.create({
      ...KINDS.networkPolicy,
      metadata: { name: ref.name, namespace },
      spec: { podSelector: { matchLabels: labels }, policyTypes },
    });
    return () => {
      store.delete(ref);
    };
  }

  /** Image of the mock in the project's own manifests. */
  mockImage(): string {
    const found = this.store().get({ ...KINDS.deployment, namespace: 'default', name: 'mocka-ap-northeast-1a' });
    const template = mapOf(mapOf(asMap(found ?? { ...KINDS.deployment, metadata: {} }).spec).template);
    return stringOf((mapOf(template.spec).containers as JsonMap[])[0]?.image);
  }
}
