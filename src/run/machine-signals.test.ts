import { expect } from 'chai';
import { EXIT, exitCode } from '../model/exit.ts';
import type { HistoryEvent } from '../model/history.ts';
import { BenchRun, BLACKHOLE, SWAP } from './testing/bench-run.ts';

/** What an event is, in a word: `fault:proven`, `phase-start:hold`. */
function named(event: HistoryEvent): string {
  if (event.type === 'fault') return `fault:${event.step}`;
  return 'phase' in event ? `${event.type}:${event.phase}` : event.type;
}

describe('a signal in the phase machine', () => {
  for (const at of ['phase-start:baseline', 'fault:acknowledged', 'fault:proven', 'phase-start:hold']) {
    it(`at ${at} undoes everything`, async () => {
      const bench = new BenchRun();
      const before = bench.cluster.snapshot();
      bench.onEvent = (event) => {
        if (named(event) === at) bench.stop.abort({ kind: 'signal', signal: 'SIGTERM' });
      };
      const end = await bench.run([SWAP, BLACKHOLE]);
      expect(end).to.deep.include({ status: 'interrupted', signal: 'SIGTERM' });
      expect(bench.steps()).to.not.include('phase recover');
      expect(bench.cluster.snapshot()).to.deep.equal(before);
    });
  }

  for (const at of ['phase-start:undo', 'fault:undone', 'phase-end:undo', 'phase-start:recover']) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) {
      it(`is one at ${at}, too: ${signal}`, async () => {
        const bench = new BenchRun();
        const before = bench.cluster.snapshot();
        bench.onEvent = (event) => {
          if (named(event) === at) bench.stop.abort({ kind: 'signal', signal });
        };
        const end = await bench.run([SWAP, BLACKHOLE]);
        expect(end).to.deep.equal({ status: 'interrupted', signal, reason: `stopped by ${signal}` });
        expect(bench.steps()).to.include.members(['swap undone', 'silent undone']);
        expect(bench.cluster.snapshot()).to.deep.equal(before);
      });
    }
  }

  it('is answered so by a record that cannot be written any more: nothing is held of which nothing is known', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    bench.onEvent = (event) => {
      if (named(event) === 'phase-start:hold') bench.stop.abort({ kind: 'record', message: 'disk full: /x/history' });
    };
    const end = await bench.run([SWAP, BLACKHOLE]);
    const reason = 'stopped, since nothing can be recorded any more: disk full: /x/history';
    expect(end).to.deep.equal({ status: 'failed', reason });
    expect(exitCode({ verdict: 'pass', ...end, putBack: true })).to.equal(EXIT.internal);
    expect(bench.steps()).to.include.members(['swap undone', 'silent undone']);
    expect(bench.cluster.snapshot()).to.deep.equal(before);
  });

  it('may come from the program that runs it, which is said, and counts as SIGTERM', async () => {
    const bench = new BenchRun();
    bench.onEvent = ({ type }) => {
      if (type === 'steady-state') bench.stop.abort({ kind: 'program' });
    };
    const end = await bench.run([SWAP]);
    const reason = 'stopped by the program that runs it';
    expect(end).to.deep.equal({ status: 'interrupted', signal: 'SIGTERM', reason });
  });

  it('may be the end of what has started it, and counts as SIGHUP', async () => {
    const bench = new BenchRun();
    bench.onEvent = ({ type }) => {
      if (type === 'steady-state') bench.stop.abort({ kind: 'orphaned', starter: 'npm exec' });
    };
    const end = await bench.run([SWAP]);
    const reason = 'stopped because npm exec, which had started it, has ended';
    expect(end).to.deep.equal({ status: 'interrupted', signal: 'SIGHUP', reason });
  });
});
