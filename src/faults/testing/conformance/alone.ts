import { expect } from 'chai';
import type { FaultKind } from '../../../model/fault.ts';
import { plansOn, wholePlan } from '../../marked-plans.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { type Check, calm, requestsOf, settled, shortContext, stage, stageOn } from './stage.ts';

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

export const ALONE: readonly Check[] = [
  { name: 'is undone from what stands on its objects alone, without any journal', check: whole },
  { name: 'is undone from what stands on its objects wherever its injection is killed', check: half },
];
