import { expect } from 'chai';
import { systemClock } from './system-clock.ts';

describe('the clock of this machine', () => {
  it('counts microseconds that never go back', async () => {
    const before = systemClock.now();
    const hr = Number(process.hrtime.bigint() / 1000n);
    const after = systemClock.now();
    expect(before).to.be.at.most(hr);
    expect(hr).to.be.at.most(after);
  });

  it('sleeps at least as long as it is told', async () => {
    const start = systemClock.now();
    await systemClock.sleep(30);
    // Timers of Node may come a millisecond early by this clock.
    expect(systemClock.now() - start).to.be.at.least(29_000);
  });

  it('takes a time that has passed for none', async () => {
    await systemClock.sleep(-5);
    await systemClock.sleep(Number.NEGATIVE_INFINITY);
  });

  it('wakes at a signal, and does not sleep where it has come already; neither is an error', async () => {
    const ending = new AbortController();
    const sleeping = systemClock.sleep(3_600_000, ending.signal);
    ending.abort();
    await sleeping;
    await systemClock.sleep(3_600_000, ending.signal);
    await systemClock.sleep(3_600_000, AbortSignal.abort());
  });

  it('knows the wall time', () => {
    const wall = systemClock.wall().getTime();
    expect(Math.abs(wall - Date.now())).to.be.below(60_000);
  });
});
