import { expect } from 'chai';
import fc from 'fast-check';
import { choosePriority, priorityLoads } from './load.ts';

const loads = (priorities: { total: number; healthy: number }[], threshold = 0): number[] =>
  priorityLoads(priorities, threshold).map((entry) => entry.load);

describe('priority loads', () => {
  const spill: readonly (readonly [total: number, ejected: number, first: number, second: number])[] = [
    [1, 0, 100, 0],
    [1, 1, 0, 100],
    [2, 1, 70, 30],
    [3, 1, 93, 7],
    [3, 2, 46, 54],
    [4, 1, 100, 0],
    [4, 2, 70, 30],
    [5, 1, 100, 0],
    [10, 3, 98, 2],
  ];
  for (const [total, ejected, first, second] of spill) {
    it(`give ${first}/${second} when ${ejected} of ${total} hosts of the first priority are ejected`, () => {
      const got = loads([
        { total, healthy: total - ejected },
        { total: 4, healthy: 4 },
      ]);
      expect(got).to.deep.equal([first, second]);
    });
  }

  it('stay with the first priority when nothing is healthy anywhere', () => {
    const got = loads([
      { total: 1, healthy: 0 },
      { total: 2, healthy: 0 },
    ]);
    expect(got).to.deep.equal([100, 0]);
  });

  it('follow the number of hosts when every priority is in panic', () => {
    const got = priorityLoads(
      [
        { total: 1, healthy: 0 },
        { total: 2, healthy: 0 },
      ],
      50,
    );
    expect(got).to.deep.equal([
      { load: 34, panic: true },
      { load: 66, panic: true },
    ]);
  });

  it('never panic as long as the healthy hosts of all priorities suffice', () => {
    const got = priorityLoads(
      [
        { total: 4, healthy: 1 },
        { total: 4, healthy: 4 },
      ],
      50,
    );
    expect(got.map((entry) => entry.panic)).to.deep.equal([false, false]);
  });

  it('add up to 100 and give nothing to a priority without healthy hosts unless none has any', () => {
    const health = fc.nat(12).chain((total) => fc.record({ total: fc.constant(total), healthy: fc.nat(total) }));
    fc.assert(
      fc.property(fc.array(health, { minLength: 1, maxLength: 5 }), fc.nat(100), (priorities, threshold) => {
        const got = priorityLoads(priorities, threshold);
        expect(got.reduce((sum, entry) => sum + entry.load, 0)).to.equal(100);
        const anyHealthy = priorities.some((priority) => priority.healthy > 0);
        got.forEach((entry, index) => {
          expect(entry.load).to.be.at.least(0);
          if (anyHealthy && priorities[index]?.healthy === 0 && !entry.panic) expect(entry.load).to.equal(0);
        });
      }),
    );
  });

  it('are met exactly by the 100 possible draws', () => {
    const counts = [0, 0, 0];
    for (let draw = 0; draw < 100; draw += 1) {
      const index = choosePriority([46, 0, 54], draw / 100);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    expect(counts).to.deep.equal([46, 0, 54]);
    expect(choosePriority([], 0.5)).to.equal(-1);
  });
});
