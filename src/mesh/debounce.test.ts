import { expect } from 'chai';
import { ManualClock } from '../sandbox/testing/manual-clock.ts';
import { Debounce } from './debounce.ts';

describe('debounce', () => {
  const start = () => {
    const clock = new ManualClock();
    const acts: number[] = [];
    const act = () => acts.push(clock.now() / 1000);
    return { clock, acts, debounce: new Debounce({ clock, quietMs: 100, longestMs: 1000, act }) };
  };

  it('acts once things have been quiet', async () => {
    const { clock, acts, debounce } = start();
    debounce.touch();
    await clock.advance(60);
    debounce.touch();
    await clock.advance(500);
    expect(acts).to.deep.equal([160]);
    debounce.touch();
    await clock.advance(500);
    expect(acts).to.deep.equal([160, 660]);
  });

  it('does not wait longer than its limit', async () => {
    const { clock, acts, debounce } = start();
    for (let count = 0; count < 30; count += 1) {
      debounce.touch();
      await clock.advance(50);
    }
    expect(acts[0]).to.equal(1000);
  });

  it('acts no more after it was closed', async () => {
    const { clock, acts, debounce } = start();
    debounce.touch();
    debounce.close();
    await clock.advance(500);
    expect(acts).to.deep.equal([]);
  });
});
