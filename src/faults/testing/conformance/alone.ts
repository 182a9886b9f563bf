import { expect } from 'chai';
import type { FaultKind } from '../../../model/fault.ts';
import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import { plansOn, wholePlan } from '../../marked-plans.ts';
import { type FakeCluster, OUTSIDE } from '../fake-cluster.ts';
import { blockOf, type Check, calm, requestsOf, settled, shortContext, stage, stageOn, stageSystem } from './stage.ts';

/** Undoes from what the objects of a cluster tell, without a plan of anybody else's. */
async function undoFromMarks(kind: FaultKind, cluster: FakeCluster): Promise<void> {
  const told = kind.marks.flatMap((mark) => cluster.all(mark.kind).flatMap((object) => plansOn(mark, object)));
  for (const marked of told) await kind.undo(wholePlan(marked, cluster.name), shortContext(cluster));
}

/** Journal and ConfigMap may be lost, and the runner with them. */
async function whole(kind: FaultKind): Promise<void> {
  const { cluster, before } = await stageOn(kind);
  await undoFromMarks(kind, cluster);
  expect(cluster.snapshot()).to.deep.equal(before);
}

/** The same wherever the injection was killed: what stands there tells of itself. */
async function half(kind: FaultKind): Promise<void> {
  const all = await stage(kind);
  const requests = await requestsOf(all.cluster, () => kind.inject(all.plan, shortContext(all.cluster)));
  for (let at = 1; at <= requests; at++) {
    const { cluster, plan, before } = await stage(kind);
    const last = cluster.requests + at;
    cluster.before = (request) => {
      if (request.at > last) throw new Error('the runner is dead');
    };
    await settled(kind.inject(plan, shortContext(cluster)));
    calm(cluster);
    await undoFromMarks(kind, cluster);
    expect(cluster.snapshot(), `injected up to request ${at}`).to.deep.equal(before);
  }
}

/** Who deletes what the fault has created does not take back what it has written on objects of others. */
async function orphaned(kind: FaultKind): Promise<void> {
  const { cluster, before } = await stageOn(kind);
  const there = stageSystem().objects;
  const created = [...cluster.objects].filter(([key, { kind: one }]) => !there.has(key) && one !== KINDS.pod.kind);
  for (const [key] of created) cluster.objects.delete(key);
  await undoFromMarks(kind, cluster);
  expect(cluster.snapshot()).to.deep.equal(before);
}

/** What a fault of this name has put there and named: objects of its own, and containers in pods. */
async function namesOf(kind: FaultKind, name: string): Promise<string[]> {
  const cluster = stageSystem();
  const before = new Set(cluster.objects.keys());
  const written = JSON.stringify(kind.example);
  const plan = await kind.plan({ name, spec: blockOf(kind) }, shortContext(cluster));
  await kind.inject(plan, shortContext(cluster));
  const isMade = ([key, { kind: one, metadata }]: [string, KubeObject]): boolean =>
    !before.has(key) && one !== KINDS.pod.kind && one !== OUTSIDE.kind && !written.includes(`"${metadata.name}"`);
  const made = [...cluster.objects].filter(isMade);
  const inside = cluster.all(KINDS.pod).flatMap(({ metadata, spec }) => {
    const { ephemeralContainers = [] } = (spec ?? {}) as { ephemeralContainers?: { name: string }[] };
    return ephemeralContainers.map((container) => `${metadata.name}/${container.name}`);
  });
  return [...made.map(([key]) => key), ...inside];
}

/** Two faults of one kind may be on at a time: neither takes what the other has made for its own. */
async function named(kind: FaultKind): Promise<void> {
  const first = await namesOf(kind, 'first');
  expect(await namesOf(kind, 'first'), 'names of the same fault').to.deep.equal(first);
  const second = await namesOf(kind, 'second');
  expect(second).to.have.length(first.length);
  expect(
    first.filter((name) => second.includes(name)),
    'names of both faults',
  ).to.deep.equal([]);
}

export const ALONE: readonly Check[] = [
  { name: 'is undone from what stands on its objects alone, without any journal', check: whole },
  { name: 'is undone from what stands on its objects wherever its injection is killed', check: half },
  { name: 'is undone from what stands on objects of others when all that it has created is gone', check: orphaned },
  { name: 'gives what it makes a name that no other fault gives', check: named },
];
