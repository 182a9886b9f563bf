import { expect } from 'chai';
import fc from 'fast-check';
import type { Verdict } from '../model/finding.ts';
import { formatNumber, marginText, measuredText, millisText, percentText, shareText, spanText } from './format.ts';

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
    const margin = (lo: number, hi: number | null, verdict: Verdict): string | undefined =>
      marginText({ measured: { lo, hi, unit: 's' }, target, verdict });
    expect(margin(1, 2, 'pass')).to.equal('3 s to spare');
    expect(margin(5, 5, 'pass')).to.equal('exactly at the limit');
    expect(margin(6, 7, 'fail')).to.equal('missed by 2 s');
    expect(margin(7, null, 'fail')).to.equal('missed by more than 2 s');
    expect(margin(4, 6, 'inconclusive')).to.equal('the limit lies inside');
    expect(margin(4, null, 'inconclusive')).to.equal('the limit lies inside');
  });

  it('gives no margin that speaks against the verdict', () => {
    const ends = fc.integer({ min: 0, max: 200 });
    const bounds = fc.constantFrom('<=', '>=', '==');
    fc.assert(
      fc.property(ends, fc.option(ends), ends, bounds, (lo, length, value, op) => {
        const measured = { lo, hi: length === null ? null : lo + length, unit: '%' } as const;
        const target = { op, value, unit: '%' } as const;
        expect(marginText({ measured, target, verdict: 'pass' }) ?? '').to.not.match(/missed|inside/);
        expect(marginText({ measured, target, verdict: 'fail' }) ?? '').to.not.match(/spare|exactly|inside/);
        expect(marginText({ measured, target, verdict: 'inconclusive' }) ?? '').to.not.match(/spare|missed|exactly/);
      }),
    );
    const share = { measured: { lo: 97.02, hi: 100, unit: '%' }, target: { op: '>=', value: 99, unit: '%' } } as const;
    expect(marginText({ ...share, verdict: 'pass' })).to.equal(undefined);
    expect(marginText({ ...share, verdict: 'inconclusive' })).to.equal('the limit lies inside');
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
    expect(millisText(3.1)).to.equal('3.10');
  });
});
