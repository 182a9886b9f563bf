import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { JsonMap } from './raw-api.ts';
import type { ContractTarget } from './target.ts';

const PLURALS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  NetworkPolicy: 'networkpolicies',
  ServiceEntry: 'serviceentries',
};
const ROLLOUT_MS = 90_000;

type Meta = { readonly name: string; readonly namespace?: string };

function metaOf(object: JsonMap): Meta {
  return object.metadata as unknown as Meta;
}

function collectionOf(object: JsonMap): string {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = PLURALS[kind] ?? `${kind.toLowerCase()}s`;
  const { namespace = 'default' } = metaOf(object);
  return kind === 'Namespace' ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}

function pathOf(object: JsonMap): string {
  return `${collectionOf(object)}/${metaOf(object).name}`;
}

/** Changes to the objects of a target, each with what takes it back. */
export class Changes {
  readonly #target: ContractTarget;
  readonly #undo: (() => Promise<void>)[] = [];

  constructor(target: ContractTarget) {
    this.#target = target;
  }

  /** Applies every document to every cluster, or to one: its spec and data are put over those of an object that exists. */
  async apply(manifests: string, cluster?: string): Promise<void> {
    for (const document of parseAllDocuments(manifests)) {
      for (const name of cluster === undefined ? this.#target.clusters.keys() : [cluster]) {
        await this.#put(name, document.toJS() as JsonMap);
      }
    }
  }

  /** As apply, for objects that cannot be changed into what they become. */
  async replace(manifests: string): Promise<void> {
    for (const document of parseAllDocuments(manifests)) {
      const wanted = document.toJS() as JsonMap;
      for (const cluster of this.#target.clusters.keys()) {
        const before = await this.#must(cluster, 'GET', pathOf(wanted));
        await this.#must(cluster, 'DELETE', pathOf(wanted));
        await this.#must(cluster, 'POST', collectionOf(wanted), wanted);
        this.#undo.push(async () => {
          await this.#must(cluster, 'DELETE', pathOf(wanted));
          await this.#must(cluster, 'POST', collectionOf(wanted), asNew(before));
        });
      }
    }
  }

  /** Labels the pods of a Deployment, which replaces them. */
  async labelPods(cluster: string, deployment: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.#changeDeployment(cluster, deployment, { template: { metadata: { labels: { ...labels } } } });
  }

  async scale(cluster: string, deployment: string, replicas: number): Promise<void> {
    await this.#changeDeployment(cluster, deployment, { replicas });
  }

  /** Puts a container without the application in the place of a Deployment's: its pods are ready and serve nothing. */
  async breakDown(cluster: string, deployment: string): Promise<void> {
    const image = 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2';
    const containers = [{ name: 'default', image, command: ['sleep', '3600'] }];
    await this.#changeDeployment(cluster, deployment, { template: { spec: { containers } } });
  }

  /** Takes everything back, the last first. */
  async undo(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#undo.splice(0).reverse()) {
      await step().catch((error: unknown) => failures.push(error));
    }
    for (const failure of failures) throw failure;
  }

  async #put(cluster: string, wanted: JsonMap): Promise<void> {
    const api = this.#target.api(cluster);
    const before = await api.call('GET', pathOf(wanted));
    if (before.status === 404) {
      await this.#must(cluster, 'POST', collectionOf(wanted), wanted);
      this.#undo.push(async () => void (await this.#must(cluster, 'DELETE', pathOf(wanted))));
      return;
    }
    const body = (from: JsonMap): JsonMap => ({ spec: from.spec ?? null, data: from.data ?? null });
    await this.#overwrite(cluster, wanted, body(wanted));
    this.#undo.push(() => this.#overwrite(cluster, wanted, body(before.body)));
  }

  async #overwrite(cluster: string, object: JsonMap, fields: JsonMap): Promise<void> {
    const live = await this.#must(cluster, 'GET', pathOf(object));
    const next = Object.fromEntries(Object.entries({ ...live, ...fields }).filter(([, value]) => value !== null));
    await this.#must(cluster, 'PUT', pathOf(object), next as JsonMap);
  }

  async #changeDeployment(cluster: string, name: string, spec: JsonMap): Promise<void> {
    const object: JsonMap = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' } };
    const before = await this.#must(cluster, 'GET', pathOf(object));
    await this.#must(cluster, 'PATCH', pathOf(object), { spec }, 'application/strategic-merge-patch+json');
    this.#undo.push(async () => {
      await this.#overwrite(cluster, object, { spec: before.spec ?? null });
      await this.#rolledOut(cluster, object);
    });
    await this.#rolledOut(cluster, object);
  }

  /** Until the Deployment has what it wants. Pods on their way out are no endpoints any more. */
  async #rolledOut(cluster: string, object: JsonMap): Promise<void> {
    const { name } = metaOf(object);
    for (const end = Date.now() + ROLLOUT_MS; Date.now() < end; await sleep(50)) {
      const live = await this.#must(cluster, 'GET', pathOf(object));
      const { generation } = live.metadata as { generation: number };
      const { replicas = 1 } = live.spec as { replicas?: number };
      const status = (live.status ?? {}) as Record<string, number>;
      const counts = ['updatedReplicas', 'readyReplicas', 'availableReplicas', 'replicas'].map(
        (key) => status[key] ?? 0,
      );
      if (status.observedGeneration !== generation || counts.some((count) => count !== replicas)) continue;
      return;
    }
    throw new Error(`${cluster}: Deployment ${name} did not roll out within ${ROLLOUT_MS / 1000} s`);
  }

  async #must(cluster: string, method: string, path: string, body?: JsonMap, type?: string): Promise<JsonMap> {
    const answer = await this.#target.api(cluster).call(method, path, body, type);
    if (answer.status >= 300) throw new Error(`${cluster}: ${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }
}

/** An object as it can be created again. */
function asNew(object: JsonMap): JsonMap {
  const { status: _, metadata, spec, ...rest } = object;
  const { name, namespace, labels = {}, annotations = {} } = metadata as JsonMap;
  const { clusterIP: __, clusterIPs: ___, ...kept } = spec as JsonMap;
  return { ...rest, metadata: { name: name ?? '', namespace: namespace ?? '', labels, annotations }, spec: kept };
}
