import { expect } from 'chai';
import fc from 'fast-check';
import { Quiet } from './quiet.ts';

describe('how long something has been quiet', () => {
  it('is the time since it was heard, while somebody listens', () => {
    const quiet = new Quiet(0);
    expect(quiet.look(500_000, 0)).to.equal(500_000);
    expect(quiet.look(1_000_000, 0)).to.equal(1_000_000);
    expect(quiet.look(1_500_000, 1_200_000)).to.equal(300_000);
    expect(quiet.since).to.equal(1_200_000);
    expect(quiet.look(2_000_000, 1_200_000)).to.equal(800_000);
  });

  it('does not grow while the one who listens stands still', () => {
    const quiet = new Quiet(0);
    quiet.look(500_000, 500_000);
    expect(quiet.look(90_500_000, 500_000)).to.equal(2_000_000);
    expect(quiet.look(91_000_000, 500_000)).to.equal(2_500_000);
  });

  it('is never longer than the time since it was heard, and just that where looks are close', () => {
    const looks = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 5_000_000 }), heard: fc.boolean() }));
    fc.assert(
      fc.property(looks, (steps) => {
        const quiet = new Quiet(0);
        let [now, last, most] = [0, 0, 0];
        for (const { gap, heard } of steps) {
          now += gap;
          most = Math.max(most, gap);
          if (heard) last = now;
          const lasts = quiet.look(now, last);
          expect(lasts).to.be.at.most(now - last);
          if (most <= 2_000_000) expect(lasts).to.equal(now - last);
        }
      }),
    );
  });
});
