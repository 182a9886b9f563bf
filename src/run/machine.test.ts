import { expect } from 'chai';
import { faultKind } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { LoadEngine } from '../model/ports.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { BenchRun, BLACKHOLE, SWAP, stubEngine } from './testing/bench-run.ts';

/** A fault kind with one method replaced. */
function sabotaged(kind: string, change: Partial<FaultKind>): (name: string) => FaultKind {
  return (name) => (name === kind ? { ...faultKind(name), ...change } : faultKind(name));
}

describe('the phase machine', () => {
  it('runs the phases in order, proves each fault and undoes them at once', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    const end = await bench.run([SWAP, BLACKHOLE]);
    expect(end).to.deep.equal({ status: 'completed' });
    const undo = bench.steps().indexOf('phase undo');
    expect(bench.steps().slice(0, undo)).to.deep.equal([
      'phase baseline',
      'phase inject',
      'swap requested',
      'swap acknowledged',
      'swap proven',
      'silent requested',
      'silent acknowledged',
      'silent proven',
      'phase hold',
    ]);
    const undone = bench.steps().slice(undo + 1, -1);
    expect(undone).to.have.members(['silent undo-requested', 'silent undone', 'swap undo-requested', 'swap undone']);
    expect(bench.steps().at(-1)).to.equal('phase recover');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('waits as long as the scenario says', async () => {
    const bench = new BenchRun();
    await bench.run([SWAP, BLACKHOLE]);
    const at = (type: string, name: string) =>
      bench.events.find((event) => event.type === type && JSON.stringify(event).includes(`"${name}"`))?.t ?? Number.NaN;
    expect(at('phase-end', 'baseline')).to.equal(10_000_000);
    const requested = bench.events.filter((event) => event.type === 'fault' && event.step === 'requested');
    expect((requested[1]?.t ?? 0) - at('phase-start', 'inject')).to.equal(5_000_000);
    expect(at('phase-end', 'hold') - at('phase-start', 'hold')).to.equal(20_000_000);
    expect(at('phase-end', 'recover') - at('phase-start', 'recover')).to.equal(30_000_000);
  });

  it('counts from the beginning of the inject phase where even the first fault waits', async () => {
    const bench = new BenchRun();
    await bench.run([{ ...SWAP, afterMs: 3_000 }, BLACKHOLE]);
    const times = bench.events.flatMap((event) =>
      event.type === 'fault' && event.step === 'requested' ? [event.t / 1000] : [],
    );
    expect(times).to.deep.equal([13_000, 15_000]);
  });

  it('writes what the target has to say of the whole load, before the run ends', async () => {
    const bench = new BenchRun();
    const ports = bench.ports();
    bench.settle = async () => {
      await bench.clock.sleep(1000);
      ports.history.append({ type: 'notice', level: 'info', text: 'settled' });
    };
    await bench.run([SWAP]);
    const types = bench.events.map((event) => (event.type === 'notice' ? event.text : event.type));
    expect(types.indexOf('settled')).to.be.above(types.indexOf('load'));
    expect(types.at(-1)).to.equal('run-end');
  });

  it('waits for the records of an engine that brings them late, before it judges the baseline', async () => {
    const bench = new BenchRun();
    bench.engine = { ...stubEngine, start: async (order) => ({ ...(await stubEngine.start(order)), lagMs: 2000 }) };
    await bench.run([SWAP]);
    const judged = bench.events.find((event) => event.type === 'steady-state');
    expect(judged).to.include({ t: 12_000_000, when: 'before' });
  });

  it('W4 has each judgement of the steady state reach to the moment it is asked for, on a quiet cluster too', async () => {
    const bench = new BenchRun();
    bench.engine = { ...stubEngine, start: async (order) => ({ ...(await stubEngine.start(order)), lagMs: 2000 }) };
    const reaches: number[][] = [];
    bench.steadyState = async (until) => {
      const latest = Math.max(...bench.events.map(({ t }) => t));
      reaches.push([latest, until, bench.clock.now()].map((time) => time / 1000));
      return { holds: true, detail: 'quiet' };
    };
    await bench.run([{ ...SWAP, afterMs: 8_000 }]);
    expect(reaches).to.deep.equal([
      [10_000, 10_000, 12_000],
      [20_000, 20_000, 22_000],
    ]);
  });

  it('takes a start of load that a signal has ended for an interrupted run, and touches nothing', async () => {
    const bench = new BenchRun();
    const start: LoadEngine['start'] = async ({ signal }) => {
      bench.stop.abort({ kind: 'signal', signal: 'SIGINT' });
      throw new FaultlineError('LOAD', signal?.aborted ? 'the start was interrupted' : 'the signal did not come');
    };
    bench.engine = { name: 'slow', start };
    const end = await bench.run([SWAP]);
    expect(end).to.include({ status: 'interrupted', signal: 'SIGINT' });
    expect(bench.cluster.writes).to.equal(0);
  });

  it('has the intent in the journal and in the cluster before the first write of a fault', async () => {
    const bench = new BenchRun();
    const writes: string[] = [];
    bench.beforeJournal = (entry) => {
      writes.push(`${entry.state} after ${bench.cluster.writes} writes`);
    };
    await bench.run([SWAP]);
    expect(writes.slice(0, 2)).to.deep.equal(['announced after 0 writes', 'intent after 1 writes']);
    expect(writes[2]).to.equal('applied after 2 writes');
    expect(bench.entries.map((entry) => entry.state)).to.deep.equal([
      'announced',
      'intent',
      'applied',
      'undo-intent',
      'closed',
      'released',
    ]);
    expect(await bench.cluster.list(KINDS.configMap, {})).to.deep.equal([]);
  });

  it('refuses while another run has something to undo in the cluster, and leaves its plans alone', async () => {
    const bench = new BenchRun();
    await writeClusterJournal(bench.cluster, 'default', 'another', []);
    const { writes } = bench.cluster;
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('refused');
    expect(end.reason).to.contain('run another has not been undone');
    expect(bench.cluster.writes).to.equal(writes);
    expect(await bench.cluster.list(KINDS.configMap, {})).to.have.length(1);
  });

  it('refuses when the steady state does not hold, and touches nothing', async () => {
    const bench = new BenchRun();
    bench.steady = false;
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('refused');
    expect(end.reason).to.contain('as the test says');
    expect(bench.cluster.writes).to.equal(0);
    expect(bench.steps()).to.deep.equal(['phase baseline']);
  });

  it('refuses when the steady state has gone until right before the first write, and takes the journal back', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    const late = { ...SWAP, afterMs: 8_000 };
    bench.onEvent = (event) => {
      if (event.type !== 'phase-start' || event.phase !== 'inject') return;
      void bench.clock.sleep(4_000).then(() => {
        bench.steady = false;
      });
    };
    const end = await bench.run([late]);
    expect(end.status).to.equal('refused');
    expect(end.reason).to.contain('nothing was injected: as the test says');
    expect(bench.steps()).to.deep.equal(['phase baseline', 'phase inject']);
    expect(bench.events.flatMap((event) => (event.type === 'steady-state' ? [event.holds] : []))).to.deep.equal([
      true,
      false,
    ]);
    expect(bench.entries.map((entry) => entry.state)).to.deep.equal(['announced', 'released']);
    expect(await bench.cluster.list(KINDS.configMap, {})).to.deep.equal([]);
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('looks a last time when the journal is in the cluster, and before its own; the faults keep their distance', async () => {
    const bench = new BenchRun();
    bench.engine = { ...stubEngine, start: async (order) => ({ ...(await stubEngine.start(order)), lagMs: 2000 }) };
    const writes: number[] = [];
    bench.onEvent = (event) => {
      if (event.type === 'steady-state') writes.push(bench.cluster.writes, bench.entries.length);
    };
    await bench.run([SWAP, BLACKHOLE]);
    expect(writes).to.deep.equal([0, 0, 1, 1]);
    const requested = bench.events.filter((event) => event.type === 'fault' && event.step === 'requested');
    expect(requested.map((event) => event.t)).to.deep.equal([14_000_000, 19_000_000]);
  });

  /** A kind whose `sustain` gives up after this time, and whose proof takes a second. */
  const stalling = (afterMs: number, proofMs: number) =>
    sabotaged('imageSwap', {
      sustain: async (_plan, context) => {
        await context.clock.sleep(afterMs);
        throw new Error('503 no');
      },
      prove: async (_plan, context) => {
        await context.clock.sleep(proofMs, context.signal);
        return { proven: true, observed: true, detail: 'seen' };
      },
    });

  it('says that a fault has stalled while it was on, and holds it no longer', async () => {
    const bench = new BenchRun();
    bench.kinds = stalling(7_500, 0);
    await bench.run([SWAP]);
    expect(bench.steps().join()).to.contain('swap proven,phase hold,swap not-proven,phase undo,swap undo-requested');
    const stalled = bench.events.find((event) => event.type === 'fault' && event.step === 'not-proven');
    expect(stalled).to.include({ t: 17_500_000, detail: 'it stalled: 503 no' });
    const undo = bench.events.find((event) => event.type === 'phase-start' && event.phase === 'undo');
    expect(undo?.t).to.equal(18_000_000);
  });

  it('does not call a fault proven that has stalled before', async () => {
    const bench = new BenchRun();
    bench.kinds = stalling(500, 3_000);
    await bench.run([SWAP]);
    expect(bench.steps().join()).to.contain('swap acknowledged,swap not-proven,phase undo');
    expect(bench.steps()).to.not.include('swap proven').and.not.include('phase hold');
  });

  it('hears of a stall that shows only at the end before the undo is requested', async () => {
    const bench = new BenchRun();
    bench.kinds = stalling(20_500, 0);
    await bench.run([SWAP]);
    expect(bench.steps().join()).to.contain('phase undo,swap not-proven,swap undo-requested,swap undone');
  });

  it('refuses without a journal', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    bench.beforeJournal = () => {
      throw new FaultlineError('JOURNAL', 'disk full');
    };
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('refused');
    expect(bench.steps()).to.not.include('swap requested');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('refuses what the API would not allow, before the load starts', async () => {
    const bench = new BenchRun();
    bench.cluster.can = async () => false;
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('refused');
    expect(end.reason).to.contain('patch Deployment in tokyo/default');
    expect(bench.cluster.writes).to.equal(0);
  });

  it('leaves nobody waiting at its end, which would keep its process alive', async () => {
    const bench = new BenchRun();
    const { sleep } = bench.clock;
    let waiting = 0;
    bench.clock.sleep = async (ms, signal) => {
      waiting += 1;
      await sleep(ms, signal);
      waiting -= 1;
    };
    expect(await bench.run([SWAP])).to.deep.equal({ status: 'completed' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(waiting).to.equal(0);
  });

  it('refuses what a guard refuses, before the load starts, whoever has planned it', async () => {
    const bench = new BenchRun();
    const run = await bench.plan([SWAP]);
    const guards = [...run.guards, { guard: 'whole service', holds: false, detail: 'nothing would be left' }];
    expect(await bench.execute({ ...run, guards })).to.deep.equal({
      status: 'refused',
      reason: 'nothing would be left',
    });
    expect([bench.cluster.writes, bench.steps()]).to.deep.equal([0, []]);
  });

  it('undoes everything when the second injection fails', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    bench.kinds = sabotaged('zoneNetworkPolicy', {
      inject: async () => {
        throw new Error('no');
      },
    });
    const end = await bench.run([SWAP, BLACKHOLE]);
    expect(end.status).to.equal('failed');
    expect(bench.steps()).to.include.members(['silent undone', 'swap undone']);
    expect(bench.steps()).to.not.include('phase hold');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('does not hold a fault that it could not prove', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    bench.kinds = sabotaged('imageSwap', {
      prove: async () => ({ proven: false, observed: false, detail: 'nothing seen' }),
    });
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('completed');
    expect(bench.steps()).to.include('swap not-proven').and.not.include('phase hold');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('notices when somebody takes the fault back while it is meant to be on', async () => {
    const bench = new BenchRun();
    const ref = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
    const image = '/spec/template/spec/containers/0/image';
    bench.onEvent = (event) => {
      if (event.type !== 'phase-start' || event.phase !== 'hold') return;
      void bench.cluster.patch(ref, [{ op: 'replace', path: image, value: 'asm-mock:v0.1' }]);
    };
    await bench.run([SWAP]);
    expect(bench.steps().join()).to.contain('phase hold,swap not-proven,phase undo');
    const held = bench.events.filter((event) => 'phase' in event && event.phase === 'hold').map((event) => event.t);
    expect((held[1] ?? 0) - (held[0] ?? 0)).to.equal(3_000_000);
  });

  it('does not wait for a cluster that falls silent during hold when a signal comes', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    let holding = false;
    bench.kinds = sabotaged('imageSwap', {
      prove: (plan, context) => (holding ? new Promise(() => {}) : faultKind('imageSwap').prove(plan, context)),
    });
    bench.onEvent = (event) => {
      if (event.type !== 'phase-start' || event.phase !== 'hold') return;
      holding = true;
      void bench.clock.sleep(5_000).then(() => bench.stop.abort({ kind: 'signal', signal: 'SIGINT' }));
    };
    const end = await bench.run([SWAP]);
    expect(end.signal).to.equal('SIGINT');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('undoes the other fault when one undo fails, and says what is left', async function () {
    this.timeout(30_000);
    const bench = new BenchRun();
    bench.kinds = sabotaged('zoneNetworkPolicy', {
      undo: async () => {
        throw new Error('sabotage');
      },
    });
    const end = await bench.run([SWAP, BLACKHOLE]);
    expect(end.status).to.equal('completed');
    expect(bench.steps()).to.include.members(['silent undo-failed', 'swap undone']).and.not.include('phase recover');
    const left = bench.events
      .filter((event) => event.type === 'leftovers')
      .flatMap((event) => event.objects.map(({ ref }) => ref));
    expect(left.join(' ')).to.contain('networkpolicy/').and.contain('pod/').and.not.contain('configmap/');
    expect(bench.entries.filter((entry) => entry.state === 'closed').map((entry) => entry.fault)).to.deep.equal([
      'swap',
    ]);
  });

  it('ends by itself when a fault hangs', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    bench.kinds = sabotaged('imageSwap', {
      prove: async (_plan, context) => {
        await context.clock.sleep(10_000_000, context.signal);
        return { proven: true, observed: true, detail: 'late' };
      },
    });
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('aborted');
    expect(end.reason).to.contain('deadline of 360 s');
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });
});
