import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { FaultKind } from '../../../model/fault.ts';
import type { KubeObject } from '../../../model/kubernetes.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { changedLeaves, type Leaf, setAt, thirdValue, valueAt } from './leaves.ts';
import {
  type Check,
  calm,
  type KindStage,
  requestsOf,
  settled,
  shortContext,
  stage,
  stageOn,
  undoneAtLast,
} from './stage.ts';

/** A field of somebody else's object that the injection has changed. */
export type Change = { readonly key: string; readonly leaf: Leaf };

/** What an injection has changed of objects that were there before it and still are. */
export async function changesOf(kind: FaultKind): Promise<Change[]> {
  const on = await stage(kind);
  const before = new Map(structuredClone([...on.cluster.objects]));
  await kind.inject(on.plan, shortContext(on.cluster));
  return [...before].flatMap(([key, was]) => {
    const is = on.cluster.objects.get(key);
    return is === undefined || is.metadata.uid !== was.metadata.uid
      ? []
      : changedLeaves(was, is).map((leaf) => ({ key, leaf }));
  });
}

type Step = (on: KindStage) => Promise<unknown>;

/** Writes a third value over each field that the fault changes, before each request of a step, and takes the step. */
async function overEach(
  kind: FaultKind,
  open: () => Promise<KindStage>,
  step: Step,
  judge: (on: KindStage, change: Change, isOn: () => boolean, what: string) => Promise<void>,
): Promise<void> {
  const whole = await open();
  const requests = await requestsOf(whole.cluster, () => step(whole));
  for (const change of await changesOf(kind)) {
    const value = thirdValue(change.leaf);
    if (value === undefined) continue;
    for (let at = 1; at <= requests; at++) {
      const on = await open();
      const isOn = writeBefore(on.cluster, at, change, (object) => setAt(object, change.leaf.path, value));
      await judge(on, change, isOn, `${change.key} /${change.leaf.path.join('/')} before request ${at}`);
    }
  }
}

/** What came between plan and injection, or into it, is not what the plan was agreed on. */
function inInject(kind: FaultKind): Promise<void> {
  const inject: Step = ({ plan, cluster }) => kind.inject(plan, shortContext(cluster));
  return overEach(
    kind,
    () => stage(kind),
    inject,
    async (on, change, _isOn, what) => {
      const end = await settled(inject(on));
      calm(on.cluster);
      if (end instanceof Error) expect(end, what).to.be.instanceOf(FaultlineError);
      expectKept(on, change, `${what} of the injection`);
      await undoneAtLast(kind, on.plan, shortContext(on.cluster));
      expectKept(on, change, `${what} of the injection, undone`);
    },
  );
}

function inUndo(kind: FaultKind): Promise<void> {
  return overEach(
    kind,
    () => stageOn(kind),
    ({ plan, cluster }) => kind.undo(plan, shortContext(cluster)),
    (on, change, isOn, what) => undoOver(kind, on, change, isOn, what),
  );
}

/** Whatever the pods show, a field that holds something else is not the fault's doing. */
async function inProof(kind: FaultKind): Promise<void> {
  for (const change of await changesOf(kind)) {
    const value = thirdValue(change.leaf);
    if (value === undefined) continue;
    const { plan, cluster } = await stageOn(kind);
    cluster.frozen = true;
    writeBefore(cluster, 1, change, (object) => setAt(object, change.leaf.path, value));
    const { proven, detail } = await kind.prove(plan, shortContext(cluster));
    expect(proven, `${change.key} holds a third value: ${detail}`).to.equal(false);
  }
}

function expectKept({ cluster }: KindStage, { key, leaf }: Change, what: string): void {
  expect(valueAt(cluster.objects.get(key), leaf.path), `${what}: it is kept`).to.deep.equal(thirdValue(leaf));
}

/** Writes once, before the n-th request from now. What it returns says whether the fault's value was still there then. */
function writeBefore(
  cluster: FakeCluster,
  at: number,
  { key, leaf }: Change,
  write: (object: KubeObject) => void,
): () => boolean {
  const from = cluster.requests + at;
  let isOn = true;
  cluster.before = (request) => {
    const object = cluster.objects.get(key);
    if (request.at !== from || object === undefined) return;
    isOn = JSON.stringify(valueAt(object, leaf.path)) === JSON.stringify(leaf.after);
    const next = structuredClone(object);
    write(next);
    cluster.put(next);
  };
  return () => isOn;
}

async function undoOver(
  kind: FaultKind,
  on: KindStage,
  change: Change,
  isOn: () => boolean,
  what: string,
): Promise<void> {
  const outcome = await undoneAtLast(kind, on.plan, shortContext(on.cluster));
  calm(on.cluster);
  expectKept(on, change, what);
  // Who comes when everything is back has nothing to do with the fault any more.
  if (!isOn()) return;
  expect(outcome.state, what).to.equal('conflict');
  const touched = outcome.objects.find(({ kind: is, namespace, name }) => `${is} ${namespace}/${name}` === change.key);
  expect(touched?.state, `${what}: state of the object`).to.be.oneOf(['conflict', 'left-behind']);
  const name = change.key.slice(change.key.indexOf('/') + 1);
  expect(outcome.commands.join('\n'), `${what}: commands that finish the work by hand`)
    .to.contain('kubectl')
    .and.contain(name);
}

export const THIRDS: readonly Check[] = [
  { name: 'is not put over a third value in any field that it changes', check: inInject },
  { name: 'is not proven while a field that it changes holds a third value', check: inProof },
  { name: 'keeps a third value in any field that it has changed, and says how to go on by hand', check: inUndo },
];
