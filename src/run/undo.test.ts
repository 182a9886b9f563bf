import { expect } from 'chai';
import { faultKind } from '../faults/index.ts';
import { shortContext, stageOn } from '../faults/testing/conformance/stage.ts';
import { fakeContext } from '../faults/testing/fake-system.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { TouchedObject } from '../model/history.ts';
import { again } from './again.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { BenchRun, SWAP } from './testing/bench-run.ts';
import { undoFault } from './undo.ts';

/** Whatever it is, it is told as it stands. */
const RECOVER = "faultline recover --run r --out 'my runs'";
const DONE: UndoOutcome = { state: 'undone', detail: 'back', objects: [], commands: [] };

/** A kind whose undo rejects so many times before it is done. */
function failing(times: number): { kindOf: () => FaultKind; tries: () => number } {
  let tries = 0;
  const undo = async () => {
    if (tries++ < times) throw new Error(`503 no (${tries})`);
    return DONE;
  };
  return { kindOf: () => ({ ...faultKind('imageSwap'), undo }), tries: () => tries };
}

async function stand(signal?: AbortSignal) {
  const bench = new BenchRun();
  const { faults } = await bench.plan([SWAP]);
  const [fault] = faults;
  if (fault === undefined) throw new Error('there is a fault');
  const context = fakeContext(bench.cluster, signal);
  return { plan: fault.plan, context };
}

