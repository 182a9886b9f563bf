import { expect } from 'chai';
import type { FaultKind } from '../../../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../../model/kubernetes.ts';
import { stateOf } from '../cluster-state.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { isWorkload } from '../fake-controllers.ts';
import { RUN } from '../fake-system.ts';
import { type Check, calm, planned, settled, shortContext, stageOn, stageSystem, undoneAtLast } from './stage.ts';

/** Somebody else's change: what it does, and whether it still stands afterwards. */
type Edit = {
  readonly what: string;
  readonly apply: (cluster: FakeCluster) => () => boolean;
  /** Where a fault is undone, everything is as if there had been the edit alone. */
  readonly isAlone: boolean;
};

const NOTE = 'team.example/note';
const workloads = (cluster: FakeCluster) => [...cluster.objects.values()].filter(isWorkload);
const pods = (cluster: FakeCluster) => cluster.all(KINDS.pod);
const keyOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.namespace}/${metadata.name}`;
const isOurs = ({ metadata }: KubeObject) => metadata.labels?.[RUN_LABEL] === RUN;

/** Changes objects behind everybody's back, as a controller's or a colleague's write does. */
function change(cluster: FakeCluster, objects: readonly KubeObject[], how: (object: KubeObject) => void): void {
  for (const object of objects) {
    const next = structuredClone(object);
    how(next);
    cluster.put(next);
  }
}

function container(object: KubeObject): { image: string; command?: string[] } {
  const { spec } = object as unknown as { spec: { template: { spec: { containers: [{ image: string }] } } } };
  return spec.template.spec.containers[0];
}

function forget(cluster: FakeCluster, objects: readonly KubeObject[]): void {
  for (const object of objects) cluster.objects.delete(keyOf(object));
}

const note: Edit = {
  what: 'annotates the workloads',
  apply: (cluster) => {
    change(cluster, workloads(cluster), ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [NOTE]: 'x' };
    });
    return () => workloads(cluster).every(({ metadata }) => metadata.annotations?.[NOTE] === 'x');
  },
  isAlone: true,
};

const image: Edit = {
  what: 'ships another image',
  apply: (cluster) => {
    change(cluster, workloads(cluster), (object) => {
      container(object).image = 'hotfix:1';
    });
    return () => workloads(cluster).every((object) => container(object).image === 'hotfix:1');
  },
  isAlone: true,
};

const command: Edit = {
  what: 'sets another command',
  apply: (cluster) => {
    change(cluster, workloads(cluster), (object) => {
      container(object).command = ['serve'];
    });
    return () => workloads(cluster).every((object) => container(object).command?.join() === 'serve');
  },
  isAlone: true,
};

const gone: Edit = {
  what: 'deletes the workloads and their pods',
  apply: (cluster) => {
    forget(cluster, [...workloads(cluster), ...pods(cluster)]);
    return () => workloads(cluster).length === 0 && pods(cluster).length === 0;
  },
  isAlone: true,
};

const anew: Edit = {
  what: 'deletes the workloads and creates them anew as they were',
  apply: (cluster) => {
    change(cluster, workloads(cluster), (object) => {
      object.metadata = { ...object.metadata, uid: `${object.metadata.uid}-anew`, labels: { app: 'mockb' } };
      delete object.metadata.annotations;
    });
    const stateNow = () =>
      JSON.stringify([
        stateOf(workloads(cluster).map(({ status: _status, ...object }) => object as KubeObject)),
        workloads(cluster).map(({ metadata }) => metadata.uid),
      ]);
    const made = stateNow();
    return () => stateNow() === made;
  },
  isAlone: false,
};

const taken: Edit = {
  what: 'marks for another run what nobody has marked',
  apply: (cluster) => {
    const free = [...workloads(cluster), ...pods(cluster)].filter(({ metadata }) => !metadata.labels?.[RUN_LABEL]);
    change(cluster, free, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, [RUN_LABEL]: 'another' };
    });
    const keys = free.map(keyOf);
    const labelOf = (key: string) => cluster.objects.get(key)?.metadata.labels?.[RUN_LABEL] ?? 'another';
    return () => keys.every((key) => labelOf(key) === 'another');
  },
  isAlone: false,
};

const unmarked: Edit = {
  what: 'takes every mark of ours off',
  apply: (cluster) => {
    const ours = [...cluster.objects.values()].filter(isOurs);
    change(cluster, ours, ({ metadata }) => {
      const others = (map: Record<string, string> = {}) =>
        Object.fromEntries(Object.entries(map).filter(([key]) => !key.startsWith('faultline.dev/')));
      metadata.labels = others(metadata.labels);
      metadata.annotations = others(metadata.annotations);
    });
    // Nothing of it has to stand: who takes a mark off has not made the fault theirs.
    return () => true;
  },
  isAlone: true,
};

const ended: Edit = {
  what: 'deletes everything that the fault has created',
  apply: (cluster) => {
    const created = [...cluster.objects.values()].filter((object) => !stageSystem().objects.has(keyOf(object)));
    const ours = created.filter(({ kind }) => kind !== KINDS.pod.kind);
    forget(cluster, ours);
    return () => true;
  },
  isAlone: true,
};

const EDITS: readonly Edit[] = [note, image, command, gone, anew, taken, unmarked, ended];

/** A whole life of a fault, with an edit right before its n-th request; the edit stands whatever comes of the fault. */
async function editedLife(kind: FaultKind, edit: Edit, at: number): Promise<{ readonly requests: number }> {
  const cluster = stageSystem();
  let stands = () => true;
  const asked: string[] = [];
  cluster.before = (request) => {
    asked.push(request.kind);
    if (request.at === at) stands = edit.apply(cluster);
  };
  const what = `somebody ${edit.what} before request ${at}`;
  const holds = (step: string) => expect(stands(), `${what}: ${step} has overwritten it`).to.equal(true);
  const plan = await planned(kind, cluster).catch(() => undefined);
  if (plan === undefined) {
    expect(cluster.writes).to.equal(0);
    return { requests: cluster.requests };
  }
  const context = shortContext(cluster);
  const touched = new Set(plan.objects.map((object) => object.kind));
  const readAt = 1 + asked.findIndex((one) => touched.has(one));
  await settled(kind.inject(plan, context));
  // What stood before the plan was read is no surprise to it: it is put back, like everything.
  if (at > Math.max(1, readAt)) holds('inject');
  await settled(kind.prove(plan, context));
  const outcome = await undoneAtLast(kind, plan, context);
  holds('undo');
  const { requests } = cluster;
  calm(cluster);
  if (outcome.state === 'undone') {
    expect([...cluster.objects.values()].filter(isOurs), what).to.deep.equal([]);
    if (edit.isAlone && at <= requests) {
      const alone = stageSystem();
      edit.apply(alone);
      expect(cluster.snapshot(), what).to.deep.equal(alone.snapshot());
    }
  } else {
    expect(outcome.detail, what).to.match(/left|not seen/);
    if ([...cluster.objects.values()].some(isOurs)) expect(outcome.commands, `${what}: commands`).to.not.deep.equal([]);
  }
  return { requests };
}

async function requestsOfLife(kind: FaultKind): Promise<number> {
  const { cluster, plan } = await stageOn(kind);
  await settled(kind.prove(plan, shortContext(cluster)));
  await undoneAtLast(kind, plan, shortContext(cluster));
  return cluster.requests;
}

function standsThroughout(edit: Edit): Check {
  return {
    name: `never overwrites it when somebody ${edit.what}, at any moment`,
    check: async (kind) => {
      // A life that an edit ends early, as before its plan, is shorter than the whole one.
      let last = await requestsOfLife(kind);
      for (let at = 1; at <= last; at++) {
        const { requests } = await editedLife(kind, edit, at);
        last = Math.max(last, requests);
      }
    },
  };
}

export const EDITED: readonly Check[] = EDITS.map(standsThroughout);
