import { expect } from 'chai';
import fc from 'fast-check';
import { chanceOfLarger, chanceOfMoreHits, differenceOfShares } from './index.ts';

describe('stats: two samples', () => {
  it("Fisher's exact test is that of the lady tasting tea", () => {
    // 3 of 4 cups right: 17/70; 4 of 4: 1/70.
    expect(chanceOfMoreHits({ hits: 1, n: 4 }, { hits: 3, n: 4 })).to.be.closeTo(17 / 70, 1e-12);
    expect(chanceOfMoreHits({ hits: 0, n: 4 }, { hits: 4, n: 4 })).to.be.closeTo(1 / 70, 1e-12);
    expect(chanceOfMoreHits({ hits: 0, n: 19 }, { hits: 1, n: 1 })).to.be.closeTo(0.05, 1e-12);
    expect(chanceOfMoreHits({ hits: 0, n: 0 }, { hits: 1, n: 1 })).to.equal(1);
    expect(chanceOfMoreHits({ hits: 3, n: 9 }, { hits: 0, n: 9 })).to.be.closeTo(1, 1e-12);
  });

  it('Mann and Whitney: the critical values of their table', () => {
    // One-sided 5 %: U of at most 2 for 4 and 5... counted from the other end.
    for (const [n, m, critical] of [
      [3, 3, 0],
      [4, 4, 1],
      [5, 5, 4],
      [8, 8, 15],
      [10, 10, 27],
      [20, 20, 138],
    ] as const) {
      expect(chanceOfLarger(n * m - critical, n, m), `${n} ${m}`).to.be.at.most(0.05);
      expect(chanceOfLarger(n * m - critical - 1, n, m), `${n} ${m}`).to.be.above(0.05);
    }
    expect(chanceOfLarger(19, 19, 1)).to.be.closeTo(1 / 20, 1e-12);
    expect([chanceOfLarger(0, 5, 5), chanceOfLarger(0, 0, 5)]).to.deep.equal([1, 1]);
  });

  it('is the same from the formula and counted, where one takes over from the other', () => {
    for (const larger of [1250, 1400, 1500, 1650, 1800])
      expect(chanceOfLarger(larger, 50, 50)).to.be.closeTo(chanceOfLarger((larger * 51 * 50) / 2500, 51, 50), 0.005);
  });

  it('the interval of a difference holds it, and no 0 where the shares surely differ', () => {
    const count = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(
        count,
        count,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, m, p, q) => {
          const [a, b] = [
            { hits: Math.round(n * p), n },
            { hits: Math.round(m * q), n: m },
          ];
          const { lo, hi } = differenceOfShares(a, b, 0.025) ?? { lo: 1, hi: -1 };
          const gap = b.hits / m - a.hits / n;
          expect(lo <= gap + 1e-12 && gap <= hi + 1e-12).to.equal(true);
          const turned = differenceOfShares(b, a, 0.025);
          expect(turned?.lo).to.be.closeTo(-hi, 1e-9);
        },
      ),
      { numRuns: 100 },
    );
    // Newcombe's example with Wilson's limits, 56/70 against 48/80: 0.0524 to 0.3339; these are a little wider.
    const { lo = 0, hi = 0 } = differenceOfShares({ hits: 48, n: 80 }, { hits: 56, n: 70 }, 0.025) ?? {};
    expect(lo).to.be.within(0.03, 0.0524);
    expect(hi).to.be.within(0.3339, 0.36);
    expect(differenceOfShares({ hits: 0, n: 0 }, { hits: 1, n: 1 }, 0.025)).to.equal(undefined);
  });
});
