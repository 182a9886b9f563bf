import { expect } from 'chai';
import fc from 'fast-check';
import {
  betaCdf,
  betaQuantile,
  binomialTail,
  chanceExplains,
  chanceOfGroup,
  chanceOfMore,
  designEffect,
  logGamma,
  lowerLimit,
  samplesToShow,
  upperLimit,
} from './index.ts';

/** P(X >= k) summed term by term. */
function summed(k: number, n: number, p: number): number {
  let sum = 0;
  for (let i = k; i <= n; i++) {
    const ways = logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1);
    sum += Math.exp(ways + (i === 0 ? 0 : i * Math.log(p)) + (i === n ? 0 : (n - i) * Math.log1p(-p)));
  }
  return sum;
}

const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('stats: the beta function', () => {
  it('gives factorials', () => {
    for (const [n, factorial] of [
      [1, 1],
      [5, 24],
      [11, 3_628_800],
    ] as const)
      expect(Math.exp(logGamma(n))).to.be.closeTo(factorial, factorial * 1e-12);
  });

  it('is the tail of the binomial distribution', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), share, fc.nat(400), (n, p, at) => {
        const k = at % (n + 1);
        expect(binomialTail(k, n, p)).to.be.closeTo(summed(k, n, p), 1e-10);
      }),
    );
  });

  it('is undone by its quantile, for any size', () => {
    const size = fc.double({ min: 1, max: 5e6, noNaN: true });
    fc.assert(
      fc.property(share, size, size, (p, a, b) => {
        expect(betaCdf(betaQuantile(p, a, b), a, b)).to.be.closeTo(p, 1e-6);
      }),
      { numRuns: 50 },
    );
  });
});

describe('stats: limits of a share', () => {
  it('are those of Clopper and Pearson', () => {
    // 8 of 10 at two-sided 95 %: 0.4439 to 0.9748; 0 of 20: 0 to 0.1684 (any textbook's table).
    expect(lowerLimit(8, 10, 0.025)).to.be.closeTo(0.44390454, 1e-7);
    expect(upperLimit(8, 10, 0.025)).to.be.closeTo(0.97478926, 1e-7);
    expect([lowerLimit(0, 20, 0.025), upperLimit(0, 20, 0.025)]).to.deep.equal([0, 1 - 0.025 ** (1 / 20)]);
    expect([lowerLimit(0, 0, 0.025), upperLimit(0, 0, 0.025)]).to.deep.equal([0, 1]);
  });

  it('err no more often than they say, at any share and size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), share, (n, p) => {
        let wrong = 0;
        for (let hits = 0; hits <= n; hits++) {
          if (lowerLimit(hits, n, 0.025) > p) wrong += summed(hits, n, p) - summed(hits + 1, n, p);
        }
        expect(wrong).to.be.at.most(0.025 + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('say how many samples show a share', () => {
    expect([0.9, 0.95, 0.99, 0.999].map((target) => samplesToShow(target))).to.deep.equal([36, 72, 368, 3688]);
    for (const target of [0.9, 0.95, 0.99, 0.999]) {
      const n = samplesToShow(target) ?? 0;
      expect(lowerLimit(n, n, 0.025)).to.be.at.least(target);
      expect(lowerLimit(n - 1, n - 1, 0.025)).to.be.below(target);
    }
    expect(samplesToShow(1)).to.equal(undefined);
    expect(samplesToShow(0.1)).to.equal(20);
  });
});

describe('stats: samples that are not independent', () => {
  it('alone are worth one each, in bursts a burst each', () => {
    const blocks = (miss: (block: number) => number) =>
      Array.from({ length: 100 }, (_, i) => ({ all: 25, hits: 25 - miss(i) }));
    expect(designEffect(blocks(() => 0))).to.equal(1);
    expect(designEffect(blocks((i) => (i % 4 === 0 ? 1 : 0)))).to.equal(1);
    expect(designEffect(blocks((i) => (i === 7 ? 20 : 0)))).to.be.closeTo(20, 1);
    expect(designEffect(blocks((i) => (i % 10 === 0 ? 5 : 0)))).to.be.within(4, 6);
  });

  it('an empty block says nothing, one block has no spread', () => {
    expect(designEffect([{ all: 0, hits: 0 }])).to.equal(1);
    expect(designEffect([{ all: 30, hits: 20 }])).to.equal(1);
  });
});

describe('stats: two counts', () => {
  it('the chance of more is that of tossing each bad one into its part', () => {
    expect(chanceOfMore({ bad: 0, all: 250 }, { bad: 1, all: 520 })).to.be.closeTo(520 / 770, 1e-12);
    expect(chanceOfMore({ bad: 0, all: 100 }, { bad: 10, all: 100 })).to.be.closeTo(2 ** -10, 1e-12);
    expect(chanceOfMore({ bad: 3, all: 100 }, { bad: 2, all: 100 })).to.be.closeTo(summed(2, 5, 0.5), 1e-12);
    expect(chanceOfMore({ bad: 0, all: 0 }, { bad: 5, all: 5 })).to.equal(1);
    expect(chanceOfMore({ bad: 0, all: 9 }, { bad: 0, all: 5 })).to.equal(1);
  });

  it('falls with every bad one more, and rises with every one before', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 50 }), (before, during) => {
        const at = (x1: number, x2: number) => chanceOfMore({ bad: x1, all: 400 }, { bad: x2, all: 700 });
        expect(at(before, during + 1)).to.be.at.most(at(before, during) + 1e-12);
        expect(at(before + 1, during)).to.be.at.least(at(before, during) - 1e-12);
      }),
    );
  });

  it('what chance explains is told quickly, and as the exact test tells it', () => {
    const size = fc.integer({ min: 1, max: 20_000 });
    const near = fc.double({ min: -4, max: 4, noNaN: true });
    fc.assert(
      fc.property(size, size, share, near, fc.constantFrom(0.01, 0.001), (all, more, rate, deviations, risk) => {
        const before = { bad: Math.round(all * rate), all };
        const sd = Math.sqrt(more * rate * (1 - rate) * (1 + more / all));
        const bad = Math.max(0, Math.min(more, Math.round(more * rate + deviations * sd)));
        const during = { bad, all: more };
        expect(chanceExplains(before, during, risk)).to.equal(chanceOfMore(before, during) >= risk);
      }),
      { numRuns: 3000 },
    );
  });

  it('a group of errors is rarer the larger and the denser it is, and a lone one is as common as noise', () => {
    expect(chanceOfGroup({ bad: 1, span: 1 }, 0.001, 500)).to.be.closeTo(0.5, 1e-12);
    expect(chanceOfGroup({ bad: 3, span: 3 }, 0.01, 500)).to.be.closeTo(500 * 1e-6, 1e-12);
    expect(chanceOfGroup({ bad: 3, span: 50 }, 0.01, 500)).to.be.above(chanceOfGroup({ bad: 3, span: 5 }, 0.01, 500));
    expect(chanceOfGroup({ bad: 2, span: 2 }, 1, 10)).to.equal(1);
  });
});
