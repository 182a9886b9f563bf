import { expect } from 'chai';
import fc from 'fast-check';
import { formatNumber, latencyText, marginText, measuredText, percentText, shareText, spanText } from './format.ts';

describe('report/format', () => {
  it('never rounds onto or across a target', () => {
    expect(formatNumber(30.04, 1, [30])).to.equal('30.04');
    expect(formatNumber(29.999, 2, [30])).to.equal('29.999');
    expect(formatNumber(30, 2, [30])).to.equal('30');
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer({ min: -1000, max: 1000 }),
        (value, target) => {
          const shown = Number(formatNumber(value, 2, [target]).replaceAll(',', ''));
          expect(Math.sign(shown - target)).to.equal(Math.sign(value - target));
        },
      ),
    );
  });

  it('groups thousands and drops idle zeros', () => {
    expect(formatNumber(1234567.5)).to.equal('1,234,567.5');
    expect(formatNumber(-1000)).to.equal('-1,000');
    expect(formatNumber(Number.NaN)).to.equal('unknown');
    expect(formatNumber(Number.POSITIVE_INFINITY)).to.equal('unknown');
  });

  it('prints measured values as intervals', () => {
    expect(measuredText({ lo: 1.772, hi: 1.816, unit: 's' })).to.equal('1.77 to 1.82 s');
    expect(measuredText({ lo: 38.2, hi: null, unit: 's' })).to.equal('more than 38.2 s');
    expect(measuredText({ lo: 99.996, hi: 99.996, unit: '%' })).to.equal('99.996%');
    expect(measuredText({ lo: 30.001, hi: 30.001, unit: 's' }, { op: '<=', value: 30, unit: 's' })).to.equal(
      '30.001 s',
    );
    expect(measuredText(undefined)).to.equal('not measured');
  });

  it('says how much was to spare or missed', () => {
    const target = { op: '<=', value: 5, unit: 's' } as const;
    expect(marginText({ measured: { lo: 1, hi: 2, unit: 's' }, target })).to.equal('3 s to spare');
    expect(marginText({ measured: { lo: 4, hi: 6, unit: 's' }, target })).to.equal('missed by 1 s');
    expect(marginText({ measured: { lo: 4, hi: null, unit: 's' }, target })).to.equal('not known, still going on');
    expect(marginText({ measured: { lo: 7, hi: null, unit: 's' }, target })).to.equal('missed by more than 2 s');
    expect(marginText({ measured: { lo: 5, hi: 5, unit: 's' }, target })).to.equal('exactly on target');
    const share = { op: '>=', value: 99, unit: '%' } as const;
    expect(marginText({ measured: { lo: 98, hi: 100, unit: '%' }, target: share })).to.equal('missed by 1 point');
  });

  it('puts counts beside ratios, and lets only all read as 100%', () => {
    expect(shareText(312, 314)).to.equal('99.4% (312 of 314)');
    expect(shareText(0, 0)).to.equal('none of 0');
    expect(percentText(0.999999)).to.equal('99.9999%');
    expect(percentText(0.0000001)).to.equal('0.00001%');
    expect(percentText(1)).to.equal('100%');
  });

  it('says spans and latencies', () => {
    expect(spanText(1_978_000)).to.equal('1.978 s');
    expect(spanText(370_000_000)).to.equal('6 min 10 s');
    expect(latencyText(null)).to.equal('too few');
    expect(latencyText(3.1)).to.equal('3.10');
  });
});
