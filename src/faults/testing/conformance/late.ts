import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { FaultKind, UndoOutcome } from '../../../model/fault.ts';
import { KINDS } from '../../../model/kubernetes.ts';
import { undoFenced } from '../../fence.ts';
import { watchWrites } from '../../lost-writes.ts';
import { type Check, calm, type KindStage, settled, shortContext, stage, stageOn } from './stage.ts';

/** After how many further requests a write is done that its sender was told nothing of. */
const LATER = [0, 1, 2, 3, 4, 6, 10] as const;

/** Injects as a run does, and undoes with what it knows of lost writes; what has not come by then comes afterwards. */
async function lateLife(kind: FaultKind, on: KindStage, signal?: AbortSignal): Promise<UndoOutcome> {
  const context = shortContext(on.cluster);
  const { cluster, lost } = watchWrites(on.cluster, context.now);
  await settled(kind.inject(on.plan, { ...context, cluster }));
  on.cluster.late = () => undefined;
  calm(on.cluster);
  const undoing = { ...context, ...(signal === undefined ? {} : { signal }) };
  const undo = () => kind.undo(on.plan, undoing);
  const outcome = await undoFenced(lost(), { runId: on.plan.runId, context: undoing, undo });
  on.cluster.land();
  return outcome;
}

/** The numbers of the requests of an injection that write. */
async function writesOf(kind: FaultKind): Promise<number[]> {
  const { cluster, plan } = await stage(kind);
  const before = cluster.requests;
  const writes: number[] = [];
  cluster.after = ({ at, isWrite }) => void (isWrite && writes.push(at - before));
  await kind.inject(plan, shortContext(cluster));
  return writes;
}

function expectBack({ cluster, before }: KindStage, { state, detail }: UndoOutcome, what: string): void {
  expect(state, `${what}: ${detail}`).to.equal('undone');
  expect(cluster.snapshot(), what).to.deep.equal(before);
}

/** A server that gives up on a write may do it all the same, at any moment of the undo or after it, in a hurry or not. */
async function lateWrite(kind: FaultKind): Promise<void> {
  for (const write of await writesOf(kind)) {
    for (const later of LATER) {
      const on = await stage(kind);
      const wanted = on.cluster.requests + write;
      on.cluster.late = ({ at }) => (at === wanted ? later : undefined);
      const signal = later % 2 === 0 ? undefined : AbortSignal.abort();
      expectBack(on, await lateLife(kind, on, signal), `write ${write} was done ${later} requests later`);
    }
  }
}

/** One write fails, and another one of the same step is done late: the first failure must not begin an undo that the other outlives. */
async function lateSibling(kind: FaultKind): Promise<void> {
  const writes = await writesOf(kind);
  for (const failing of writes) {
    for (const late of writes.filter((one) => one !== failing)) {
      const on = await stage(kind);
      const { requests } = on.cluster;
      on.cluster.before = ({ at }) => {
        if (at === requests + failing) throw new FaultlineError('FAULT_CONFLICT', 'no');
      };
      on.cluster.late = ({ at }) => (at === requests + late ? 3 : undefined);
      expectBack(on, await lateLife(kind, on), `write ${failing} failed, and ${late} was done later`);
    }
  }
}

/** What keeps a fault up writes as well, until the moment at which the undo begins. */
async function lateSustained(kind: FaultKind): Promise<void> {
  if (kind.sustain === undefined) return;
  for (const later of LATER) {
    const on = await stageOn(kind);
    const { cluster: real, plan } = on;
    const [pod] = plan.affected;
    if (pod !== undefined) await real.delete({ ...KINDS.pod, namespace: pod.namespace, name: pod.pod });
    const ending = new AbortController();
    const context = shortContext(real);
    const { cluster, lost } = watchWrites(real, context.now);
    real.late = () => {
      if (ending.signal.aborted) return undefined;
      ending.abort();
      return later;
    };
    await settled(kind.sustain(plan, { ...shortContext(real, ending.signal), cluster }));
    const undo = () => kind.undo(plan, context);
    const outcome = await undoFenced(lost(), { runId: plan.runId, context, undo });
    real.land();
    expectBack(on, outcome, `a write that kept it up was done ${later} requests later`);
  }
}

export const LATE: readonly Check[] = [
  { name: 'is put back when a write of its injection is done late, at any moment', check: lateWrite },
  { name: 'is put back when one write fails and another one is done late', check: lateSibling },
  { name: 'is put back when a write that keeps it up is done late, at any moment', check: lateSustained },
];
