import { expect } from 'chai';
import type { FaultKind } from '../../../model/fault.ts';
import type { KubeObject } from '../../../model/kubernetes.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { changedLeaves, type Leaf, setAt, thirdValue, valueAt } from './leaves.ts';
import { type Check, calm, fakeContext, requestsOf, type Stage, stage, stageOn, undoneAtLast } from './stage.ts';

/** A field of somebody else's object that the injection has changed. */
type Change = { readonly key: string; readonly leaf: Leaf };

/** What an injection has changed of objects that were there before it and still are. */
async function changesOf(kind: FaultKind): Promise<Change[]> {
  const on = await stage(kind);
  const before = new Map(structuredClone([...on.cluster.objects]));
  await kind.inject(on.plan, fakeContext(on.cluster));
  return [...before].flatMap(([key, was]) => {
    const is = on.cluster.objects.get(key);
    return is === undefined || is.metadata.uid !== was.metadata.uid
      ? []
      : changedLeaves(was, is).map((leaf) => ({ key, leaf }));
  });
}

/** Somebody writes a third value over each field that the fault has changed, before each request of the undo. */
async function thirds(kind: FaultKind): Promise<void> {
  const whole = await stageOn(kind);
  const requests = await requestsOf(whole.cluster, () => kind.undo(whole.plan, fakeContext(whole.cluster)));
  for (const change of await changesOf(kind)) {
    const value = thirdValue(change.leaf);
    if (value === undefined) continue;
    for (let at = 1; at <= requests; at++) {
      const on = await stageOn(kind);
      const isOn = writeBefore(on.cluster, at, change, (object) => setAt(object, change.leaf.path, value));
      await undoOver(kind, on, change, isOn, `${change.key} /${change.leaf.path.join('/')} before request ${at}`);
    }
  }
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
  { plan, cluster }: Stage,
  { key, leaf }: Change,
  isOn: () => boolean,
  what: string,
): Promise<void> {
  const outcome = await undoneAtLast(kind, plan, fakeContext(cluster));
  calm(cluster);
  expect(valueAt(cluster.objects.get(key), leaf.path), `${what}: it is kept`).to.deep.equal(thirdValue(leaf));
  // Who comes when everything is back has nothing to do with the fault any more.
  if (!isOn()) return;
  expect(outcome.state, what).to.equal('conflict');
  const name = key.slice(key.indexOf('/') + 1);
  expect(outcome.commands.join('\n'), `${what}: commands that finish the work by hand`)
    .to.contain('kubectl')
    .and.contain(name);
}

export const THIRDS: readonly Check[] = [
  { name: 'keeps a third value in any field that it has changed, and says how to go on by hand', check: thirds },
];
