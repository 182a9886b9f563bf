import { expect } from 'chai';
import { alteredCluster } from '../faults/altered-cluster.ts';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { JournalEntry } from '../model/journal.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { BenchRun, BLACKHOLE, SWAP } from './testing/bench-run.ts';
import { virtualClock } from './testing/virtual-clock.ts';
import { type OpenFault, undoAll } from './undo-stack.ts';

const DONE: UndoOutcome = { state: 'undone', detail: 'back', objects: [], commands: [] };

type Made = { undo: () => Promise<UndoOutcome>; endSustain?: () => Promise<void>; object?: string };

/** Undoes open faults of which only this much is real; what was done, with its second. */
async function undoThese(
  faults: Readonly<Record<string, Made>>,
  clock = virtualClock(),
  onUndone?: (open: readonly string[]) => Promise<void>,
): Promise<string[]> {
  const steps: string[] = [];
  const seconds = () => Math.round(clock.now() / 1_000_000);
  const open = Object.entries(faults).map(([fault, { undo, endSustain = async () => {}, object }]): OpenFault => {
    const objects = object === undefined ? [] : [{ kind: 'Deployment', namespace: 'default', name: object }];
    const plan = { fault, kind: 'x', runId: 'r', cluster: 'tokyo', objects } as unknown as FaultPlan;
    const kind = { undo } as unknown as FaultKind;
    const context = { clock, cluster: new FakeCluster() } as unknown as FaultContext;
    return { kind, plan, context, lost: () => [], stalled: () => false, endSustain };
  });
  const append = (event: Partial<HistoryEvent>) => {
    if (event.type === 'fault') steps.push(`${seconds()} ${event.fault} ${event.step}`);
    if (event.type === 'notice') steps.push(`${seconds()} ${event.level}: ${event.text}`);
    return { seq: 0, t: 0, wall: '' };
  };
  const history = { append, now: () => clock.now() };
  const journal = { append: (_entry: JournalEntry) => {} };
  const told = (_cluster: string, rest: readonly FaultPlan[]) => onUndone?.(rest.map(({ fault }) => fault));
  const closing = onUndone === undefined ? {} : { onUndone: async (...args: Parameters<typeof told>) => told(...args) };
  await undoAll(open, { history, journal, clock, hurry: new AbortController().signal, recover: '', ...closing });
  return steps;
}

describe('the undo of all faults', () => {
  it('lets none wait for the cluster of another one', async () => {
    const clock = virtualClock();
    const hanging = async () => {
      await clock.sleep(60_000);
      return DONE;
    };
    const steps = await undoThese({ healthy: { undo: async () => DONE }, dead: { undo: hanging } }, clock);
    expect(steps).to.include.members(['0 healthy undone', '60 dead undone']);
  });

  it('undoes of two that touch the same object the last one first', async () => {
    const clock = virtualClock();
    const slow = async () => {
      await clock.sleep(5_000);
      return DONE;
    };
    const steps = await undoThese({ first: { undo: slow, object: 'a' }, last: { undo: slow, object: 'a' } }, clock);
    expect(steps.filter((step) => step.endsWith('undone'))).to.deep.equal(['5 last undone', '10 first undone']);
  });

  it('tells of each that is undone, with what is left, before the next one begins, and of the last one nobody', async () => {
    for (const [lasts, begins] of [
      [400, 0],
      [Number.POSITIVE_INFINITY, 1],
    ] as const) {
      const clock = virtualClock();
      const told: (readonly string[])[] = [];
      const onUndone = async (open: readonly string[]) => {
        told.push(open);
        await (Number.isFinite(lasts) ? clock.sleep(lasts) : new Promise(() => {}));
      };
      const done = { undo: async () => DONE, object: 'a' };
      const failed: Made = { undo: async () => ({ ...DONE, state: 'conflict' }) };
      const steps = await undoThese({ first: done, kept: failed, last: done }, clock, onUndone);
      expect(told).to.deep.equal([['first', 'kept'], ['kept']]);
      expect(steps).to.include(`${begins} first undo-requested`);
    }
  });

  it('is hurried when nobody has time to wait, and not because the injection has ended', async () => {
    const clock = virtualClock();
    const hurry = new AbortController();
    const seen: boolean[] = [];
    const undo: FaultKind['undo'] = async (_plan, { signal }) => {
      seen.push(signal.aborted);
      hurry.abort();
      seen.push(signal.aborted);
      return DONE;
    };
    const plan = { fault: 'f', kind: 'x', runId: 'r', cluster: 'tokyo', objects: [] } as unknown as FaultPlan;
    const context = { clock, cluster: new FakeCluster(), signal: AbortSignal.abort() } as unknown as FaultContext;
    const kind = { undo } as unknown as FaultKind;
    const open: OpenFault = { kind, plan, context, lost: () => [], stalled: () => false, endSustain: async () => {} };
    const history = { append: () => ({ seq: 0, t: 0, wall: '' }), now: () => clock.now() };
    await undoAll([open], { history, journal: { append: () => {} }, clock, hurry: hurry.signal, recover: '' });
    expect(seen).to.deep.equal([false, true]);
  });

  it('begins though what keeps a fault up does not end, and undoes that once more when it has', async () => {
    const clock = virtualClock();
    const at: number[] = [];
    const undo = async () => {
      at.push(clock.now() / 1000);
      return DONE;
    };
    const steps = await undoThese({ silent: { undo, endSustain: () => clock.sleep(76_000) } }, clock);
    expect(at).to.deep.equal([500, 76_000]);
    expect(steps).to.deep.equal(['1 silent undo-requested', '76 silent undone']);
  });

  it('tells once why people wait for one that is tried again, and nothing of a try or two', async () => {
    const clock = virtualClock();
    const until = (end: number) => async () => {
      if (clock.now() / 1e6 < end) throw new FaultlineError('TARGET_UNREACHABLE', 'tokyo does not answer');
      return DONE;
    };
    const steps = await undoThese({ late: { undo: until(40) }, soon: { undo: until(0.5) } }, clock);
    const notice = '1 warning: fault late: its undo is tried again, as long as that may help: tokyo does not answer';
    expect(steps.filter((step) => step.includes('warning'))).to.deep.equal([notice]);
    expect(steps.at(-1)).to.match(/^4\d late undone$/);
  });

  it('is at work once at a time, however long the first one takes', async () => {
    const clock = virtualClock();
    const spans: number[] = [];
    const undo = async () => {
      spans.push(clock.now() / 1000);
      await clock.sleep(100_000);
      spans.push(clock.now() / 1000);
      return DONE;
    };
    await undoThese({ silent: { undo, endSustain: () => clock.sleep(76_000) } }, clock);
    expect(spans).to.deep.equal([500, 100_500, 100_500, 200_500]);
  });
});

