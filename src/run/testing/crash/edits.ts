import type { FakeCluster } from '../../../faults/testing/fake-cluster.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../../model/kubernetes.ts';
import { System } from './system.ts';

const NAME = 'mockb-ap-northeast-1a';

/** The workload that others edit. */
export const EDITED = `Deployment default/${NAME}`;
const OURS = 'faultline.dev/';

type Container = { image: string; command?: readonly string[] };
type Spec = { replicas?: number; paused?: boolean; template: { spec: { containers: [Container] } } };
const specOf = (object: KubeObject) => object.spec as unknown as Spec;
const containerOf = (object: KubeObject) => specOf(object).template.spec.containers[0];

/** The workload as somebody's repository has it. */
function declared(): KubeObject {
  const found = new System().cluster('tokyo').objects.get(EDITED);
  if (found === undefined) throw new Error(`there is no ${EDITED}`);
  return found;
}

/** What others do to a cluster while a drill goes on, and which of it must stand until somebody else changes it. */
export type Edit = {
  /** The field that it is about; an edit of `all` ends what earlier ones have set. */
  readonly field: 'image' | 'command' | 'replicas' | 'paused' | 'note' | 'all' | 'none';
  readonly apply: (cluster: FakeCluster) => void;
  readonly stands: (cluster: FakeCluster) => boolean;
  /** Done to a cluster without a fault, it comes to the same. */
  readonly isAlone: boolean;
};

const always = () => true;

function onWorkload(
  field: Edit['field'],
  set: (object: KubeObject) => void,
  stands: (object: KubeObject) => boolean,
): Edit {
  return {
    field,
    apply: (cluster) => change(cluster, EDITED, set),
    stands: (cluster) => {
      const object = cluster.objects.get(EDITED);
      return object === undefined || stands(object);
    },
    isAlone: true,
  };
}

function change(cluster: FakeCluster, key: string, set: (object: KubeObject) => void): void {
  const next = structuredClone(cluster.objects.get(key));
  if (next === undefined) return;
  set(next);
  cluster.put(next);
}

function unmarked(map: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !key.startsWith(OURS)));
}

const keysOf = (cluster: FakeCluster, kinds: readonly string[]) =>
  [...cluster.objects].filter(([, { kind }]) => kinds.includes(kind)).map(([key]) => key);

/** By the words in which people say it. */
export const EDITS: Readonly<Record<string, Edit>> = {
  'hot fix of the image': onWorkload(
    'image',
    (object) => Object.assign(containerOf(object), { image: 'hotfix:1' }),
    (object) => containerOf(object).image === 'hotfix:1',
  ),
  'another command': onWorkload(
    'command',
    (object) => Object.assign(containerOf(object), { command: ['serve'] }),
    (object) => containerOf(object).command?.join() === 'serve',
  ),
  scaled: onWorkload(
    'replicas',
    (object) => Object.assign(specOf(object), { replicas: 3 }),
    (object) => specOf(object).replicas === 3,
  ),
  paused: onWorkload(
    'paused',
    (object) => Object.assign(specOf(object), { paused: true }),
    (object) => specOf(object).paused === true,
  ),
  annotated: onWorkload(
    'note',
    ({ metadata }) => Object.assign(metadata, { annotations: { ...metadata.annotations, note: 'x' } }),
    ({ metadata }) => metadata.annotations?.note === 'x',
  ),
  're-applied': {
    ...onWorkload('all', (object) => Object.assign(object, { spec: structuredClone(declared().spec) }), always),
  },
  'rolled back': onWorkload(
    'all',
    (object) => Object.assign(specOf(object), { template: structuredClone(specOf(declared()).template) }),
    always,
  ),
  'all marks off': {
    field: 'none',
    apply: (cluster) => {
      for (const key of keysOf(cluster, ['Deployment', 'StatefulSet', 'DaemonSet', 'Pod'])) {
        const { labels, annotations } = cluster.objects.get(key)?.metadata ?? {};
        const isMarked = [labels, annotations].some((map) =>
          Object.keys(map ?? {}).some((one) => one.startsWith(OURS)),
        );
        const bare = ({ metadata }: KubeObject) =>
          Object.assign(metadata, { labels: unmarked(labels), annotations: unmarked(annotations) });
        if (isMarked) change(cluster, key, bare);
      }
    },
    stands: always,
    isAlone: true,
  },
  'what was created is gone': {
    field: 'none',
    apply: (cluster) => {
      for (const key of createdIn(cluster).filter((one) => !one.startsWith('ConfigMap'))) cluster.objects.delete(key);
    },
    stands: always,
    isAlone: true,
  },
  'what was created is changed': {
    field: 'none',
    apply: (cluster) => {
      const mine = ({ metadata }: KubeObject) =>
        Object.assign(metadata, { annotations: { ...metadata.annotations, mine: 'x' } });
      for (const key of createdIn(cluster)) change(cluster, key, mine);
    },
    stands: always,
    isAlone: true,
  },
  'the plans are gone': {
    field: 'none',
    apply: (cluster) => {
      for (const key of createdIn(cluster).filter((one) => one.startsWith('ConfigMap'))) cluster.objects.delete(key);
    },
    stands: always,
    isAlone: true,
  },
  'marked by another run': {
    field: 'none',
    apply: (cluster) =>
      change(cluster, EDITED, ({ metadata }) => {
        metadata.labels = { ...metadata.labels, [RUN_LABEL]: 'another' };
      }),
    stands: always,
    isAlone: false,
  },
  deleted: {
    field: 'all',
    apply: (cluster) => {
      cluster.objects.delete(EDITED);
      for (const pod of cluster.all(KINDS.pod)) {
        const { namespace, name = '' } = pod.metadata;
        if (namespace === 'default' && name.startsWith(NAME)) cluster.objects.delete(`Pod ${namespace}/${name}`);
      }
    },
    stands: (cluster) => !cluster.objects.has(EDITED),
    isAlone: true,
  },
  recreated: {
    field: 'all',
    apply: (cluster) => {
      const object = declared();
      cluster.put({ ...object, metadata: { ...object.metadata, uid: 'anew' } });
    },
    stands: (cluster) => cluster.objects.get(EDITED)?.metadata.uid === 'anew',
    isAlone: false,
  },
};

function createdIn(cluster: FakeCluster): string[] {
  const known = new Set(new System().cluster('tokyo').objects.keys());
  return [...cluster.objects].flatMap(([key, { kind }]) =>
    known.has(key) || kind === 'Pod' || kind === 'Lease' ? [] : [key],
  );
}

/** What is left of a run's own in a cluster; what another run seems to have marked is not looked at. */
export function oursIn(cluster: FakeCluster, runId: string): string[] {
  const created = new Set(createdIn(cluster));
  return [...cluster.objects].flatMap(([key, object]) => {
    const { labels = {}, annotations = {} } = object.metadata;
    const isMarked = labels[RUN_LABEL] === runId || Object.values(annotations).some((text) => text.includes(runId));
    const isSwapped = object.kind === 'Deployment' && containerOf(object).image.includes('curl');
    if (labels[RUN_LABEL] !== undefined && labels[RUN_LABEL] !== runId) return [];
    return created.has(key) || isMarked || isSwapped ? [key] : [];
  });
}
