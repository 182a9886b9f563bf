import { expect } from 'chai';
import fc from 'fast-check';
import { RemoteClock } from './clock.ts';

describe('load/k6/records/clock: where the zero of another clock lies', () => {
  it('knows nothing before the first reading', () => {
    const clock = new RemoteClock();
    expect(clock.known).to.equal(false);
    expect(clock.zero).to.deep.equal(Number.NaN);
    clock.learn(0, 1000, 1000);
    expect(clock.known).to.equal(true);
    expect([clock.zero, clock.doubt, clock.stepped]).to.deep.equal([1000, 0, 0]);
  });

  it('knows a zero as well as the answer was quick', () => {
    const clock = new RemoteClock();
    clock.learn(400, 1000, 1600);
    expect([clock.zero, clock.doubt]).to.deep.equal([900, 300]);
  });

  it('knows it better from several readings than from the best of them', () => {
    const clock = new RemoteClock();
    // One bounds it from above (its answer came at once), the other from below (it was asked late).
    clock.learn(1000, 1400, 2100);
    clock.learn(1000, 2050, 2700);
    expect(clock.zero).to.be.closeTo(1075, 0.1);
    expect(clock.doubt).to.be.closeTo(25, 0.1);
    expect(clock.stepped).to.equal(0);
  });

  it('trusts an old reading less, by what clocks drift', () => {
    const clock = new RemoteClock();
    clock.learn(0, 0, 100);
    clock.learn(0, -10_000_000, 10_000_000);
    expect(clock.doubt).to.be.closeTo(50 + 1000, 0.1);
    expect(clock.stepped).to.equal(0);
  });

  it('notices a clock that was set, by how much in all, and goes on with what it says now', () => {
    const clock = new RemoteClock();
    clock.learn(1_000_000, 1_000_000, 1_000_000);
    clock.learn(3_000_000, 2_000_000, 2_000_200);
    expect(clock.stepped).to.be.closeTo(999_800, 101);
    expect([clock.zero, clock.doubt]).to.deep.equal([-999_900, 100]);
    clock.learn(4_000_000, 6_000_000, 6_000_000);
    expect(clock.stepped).to.be.closeTo(999_800 + 2_999_800, 1000);
    expect(clock.zero).to.equal(2_000_000);
  });

  it('follows a small contradiction without a word', () => {
    const clock = new RemoteClock();
    clock.learn(0, 0, 0);
    clock.learn(0, 4900, 4900);
    expect([clock.stepped, clock.zero]).to.deep.equal([0, 4900]);
    clock.learn(0, 10_500, 10_500);
    expect(clock.stepped).to.be.greaterThan(5000);
  });

  it('takes the word that came quickest where the clock is never asked, and knows no doubt', () => {
    const clock = new RemoteClock();
    clock.heard(400, 1000);
    expect([clock.known, clock.zero, clock.doubt]).to.deep.equal([true, 600, undefined]);
    clock.heard(5000, 5500);
    clock.heard(9000, 9700);
    expect([clock.zero, clock.doubt, clock.stepped]).to.deep.equal([500, undefined, 0]);
  });

  it('knows the clock that is its own', () => {
    const clock = new RemoteClock();
    clock.same(-700);
    expect([clock.known, clock.zero, clock.doubt]).to.deep.equal([true, -700, 0]);
  });

  it('property: the truth stays within the doubt and no step is seen, for any clock that only drifts', () => {
    const READING = fc.record({
      pause: fc.nat({ max: 60_000_000 }),
      there: fc.nat({ max: 3_000_000 }),
      back: fc.nat({ max: 3_000_000 }),
    });
    const OFFSET = fc.integer({ min: -1e12, max: 1e12 });
    const DRIFT = fc.oneof(fc.constantFrom(-100e-6, 100e-6), fc.double({ min: -100e-6, max: 100e-6, noNaN: true }));
    fc.assert(
      fc.property(fc.array(READING, { minLength: 1, maxLength: 40 }), OFFSET, DRIFT, (readings, offset, drift) => {
        const clock = new RemoteClock();
        let now = 0;
        for (const { pause, there, back } of readings) {
          const asked = now + pause;
          const looked = asked + there;
          now = looked + back;
          const truth = offset + looked * drift;
          clock.learn(looked - truth, asked, now);
          // Half a microsecond for the arithmetic of numbers this large.
          expect(Math.abs(clock.zero - truth)).to.be.at.most((clock.doubt ?? 0) + 0.5);
          expect(clock.doubt).to.be.at.most((there + back) / 2 + 0.5);
        }
        expect(clock.stepped).to.equal(0);
      }),
      { numRuns: 300 },
    );
  });
});
