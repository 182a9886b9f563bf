import { expect } from 'chai';
import type { Millis } from '../model/units.ts';
import { lookUntil } from './look-until.ts';
import { HandClock } from './testing/hand-clock.ts';

describe('load/look-until', () => {
  it('looks at once, and no more when there is something', async () => {
    const clock = new HandClock();
    expect(await lookUntil(() => 'there', { everyMs: 100, patienceMs: 1_000 }, clock)).to.equal('there');
    expect(clock.ms).to.equal(0);
  });

  it('counts the time of the looks, and looks once more when it is over', async () => {
    const clock = new HandClock();
    let looks = 0;
    const slow = () => {
      looks += 1;
      clock.ms += 400;
      return undefined;
    };
    expect(await lookUntil(slow, { everyMs: 100, patienceMs: 1_000 }, clock)).to.equal(undefined);
    expect(looks).to.equal(4);
  });

  it('hears what was told while the machine stood still beyond its patience', async () => {
    const clock = new HandClock();
    const seen = [undefined, 'told'];
    const look = () => {
      const found = seen.shift();
      if (found === undefined) clock.ms += 60_000;
      return found;
    };
    expect(await lookUntil(look, { everyMs: 100, patienceMs: 1_000 }, clock)).to.equal('told');
  });

  it('reminds of itself every so often, and once after a long look', async () => {
    const clock = new HandClock();
    const reminded: Millis[] = [];
    const at = { everyMs: 300, call: () => reminded.push(clock.ms) };
    const looks = [0, 0, 0, 0, 950, 0, 0];
    const look = () => {
      clock.ms += looks.shift() ?? 0;
      return undefined;
    };
    await lookUntil(look, { everyMs: 100, patienceMs: 1_500, remind: at }, clock);
    expect(reminded).to.deep.equal([300, 1_350]);
  });
});
