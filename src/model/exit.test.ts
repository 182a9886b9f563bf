import { constants } from 'node:os';
import { expect } from 'chai';
import { exitCode, signalCode } from './exit.ts';
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
