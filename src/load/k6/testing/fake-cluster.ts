import { KINDS, type KubeObject, type ObjectRef } from '../../../model/kubernetes.ts';
import type { PodCluster } from '../../../model/ports.ts';
import { FakePods, type Misbehaviour } from './fake-pods.ts';

export const RUN_PODS = { 'faultline-r-1': {}, 'faultline-r-2': {} };

/** A cluster whose k6-operator has the pods of a TestRun running at once. */
export class FakeCluster {
  readonly objects = new Map<string, KubeObject>();
  readonly done: string[] = [];
  /** Kinds whose verb fails, such as "delete TestRun". */
  broken: string[] = [];
  stage = 'started';
  /** TestRuns of other runs. */
  others: KubeObject[] = [];
  readonly pods: FakePods;
  readonly #names: readonly string[];

  constructor(pods: Readonly<Record<string, Misbehaviour>> = RUN_PODS) {
    this.pods = new FakePods(pods);
    this.#names = Object.keys(pods);
  }

  get cluster(): PodCluster {
    const parts: Partial<PodCluster> = {
      ...this.pods.cluster,
      name: 'load',
      kubectl: { context: 'c' },
      identity: async () => ({ uid: 'its-uid', server: 'https://api', version: '1' }),
      create: async (object) => {
        this.#do('create', object.kind);
        const stored = { ...object, metadata: { ...object.metadata, uid: `uid-of-${object.kind}` } };
        this.objects.set(object.kind, stored);
        return stored;
      },
      patch: async ({ kind }: ObjectRef, ops) => {
        this.#do('patch', kind);
        const found = this.objects.get(kind) as KubeObject;
        const patched = { ...found, patched: ops.map(({ path }) => path) };
        this.objects.set(kind, patched);
        return patched;
      },
      delete: async ({ kind }) => {
        this.#do('delete', kind);
        this.objects.delete(kind);
      },
      get: async ({ kind }) => ({ ...(this.objects.get(kind) as KubeObject), status: { stage: this.stage } }),
      list: async ({ kind }) =>
        kind === KINDS.testRun.kind
          ? this.others
          : this.#names.map((name) => ({
              ...KINDS.pod,
              metadata: { name, labels: { runner: 'true' } },
              status: { phase: 'Running' },
            })),
    };
    return parts as PodCluster;
  }

  #do(verb: string, kind: string): void {
    this.done.push(`${verb} ${kind}`);
    if (this.broken.includes(`${verb} ${kind}`)) throw new Error(`no ${verb} of ${kind}`);
  }
}
