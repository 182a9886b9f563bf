import { expect } from 'chai';
import type { FaultKind } from '../../../model/fault.ts';
import { type KubeObject, PLAN_ANNOTATION, RUN_LABEL, UNDO_ANNOTATION } from '../../../model/kubernetes.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { RUN } from '../fake-system.ts';
import { changedLeaves, type Leaf, setAt, thirdValue, valueAt } from './leaves.ts';
import {
  type Check,
  calm,
  type KindStage,
  shortContext,
  stageOn,
  stageSystem,
  undoneAtLast,
  undoWhole,
} from './stage.ts';

/** An object that the fault has changed, with the fields it has changed. */
type Changed = { readonly key: string; readonly leaves: readonly Leaf[] };

function changedIn(cluster: FakeCluster): Changed[] {
  const fresh = stageSystem();
  return [...fresh.objects].flatMap(([key, was]) => {
    const is = cluster.objects.get(key);
    const leaves = is === undefined || is.metadata.uid !== was.metadata.uid ? [] : changedLeaves(was, is);
    return leaves.length === 0 ? [] : [{ key, leaves }];
  });
}

function edit(cluster: FakeCluster, key: string, how: (object: KubeObject) => void): void {
  const next = structuredClone(cluster.objects.get(key));
  if (next === undefined) return;
  how(next);
  cluster.put(next);
}

/** Every other field of the object holds again what it held before, whatever somebody has made of this one. */
async function hotFix(kind: FaultKind): Promise<void> {
  for (const { key, leaves } of changedIn((await stageOn(kind)).cluster)) {
    for (const fixed of leaves) {
      const value = thirdValue(fixed);
      if (value === undefined) continue;
      const { cluster, plan } = await stageOn(kind);
      edit(cluster, key, (object) => setAt(object, fixed.path, value));
      await undoneAtLast(kind, plan, shortContext(cluster));
      for (const leaf of leaves) {
        const wanted = leaf.path === fixed.path ? value : leaf.before;
        const what = `${key} /${leaf.path.join('/')} after somebody set /${fixed.path.join('/')}`;
        expect(valueAt(cluster.objects.get(key), leaf.path), what).to.deep.equal(wanted);
      }
    }
  }
}

/** What GitOps puts back is what it has in its manifests, which may be one field of the two. */
async function reapplied(kind: FaultKind): Promise<void> {
  for (const { key, leaves } of changedIn((await stageOn(kind)).cluster)) {
    for (const { path, before } of leaves.filter((leaf) => leaf.before !== undefined)) {
      const on = await stageOn(kind);
      edit(on.cluster, key, (object) => setAt(object, path, before ?? null));
      await undoWhole(kind, on, `${key} /${path.join('/')} was put back by somebody else`);
    }
  }
}

type Marking = { readonly what: string; readonly change: (metadata: KubeObject['metadata']) => void };

const without = (map: Record<string, string> = {}, names: readonly string[]) =>
  Object.fromEntries(Object.entries(map).filter(([name]) => !names.includes(name)));

const MARKINGS: readonly Marking[] = [
  {
    what: 'has taken its label off',
    change: (metadata) => {
      metadata.labels = without(metadata.labels, [RUN_LABEL]);
    },
  },
  {
    what: 'has changed its label',
    change: (metadata) => {
      metadata.labels = { ...metadata.labels, [RUN_LABEL]: 'mine' };
    },
  },
  {
    what: 'has taken its annotations off',
    change: (metadata) => {
      metadata.annotations = without(metadata.annotations, [UNDO_ANNOTATION, PLAN_ANNOTATION]);
    },
  },
  {
    what: 'has changed its annotations',
    change: (metadata) => {
      const mine = { [UNDO_ANNOTATION]: 'mine', [PLAN_ANNOTATION]: 'mine' };
      metadata.annotations = { ...metadata.annotations, ...mine };
    },
  },
  {
    what: 'has taken its marks off',
    change: (metadata) => {
      metadata.labels = without(metadata.labels, [RUN_LABEL]);
      metadata.annotations = without(metadata.annotations, [UNDO_ANNOTATION, PLAN_ANNOTATION]);
    },
  },
];

/** Who takes a label off does not take the fault off. Pods that a fault only labels are what their labels say. */
async function remarked(kind: FaultKind): Promise<void> {
  for (const { what, change } of MARKINGS) {
    const on = await stageOn(kind);
    const { cluster } = on;
    const stamped = [...cluster.objects].filter(([, { metadata }]) => metadata.annotations?.[PLAN_ANNOTATION]);
    const marked = stamped.filter(([, { metadata }]) => metadata.labels?.[RUN_LABEL] === RUN);
    for (const [key] of marked) edit(cluster, key, ({ metadata }) => change(metadata));
    await undoWhole(kind, on, `somebody ${what}`);
  }
}

/** An annotator may be as fast as the API: it changes nothing that the undo is about. */
async function annotated(kind: FaultKind): Promise<void> {
  const on = await stageOn(kind);
  let count = 0;
  const annotate = (note: string | undefined) => {
    for (const [key, { metadata }] of on.cluster.objects) {
      const others = without(metadata.annotations, ['team.example/seen']);
      const annotations = note === undefined ? others : { ...others, 'team.example/seen': note };
      edit(on.cluster, key, (object) => Object.assign(object.metadata, { annotations }));
    }
  };
  on.cluster.before = ({ isWrite }) => void (isWrite && annotate(String(count++)));
  const outcome = await kind.undo(on.plan, shortContext(on.cluster));
  calm(on.cluster);
  annotate(undefined);
  expectBack(on, outcome.state);
}

function expectBack({ cluster, before }: KindStage, state: string): void {
  expect([state, cluster.snapshot()]).to.deep.equal(['undone', before]);
}

export const FIELDS: readonly Check[] = [
  { name: 'takes back each field that it still holds when somebody has changed another one', check: hotFix },
  { name: 'is undone when somebody has put back one of its fields', check: reapplied },
  { name: 'is undone when somebody has taken off or changed its marks', check: remarked },
  { name: 'is undone under an annotator that writes before each of its writes', check: annotated },
];
