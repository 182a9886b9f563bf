import { expect } from 'chai';
import type { FaultKind } from '../../../model/fault.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import {
  type Check,
  calm,
  type KindStage,
  requestsOf,
  settled,
  shortContext,
  stage,
  stageOn,
  undoWhole,
} from './stage.ts';

/** Where the runner dies: before the n-th request of a step is made, or when it is done and nobody hears the answer. */
type Death = { readonly at: number; readonly when: 'before' | 'after' };

const DEAD = new Error('the runner is dead');

/** From this death on nothing gets through. */
function kill(cluster: FakeCluster, { at, when }: Death): void {
  const from = cluster.requests + at;
  cluster.before = (request) => {
    if (request.at > from || (request.at === from && when === 'before')) throw DEAD;
  };
  cluster.after = (request) => {
    if (request.at === from) throw DEAD;
  };
}

function deathsOf(requests: number): Death[] {
  const at = Array.from({ length: requests }, (_, index) => index + 1);
  return at.flatMap((one) => [{ at: one, when: 'before' } as const, { at: one, when: 'after' } as const]);
}

async function dieIn(step: (on: KindStage) => Promise<unknown>, on: KindStage, death: Death): Promise<void> {
  kill(on.cluster, death);
  const end = await settled(step(on));
  expect(end, `${death.when} request ${death.at}`).to.be.instanceOf(Error);
  calm(on.cluster);
}

async function inInject(kind: FaultKind): Promise<void> {
  const inject = ({ plan, cluster }: KindStage) => kind.inject(plan, shortContext(cluster));
  const whole = await stage(kind);
  for (const death of deathsOf(await requestsOf(whole.cluster, () => inject(whole)))) {
    const on = await stage(kind);
    await dieIn(inject, on, death);
    await undoWhole(kind, on, `inject died ${death.when} request ${death.at}`);
  }
}

async function inUndo(kind: FaultKind): Promise<void> {
  const undo = ({ plan, cluster }: KindStage) => kind.undo(plan, shortContext(cluster));
  const whole = await stageOn(kind);
  for (const death of deathsOf(await requestsOf(whole.cluster, () => undo(whole)))) {
    const on = await stageOn(kind);
    await dieIn(undo, on, death);
    await undoWhole(kind, on, `undo died ${death.when} request ${death.at}`);
  }
}

/** The runner dies while it injects, and what recovers dies, too. */
async function inBoth(kind: FaultKind): Promise<void> {
  const inject = ({ plan, cluster }: KindStage) => kind.inject(plan, shortContext(cluster));
  const undo = ({ plan, cluster }: KindStage) => kind.undo(plan, shortContext(cluster));
  const whole = await stage(kind);
  for (const first of deathsOf(await requestsOf(whole.cluster, () => inject(whole)))) {
    const half = await stage(kind);
    await dieIn(inject, half, first);
    for (const second of deathsOf(await requestsOf(half.cluster, () => undo(half)))) {
      const on = await stage(kind);
      await dieIn(inject, on, first);
      await dieIn(undo, on, second);
      await undoWhole(kind, on, `died ${first.when} ${first.at} and ${second.when} ${second.at}`);
    }
  }
}

export const DEATHS: readonly Check[] = [
  { name: 'leaves nothing behind wherever its injection is killed', check: inInject },
  { name: 'leaves nothing behind wherever its undo is killed', check: inUndo },
  { name: 'leaves nothing behind wherever its injection and then its undo are killed', check: inBoth },
];
