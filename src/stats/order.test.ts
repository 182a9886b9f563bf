import { expect } from 'chai';
import {
  binomialTail,
  lowerLimit,
  lowerRank,
  refutesShare,
  samplesNeeded,
  showsShare,
  upperLimit,
  upperRank,
} from './index.ts';

describe('stats: limits of a share against published tables', () => {
  it('Clopper and Pearson, two-sided 95 %: 0/10, 5/10, 10/10', () => {
    const limits = (hits: number) => [lowerLimit(hits, 10, 0.025), upperLimit(hits, 10, 0.025)];
    const table = [
      [0, 0, 0.3085],
      [5, 0.1871, 0.8129],
      [10, 0.6915, 1],
    ] as const;
    for (const [hits, lo, hi] of table) {
      expect(limits(hits)[0], `${hits}/10`).to.be.closeTo(lo, 5e-5);
      expect(limits(hits)[1], `${hits}/10`).to.be.closeTo(hi, 5e-5);
    }
  });
});

describe('stats: order statistics', () => {
  it('need the sample sizes of Wilks, with each miss more', () => {
    const needed = (share: number, misses?: number) => samplesNeeded(share, 0.05, misses);
    expect([needed(0.9), needed(0.95), needed(0.99)]).to.deep.equal([29, 59, 299]);
    expect([0, 1, 2, 3, 4].map((misses) => needed(0.95, misses))).to.deep.equal([59, 93, 124, 153, 181]);
    expect([samplesNeeded(0.95, 0.01), samplesNeeded(0.99, 0.01), samplesNeeded(0.5, 0.5)]).to.deep.equal([90, 459, 1]);
    expect(samplesNeeded(1, 0.05)).to.equal(undefined);
  });

  it('have ranks that cover the quantile as often as they say, and no tighter ones that do', () => {
    const chances = [0.05, 0.2].flatMap((risk) => [0.5, 0.9, 0.95].map((quantile) => ({ quantile, risk })));
    const cases = [1, 5, 29, 58, 59, 93, 120, 300].flatMap((n) => chances.map((chance) => ({ n, ...chance })));
    for (const { n, quantile, risk } of cases) {
      const name = `n ${n}, p${quantile * 100}, risk ${risk}`;
      // The value of rank k is below the quantile when at least k values are, above it when fewer than k are not.
      const below = (rank: number) => binomialTail(rank, n, quantile);
      const above = (rank: number) => (rank === 0 ? 0 : 1 - below(rank));
      const upper = upperRank(n, quantile, risk) ?? n + 1;
      expect(below(upper), name).to.be.at.most(risk);
      expect(below(upper - 1), `${name}, tighter`).to.be.above(risk);
      const lower = lowerRank(n, quantile, risk) ?? 0;
      expect(above(lower), name).to.be.at.most(risk + 1e-12);
      expect(above(lower + 1), `${name}, tighter`).to.be.above(risk);
    }
    const ranks = [58, 59, 93].map((n) => upperRank(n, 0.95, 0.05));
    expect(ranks).to.deep.equal([undefined, 59, 92]);
  });

  it('decide as the limits do', () => {
    for (let n = 1; n <= 40; n++) {
      for (let hits = 0; hits <= n; hits++) {
        expect(showsShare(hits, n, 0.8, 0.05), `${hits}/${n}`).to.equal(lowerLimit(hits, n, 0.05) >= 0.8);
        expect(refutesShare(hits, n, 0.8, 0.05), `${hits}/${n}`).to.equal(upperLimit(hits, n, 0.05) <= 0.8);
      }
    }
    expect([showsShare(0, 0, 0.8, 0.05), refutesShare(0, 0, 0.8, 0.05)]).to.deep.equal([false, false]);
  });
});