/** The cluster of a bench that answers the first write of a kind with a timeout, and does it when told to. */
function answeringLate(bench: BenchRun, kind: string): { land: () => Promise<unknown> } {
  let land: () => Promise<unknown> = async () => {};
  let isFirst = true;
  const lose = <T>(is: string, act: () => Promise<T>): Promise<T> => {
    if (is !== kind || !isFirst) return act();
    isFirst = false;
    land = () => act().catch(() => undefined);
    return Promise.reject(new FaultlineError('TARGET_UNREACHABLE', 'no answer'));
  };
  const change: Partial<Cluster> = {
    create: (object, options) => {
      const act = () => bench.cluster.create(object, options);
      return options?.dryRun === true ? act() : lose(object.kind, act);
    },
    patch: (ref, ops, options) => {
      const act = () => bench.cluster.patch(ref, ops, options);
      return options?.dryRun === true ? act() : lose(ref.kind, act);
    },
  };
  bench.seen = alteredCluster(bench.cluster, change);
  return { land: () => land() };
}

describe('a run of which a write was answered by nobody', () => {
  it('is put back for good: the write that comes after the undo finds another version', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    const { land } = answeringLate(bench, KINDS.deployment.kind);
    expect((await bench.run([SWAP])).status).to.equal('aborted');
    await land();
    expect(bench.cluster.snapshot()).to.deep.equal(before);
    expect(bench.steps().at(-1)).to.equal('swap undone');
  });

  it('waits for what may still be created, and takes it away', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    const { land } = answeringLate(bench, KINDS.job.kind);
    bench.onEvent = (event) => {
      if (event.type === 'fault' && event.step === 'undo-requested') void bench.clock.sleep(20_000).then(land);
    };
    await bench.run([BLACKHOLE]);
    await bench.clock.sleep(30_000);
    expect(bench.cluster.snapshot()).to.deep.equal(before);
    expect(bench.steps().at(-1)).to.equal('silent undone');
  });

  it('waits for it though it was told to stop, and is undone then', async () => {
    const bench = new BenchRun();
    answeringLate(bench, KINDS.job.kind);
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'undo')
        bench.stop.abort({ kind: 'signal', signal: 'SIGINT' });
    };
    const sent = () => bench.events.find((event) => event.type === 'fault' && event.step === 'requested')?.t ?? 0;
    await bench.run([BLACKHOLE]);
    const undone = bench.events.find((event) => event.type === 'fault' && event.step === 'undone');
    expect((undone?.t ?? 0) - sent()).to.equal(60_000_000);
  });

  it('leaves no plans in the cluster, though they come after it was refused', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    const { land } = answeringLate(bench, KINDS.configMap.kind);
    bench.onEvent = (event) => {
      if (event.type === 'phase-end' && event.phase === 'inject') void bench.clock.sleep(20_000).then(land);
    };
    await bench.run([SWAP]);
    await bench.clock.sleep(30_000);
    expect(bench.steps()).to.not.include('swap requested');
    expect(bench.cluster.all(KINDS.configMap)).to.deep.equal([]);
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });
});
