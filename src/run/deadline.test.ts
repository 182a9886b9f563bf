import { expect } from 'chai';
import { deadlineOf, withDeadline } from './deadline.ts';
import { RunStopped, throwIfStopped } from './stop.ts';
import { BLACKHOLE, SWAP, scenarioWith } from './testing/bench-run.ts';
import { virtualClock } from './testing/virtual-clock.ts';

/** The sentence of the stop that a signal has brought, if any. */
function stopOf(signal: AbortSignal): string | undefined {
  try {
    throwIfStopped(signal);
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(RunStopped);
    return (error as Error).message;
  }
}

describe('the deadline of a run', () => {
  it('is the length of its phases, the wait for the last fault, and five minutes', () => {
    expect(deadlineOf(scenarioWith([SWAP]))).to.equal(60_000 + 300_000);
    const late = { ...BLACKHOLE, afterMs: 7_000 };
    expect(deadlineOf(scenarioWith([late, SWAP]))).to.equal(60_000 + 7_000 + 300_000);
    expect(deadlineOf(scenarioWith([]))).to.equal(360_000);
  });

  it('stops the run when it is over, and not before', async () => {
    const clock = virtualClock();
    const { signal } = withDeadline(new AbortController().signal, 90_000, clock);
    await clock.sleep(89_999);
    expect(stopOf(signal)).to.equal(undefined);
    await clock.sleep(2);
    expect(stopOf(signal)).to.equal('stopped by its own deadline of 90 s');
  });

  it('is said in whole seconds', () => {
    const stop = AbortSignal.abort({ kind: 'deadline', limitMs: 5_400_400 });
    expect(stopOf(stop)).to.equal('stopped by its own deadline of 5400 s');
  });

  it('stops nothing once it is released', async () => {
    const clock = virtualClock();
    const { signal, release } = withDeadline(new AbortController().signal, 1_000, clock);
    release();
    await clock.sleep(10_000);
    expect(signal.aborted).to.equal(false);
  });

  it('passes on what the operator says, with the reason', () => {
    const stop = new AbortController();
    const { signal } = withDeadline(stop.signal, 1_000, virtualClock());
    stop.abort({ kind: 'signal', signal: 'SIGTERM' });
    expect(stopOf(signal)).to.equal('stopped by SIGTERM');
  });

  it('is told from a bug', () => {
    expect(stopOf(AbortSignal.abort({ kind: 'crash', message: 'x is not a function' }))).to.equal(
      'stopped by an error that nobody caught: x is not a function',
    );
  });
});
