import { expect } from 'chai';
import fc from 'fast-check';
import { Deadlines, type Waiting } from './deadlines.ts';
import { scheduleOf } from './schedule.ts';

describe('load/undici/schedule', () => {
  it('shifts the paths evenly and keeps each at its own rate', () => {
    const schedule = scheduleOf(
      1000,
      Array.from({ length: 2 }, () => 100),
    );
    expect([schedule.take(), schedule.take(), schedule.take(), schedule.take()]).to.deep.equal([
      { path: 0, seq: 0, due: 1000 },
      { path: 1, seq: 0, due: 6000 },
      { path: 0, seq: 1, due: 11_000 },
      { path: 1, seq: 1, due: 16_000 },
    ]);
  });

  it('property: no path drifts, is skipped or fires together with another', () => {
    const RATE = fc.double({ min: 0.1, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), fc.integer({ min: 1, max: 12 }), RATE, (start, paths, rate) => {
        const schedule = scheduleOf(
          start,
          Array.from({ length: paths }, () => rate),
        );
        for (let i = 0; i < 500; i += 1) {
          const { path, seq, due } = schedule.take();
          expect([path, seq]).to.deep.equal([i % paths, Math.floor(i / paths)]);
          const exact = start + ((seq + path / paths) * 1_000_000) / rate;
          expect(Math.abs(due - exact)).to.be.at.most(0.6);
          expect(schedule.next).to.be.at.least(due);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('load/undici/deadlines', () => {
  function waiting(deadline: number, expired: number[]): Waiting & { settled: boolean } {
    const one = {
      deadline,
      settled: false,
      expire: () => {
        one.settled = true;
        expired.push(deadline);
      },
    };
    return one;
  }

  it('expires what has reached its deadline, and only what still waits', () => {
    const expired: number[] = [];
    const deadlines = new Deadlines();
    expect(deadlines.next).to.equal(Number.POSITIVE_INFINITY);
    const all = [10, 20, 30, 40].map((deadline) => waiting(deadline, expired));
    for (const one of all) deadlines.add(one);
    for (const i of [0, 1]) (all[i] as { settled: boolean }).settled = true;
    expect(deadlines.next).to.equal(30);
    deadlines.expire(29);
    expect(expired).to.deep.equal([]);
    deadlines.expire(30);
    expect(expired).to.deep.equal([30]);
    expect(deadlines.next).to.equal(40);
  });

  it('keeps its place over many thousand requests', () => {
    const expired: number[] = [];
    const deadlines = new Deadlines();
    for (let i = 0; i < 5000; i += 1) {
      const one = waiting(i, expired);
      deadlines.add(one);
      if (i % 2 === 0) one.settled = true;
      deadlines.expire(i - 10);
    }
    deadlines.expire(5000);
    expect(expired).to.deep.equal(Array.from({ length: 2500 }, (_, i) => 2 * i + 1));
  });
});
