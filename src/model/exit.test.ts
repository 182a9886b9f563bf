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

  it('are no signal where there was none: a record that breaks off is an internal error', () => {
    expect(exitCode(ending)).to.equal(7);
    expect(exitCode({ ...ending, putBack: false })).to.equal(5);
  });
});
