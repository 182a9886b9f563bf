import { constants } from 'node:os';
import { expect } from 'chai';
import { endCode, exitCode, signalCode, unwrittenCode, worstCode } from './exit.ts';
import { STOP_SIGNALS, type StopSignal } from './history.ts';

describe('exit codes', () => {
  const ending = { status: 'interrupted', verdict: 'inconclusive', putBack: true } as const;

  it('are 128 and the number of the signal, as a shell has it', () => {
    expect([signalCode('SIGHUP'), signalCode('SIGINT'), signalCode('SIGTERM')]).to.deep.equal([129, 130, 143]);
    expect(exitCode({ ...ending, signal: 'SIGQUIT' })).to.equal(131);
    if (process.platform !== 'linux') return;
    for (const signal of Object.keys(STOP_SIGNALS) as StopSignal[]) {
      expect(STOP_SIGNALS[signal], signal).to.equal(constants.signals[signal]);
    }
  });

  it('are those of how a run has ended, and 5 however it has where something was left', () => {
    const codes = { refused: 3, aborted: 4, failed: 7, interrupted: 7 } as const;
    for (const [status, code] of Object.entries(codes) as [keyof typeof codes, number][]) {
      expect(exitCode({ ...ending, status }), status).to.equal(code);
      expect(exitCode({ ...ending, status, putBack: false }), status).to.equal(5);
    }
    const verdicts = { pass: 0, fail: 1, inconclusive: 6 } as const;
    for (const [verdict, code] of Object.entries(verdicts) as [keyof typeof verdicts, number][]) {
      expect(exitCode({ status: 'completed', verdict, putBack: true }), verdict).to.equal(code);
      expect(exitCode({ status: 'completed', verdict, putBack: false }), verdict).to.equal(5);
    }
  });

  it('are no signal where there was none: a record that breaks off is an internal error', () => {
    expect(exitCode(ending)).to.equal(7);
    expect(exitCode({ ...ending, putBack: false })).to.equal(5);
  });
});

describe('the exit code of a command', () => {
  it('is the worst of its runs', () => {
    const ranked = [0, 6, 1, 2, 3, 4, 7, 130, 5];
    for (const [at, code] of ranked.entries()) {
      expect(worstCode(ranked.slice(0, at + 1)), `${code}`).to.equal(code);
      expect(worstCode(ranked.slice(0, at + 1).toReversed()), `${code}`).to.equal(code);
    }
    expect(worstCode([])).to.equal(0);
  });

  it('is never as if all were well, or open, where a result could not be written; what is wrong stays said', () => {
    const codes = [0, 6, 1, 2, 3, 4, 5, 7, 143];
    expect(codes.map(unwrittenCode)).to.deep.equal([7, 7, 1, 2, 3, 4, 5, 7, 143]);
  });

  it('is that of what has stopped it, first of all, but for what is left', () => {
    const end = (codes: number[], stopped?: number, isWritten = true) => endCode({ codes, stopped, isWritten });
    expect([end([1, 0]), end([0], 130), end([143, 1], 130), end([5], 130)]).to.deep.equal([1, 130, 130, 5]);
    expect([end([0], undefined, false), end([6], undefined, false), end([0], 130, false)]).to.deep.equal([7, 7, 130]);
  });
});
