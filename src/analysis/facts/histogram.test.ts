import { expect } from 'chai';
import fc from 'fast-check';
import { decimals, percent, secondsInterval } from './format.ts';
import { binOf, Histogram } from './histogram.ts';
import { bucketFor, SeriesBuilder } from './series.ts';

describe('analysis: numbers', () => {
  it('a percentile is at most one per cent off', () => {
    const values = fc.array(fc.integer({ min: 0, max: 100_000_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (sample, q) => {
        const histogram = new Histogram();
        for (const value of sample) histogram.add(value, binOf(value));
        const exact = sample.toSorted((a, b) => a - b)[Math.ceil(q * sample.length) - 1] ?? 0;
        expect((histogram.percentile(q) ?? -1) * 1000).to.be.closeTo(exact, exact * 0.01);
      }),
    );
  });

  it('merged histograms equal one histogram of all', () => {
    const [a, b, all] = [new Histogram(), new Histogram(), new Histogram()];
    [5, 500, 50_000, 4_000_000_000].forEach((value, i) => {
      (i % 2 === 0 ? a : b).add(value, binOf(value));
      all.add(value, binOf(value));
    });
    a.merge(b);
    expect([a.n, a.max, a.percentile(0.5), a.percentile(1)]).to.deep.equal([
      all.n,
      all.max,
      all.percentile(0.5),
      all.percentile(1),
    ]);
  });

  it('text never rounds a value across its target', () => {
    const number = fc.double({ min: 0, max: 1000, noNaN: true });
    fc.assert(
      fc.property(number, number, (value, target) => {
        const shown = Number(decimals(value, target, 1));
        if (Math.abs(value - target) > 1e-6) expect(Math.sign(shown - target)).to.equal(Math.sign(value - target));
      }),
    );
    expect(secondsInterval(29_000_000, 30_004_000, 30_000_000)).to.equal('29.00–30.004 s');
    expect([percent(1), percent(0.9), percent(0.98999, 0.99)]).to.deep.equal(['100%', '90%', '98.999%']);
  });

  it('a run of any length fits into 900 columns of a pleasant size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e13 }), (duration) => {
        expect(duration / bucketFor(duration)).to.be.at.most(900);
      }),
    );
    expect([bucketFor(80e6), bucketFor(600e6), bucketFor(3600e6)]).to.deep.equal([100_000, 1_000_000, 5_000_000]);
  });

  it('a series that is made coarser loses no request', () => {
    const series = new SeriesBuilder(90_000_000);
    const row = series.row();
    for (let due = 0; due < 90_000_000; due += 70_000) series.add(row, series.column(due));
    const before = series.counts(row);
    series.coarsen(130);
    const after = series.counts(row);
    expect([before.length, after.length]).to.deep.equal([900, 113]);
    expect(after.reduce((a, b) => a + b)).to.equal(before.reduce((a, b) => a + b));
  });
});