describe('the undo of one fault', () => {
  for (const name of ['meshFault', 'clientFault', 'manifest']) {
    it(`whose kind of object the cluster serves no more is over, since that has gone as well: ${name}`, async () => {
      const kind = STAGED_KINDS.find((one) => one.kind === name) as FaultKind;
      const { cluster, plan } = await stageOn(kind);
      const { kind: what, name: called } = plan.objects.find((one) => !['Job', 'Pod'].includes(one.kind)) ?? {};
      cluster.objects.delete(`${what} default/${called}`);
      cluster.before = ({ kind }) => {
        if (kind === what) throw new FaultlineError('KIND_NOT_SERVED', 'no such kind');
      };
      const { state, detail } = await undoFault(plan, () => kind, shortContext(cluster), [], RECOVER);
      expect(state, detail).to.equal('undone');
    });
  }

  it('is tried up to five times, ever later, and that is no conflict', async () => {
    const { plan, context } = await stand();
    const four = failing(4);
    expect(await undoFault(plan, four.kindOf, context, [], RECOVER)).to.deep.equal(DONE);
    expect([four.tries(), context.clock.now() / 1000]).to.deep.equal([5, 250 + 500 + 1_000 + 2_000]);
  });

  it('that goes on failing has failed: everything may be left, and recover goes on from there', async () => {
    const { plan, context } = await stand();
    const never = failing(Number.POSITIVE_INFINITY);
    const outcome = await undoFault(plan, never.kindOf, context, [], RECOVER);
    expect(never.tries()).to.equal(5);
    expect(outcome).to.deep.include({
      state: 'failed',
      detail: 'the undo failed: 503 no (5)',
      commands: [RECOVER],
    });
    const states = (objects: readonly TouchedObject[]) => objects.map(({ kind, name, state }) => [kind, name, state]);
    expect(states(outcome.objects)).to.deep.equal([['Deployment', 'mockb-ap-northeast-1a', 'left-behind']]);
  });

  const emfile = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
  const PASSING: Readonly<Record<string, () => Error>> = {
    'its credentials are not taken': () =>
      Object.assign(new FaultlineError('PERMISSION_DENIED', '401 who?'), { status: 401 }),
    'the API server answers 503': () => Object.assign(new FaultlineError('KUBE_API', '503 not yet'), { status: 503 }),
    'it has too much to do': () => Object.assign(new FaultlineError('KUBE_API', '429 later'), { status: 429 }),
    'nobody answers': () => new FaultlineError('TARGET_UNREACHABLE', 'connect ECONNREFUSED'),
    'this machine has no files left': () =>
      new FaultlineError('TARGET_UNREACHABLE', 'no answer', { cause: new Error('fetch failed', { cause: emfile }) }),
  };
  for (const [why, error] of Object.entries(PASSING)) {
    it(`goes on as long as ${why}, for 90 s and no longer`, async () => {
      const kindOf = (act: FaultKind['undo']) => () => ({ ...faultKind('imageSwap'), undo: act });
      const fails = () => Promise.reject(error());
      const passing = await stand();
      const undo = async () => (passing.context.clock.now() / 1000 < 85_000 ? fails() : DONE);
      expect(await undoFault(passing.plan, kindOf(undo), passing.context, [], RECOVER)).to.deep.equal(DONE);
      const lasting = await stand();
      const { state, detail } = await undoFault(lasting.plan, kindOf(fails), lasting.context, [], RECOVER);
      expect([state, detail]).to.deep.equal(['failed', `the undo failed: ${error().message}`]);
      expect(lasting.context.clock.now() / 1000).to.be.within(90_000, 95_000);
    });
  }

  it('that has written and then failed says what it has done, and what it has not seen', async () => {
    const { plan, context } = await stand();
    await faultKind('imageSwap').inject(plan, context);
    const list = () => Promise.reject(new FaultlineError('TARGET_UNREACHABLE', 'list Pod: no answer'));
    const blind = { ...context, cluster: alteredCluster(context.cluster, { list }) };
    const { state, detail } = await undoFault(plan, faultKind, blind, [], RECOVER);
    const done =
      'done: patch Deployment default/mockb-ap-northeast-1a; not seen in the pods; looked at last: list Pod default';
    expect([state, detail]).to.deep.equal(['failed', `the undo failed: list Pod: no answer (${done})`]);
  });

  it('is not hurried into trying at once by a signal', async () => {
    const { plan, context } = await stand(AbortSignal.abort());
    let slept = 0;
    const clock = {
      ...context.clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        expect(signal).to.equal(undefined);
        slept += ms;
        return context.clock.sleep(ms);
      },
    };
    await undoFault(plan, failing(2).kindOf, { ...context, clock }, [], RECOVER);
    expect(slept).to.equal(750);
  });

  it('of a kind that nobody knows has failed at once', async () => {
    const { plan, context } = await stand();
    const outcome = await undoFault({ ...plan, kind: 'later' } as FaultPlan, faultKind, context, [], RECOVER);
    expect(outcome.state).to.equal('failed');
    expect(outcome.detail).to.contain('fault kind later is not known to this version');
    expect(context.clock.now()).to.equal(0);
  });

  it('that meets somebody else’s change is a conflict, and is not tried again', async () => {
    const { plan, context } = await stand();
    let tries = 0;
    const undo = async (): Promise<UndoOutcome> => {
      tries++;
      return { ...DONE, state: 'conflict' };
    };
    const outcome = await undoFault(plan, () => ({ ...faultKind('imageSwap'), undo }), context, [], RECOVER);
    expect([outcome.state, tries]).to.deep.equal(['conflict', 1]);
  });

  it('says how a person goes on: with each object that was changed, or with all where none is named', async () => {
    const { plan, context } = await stand();
    const touched = {
      ...plan.objects[0],
      kind: 'Node',
      namespace: '',
      name: 'node-1',
      state: 'conflict',
    } as TouchedObject;
    const objects = [touched, { ...touched, kind: 'Service', namespace: 'shop', name: 'pay' }];
    const next = async (outcome: Partial<UndoOutcome>) => {
      const undo = async (): Promise<UndoOutcome> => ({ ...DONE, ...outcome });
      const kindOf = () => ({ ...faultKind('imageSwap'), undo });
      const outcomes = await undoFault(plan, kindOf, context, [], RECOVER);
      return [outcomes.commands, outcomes.keep];
    };
    const keep = [`${RECOVER} --accept-current --only node/node-1 --only shop/service/pay`];
    const byHand = ['kubectl uncordon node-1'];
    expect(await next({ state: 'conflict', objects, commands: byHand })).to.deep.equal([[...byHand, RECOVER], keep]);
    expect(await next({ state: 'conflict', objects }), 'nothing can be put back').to.deep.equal([[], keep]);
    expect(await next({ state: 'conflict' })).to.deep.equal([[RECOVER], undefined]);
    expect(await next({ state: 'failed', objects })).to.deep.equal([[RECOVER], undefined]);
    expect(await next({ state: 'undone', objects })).to.deep.equal([[], undefined]);
  });

  it('names the context of its cluster in every command of kubectl', async () => {
    const { plan, context } = await stand();
    const cluster = alteredCluster(context.cluster, { kubectl: { context: 'staging' } });
    const commands = ['kubectl -n a delete pod/b && kubectl uncordon c', './nlb-zone.sh in'];
    const undo = async (): Promise<UndoOutcome> => ({ ...DONE, state: 'failed', commands });
    const outcome = await undoFault(
      plan,
      () => ({ ...faultKind('imageSwap'), undo }),
      { ...context, cluster },
      [],
      RECOVER,
    );
    expect(outcome.commands.slice(0, 2)).to.deep.equal([
      'kubectl --context staging -n a delete pod/b && kubectl --context staging uncordon c',
      './nlb-zone.sh in',
    ]);
  });
});

describe('what must be done in the end', () => {
  it('is done once where it can be', async () => {
    const { context } = await stand();
    expect(await again(context.clock, async () => 7)).to.equal(7);
    expect(context.clock.now()).to.equal(0);
  });

  it('leaves a server alone for as long as it asks, up to five seconds a time', async () => {
    const { context } = await stand();
    const asked = [4_000, 0, 3_600_000];
    const act = async () => {
      const retryAfterMs = asked.shift();
      if (retryAfterMs !== undefined) throw new FaultlineError('KUBE_API', '429 busy', { retryAfterMs });
    };
    await again(context.clock, act);
    expect(context.clock.now() / 1000).to.equal(4_000 + 500 + 5_000);
  });
});
