import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { apiError } from '../../../kube/api-error.ts';
import { FaultlineError } from '../../../model/errors.ts';
import type { FaultKind } from '../../../model/fault.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import {
  type Check,
  calm,
  type KindStage,
  planned,
  requestsOf,
  settled,
  shortContext,
  stage,
  stageOn,
  undoWhole,
} from './stage.ts';

/** One answer that is no success, and whether the request was done all the same. */
type Trouble = { readonly what: string; readonly error: () => Error; readonly isDone: boolean };

const status = (code: number): Trouble => ({
  what: String(code),
  error: () => apiError('tokyo', { method: 'PATCH', what: 'a request' }, { status: code, text: 'no' }),
  isDone: false,
});
const timeout = (isDone: boolean): Trouble => ({
  what: `a timeout of a request that was ${isDone ? 'done' : 'lost'}`,
  error: () => new FaultlineError('TARGET_UNREACHABLE', 'no answer'),
  isDone,
});

const TROUBLES: readonly Trouble[] = [...[409, 422, 429, 500, 503].map(status), timeout(false), timeout(true)];

/** The n-th request from now fails, and no other. */
function fail(cluster: FakeCluster, at: number, { error, isDone }: Trouble): void {
  const wanted = cluster.requests + at;
  const answer = (request: { at: number }) => {
    if (request.at === wanted) throw error();
  };
  if (isDone) cluster.after = answer;
  else cluster.before = answer;
}

type Step = (on: KindStage) => Promise<unknown>;

/** Runs a step once with each trouble at each of its requests. */
async function troubled(
  open: () => Promise<KindStage>,
  step: Step,
  judge: (on: KindStage, end: unknown, what: string) => Promise<void>,
): Promise<void> {
  const whole = await open();
  const requests = await requestsOf(whole.cluster, () => step(whole));
  for (let at = 1; at <= requests; at++) {
    for (const trouble of TROUBLES) {
      const on = await open();
      fail(on.cluster, at, trouble);
      const end = await settled(step(on));
      calm(on.cluster);
      if (end instanceof Error) expect(end, `${trouble.what} at ${at}`).to.be.instanceOf(FaultlineError);
      await judge(on, end, `${trouble.what} at request ${at}`);
    }
  }
}

/** A plan is whole or there is none, and nothing was written for it. */
async function inPlan(kind: FaultKind): Promise<void> {
  const { plan: wanted } = await stage(kind);
  await troubled(
    () => stage(kind),
    ({ cluster }) => planned(kind, cluster),
    async ({ cluster }, end, what) => {
      expect(cluster.writes, what).to.equal(0);
      if (!(end instanceof Error)) expect(end, what).to.deep.equal(wanted);
    },
  );
}

/** An injection that does not reject is one that is on. */
async function inInject(kind: FaultKind): Promise<void> {
  await troubled(
    () => stage(kind),
    ({ plan, cluster }) => kind.inject(plan, shortContext(cluster)),
    async (on, end, what) => {
      if (!(end instanceof Error))
        expect((await kind.prove(on.plan, shortContext(on.cluster))).proven, what).to.equal(true);
      await undoWhole(kind, on, what);
    },
  );
}

/** A look that fails says nothing of the fault, and writes nothing. */
async function inProof(kind: FaultKind): Promise<void> {
  const { cluster: whole, plan } = await stageOn(kind);
  expect((await kind.prove(plan, shortContext(whole))).proven, 'without trouble').to.equal(true);
  await troubled(
    () => stageOn(kind),
    ({ plan, cluster }) => kind.prove(plan, shortContext(cluster)),
    async (on, _end, what) => {
      expect(on.cluster.writes, what).to.equal(whole.writes);
      expect((await kind.prove(on.plan, shortContext(on.cluster))).proven, what).to.equal(true);
    },
  );
}

/** An undo that does not reject has put back everything: it takes nothing for another one's change that is not. */
async function inUndo(kind: FaultKind): Promise<void> {
  const wanted = await undoWhole(kind, await stageOn(kind), 'without trouble');
  await troubled(
    () => stageOn(kind),
    ({ plan, cluster }) => kind.undo(plan, shortContext(cluster)),
    async (on, end, what) => {
      if (!(end instanceof Error)) expect([end, on.cluster.snapshot()], what).to.deep.equal([wanted, on.before]);
      await undoWhole(kind, on, what);
    },
  );
}

/** When a step rejects, none of its requests is still on its way: it would come after the undo. */
async function ended(kind: FaultKind): Promise<void> {
  const steps: readonly [() => Promise<KindStage>, Step][] = [
    [() => stage(kind), ({ plan, cluster }) => kind.inject(plan, shortContext(cluster))],
    [() => stageOn(kind), ({ plan, cluster }) => kind.undo(plan, shortContext(cluster))],
  ];
  for (const [open, step] of steps) {
    const whole = await open();
    const requests = await requestsOf(whole.cluster, () => step(whole));
    for (let at = 1; at <= requests; at++) {
      const on = await open();
      const failing = on.cluster.requests + at;
      on.cluster.pause = ({ at: now }) => (now === failing ? undefined : turn());
      fail(on.cluster, at, timeout(false));
      await settled(step(on));
      expect(on.cluster.open, `after a failure of request ${at}`).to.equal(0);
    }
  }
}

export const ERRORS: readonly Check[] = [
  { name: 'has no plan, or the right one, when any request of it fails', check: inPlan },
  { name: 'is on, or says why not, when any request of its injection fails', check: inInject },
  { name: 'is still on when any request of its proof fails', check: inProof },
  { name: 'is put back, or says why not, when any request of its undo fails', check: inUndo },
  { name: 'has ended all its requests when a step is over', check: ended },
];
