import { expect } from 'chai';
import type { Interval } from '../recorded-run.ts';
import { changeOfFails, changeOfShares, changeOfSpans, differenceOf } from './changes.ts';

const fails = (hits: number, n: number) => ({ hits, n });
const spans = (from: number, count: number, width = 0.01): Interval[] =>
  Array.from({ length: count }, (_, i) => ({ lo: from + i / 1000, hi: from + i / 1000 + width }));

describe('compare: verdicts', () => {
  it('of few runs are worse when what never failed fails, of many when chance does not explain it', () => {
    expect(changeOfFails(fails(0, 1), fails(1, 1))).to.equal('worse');
    expect(changeOfFails(fails(0, 19), fails(1, 1))).to.equal('worse');
    expect(changeOfFails(fails(0, 20), fails(1, 60)), 'one of many is chance').to.equal('open');
    expect(changeOfFails(fails(0, 20), fails(20, 60))).to.equal('worse');
    expect(changeOfFails(fails(5, 20), fails(6, 20)), 'it was as flaky before').to.equal('same');
    expect(changeOfFails(fails(1, 1), fails(0, 1))).to.equal('better');
    expect(changeOfFails(fails(10, 20), fails(0, 20))).to.equal('better');
    expect([changeOfFails(fails(0, 1), fails(0, 1)), changeOfFails(fails(1, 1), fails(1, 1))].join()).to.equal(
      'same,same',
    );
    expect([changeOfFails(fails(0, 1), fails(0, 0)), changeOfFails(fails(0, 0), fails(0, 1))].join()).to.equal(
      'open,open',
    );
  });
});

describe('compare: recovery', () => {
  it('of few runs is open where it is longer than all before by more than was measured, else nobody knows', () => {
    expect(changeOfSpans(spans(1, 1), spans(9, 1))).to.equal('open');
    expect(changeOfSpans(spans(9, 1), spans(1, 1))).to.equal('unknown');
    expect(changeOfSpans(spans(1, 1), spans(1.005, 1)), 'the intervals overlap').to.equal('unknown');
    expect(changeOfSpans([...spans(1, 4), ...spans(30, 1)], spans(29, 1)), 'it was as long before').to.equal('unknown');
    expect(changeOfSpans(spans(1, 2), spans(2, 2))).to.equal('open');
    expect(changeOfSpans(spans(1, 1), [{ lo: 30, hi: null }])).to.equal('open');
    expect(changeOfSpans([{ lo: 1, hi: null }], spans(30, 1))).to.equal('unknown');
    expect([changeOfSpans([], spans(9, 1)), changeOfSpans(spans(9, 1), [])].join()).to.equal('unknown,unknown');
  });

  it('of one run each differs by what was measured', () => {
    expect(differenceOf({ lo: 1, hi: 1.5 }, { lo: 3, hi: 4 })).to.deep.equal({ lo: 1.5, hi: 3 });
    expect(differenceOf({ lo: 1, hi: 1.5 }, { lo: 30, hi: null })).to.deep.equal({ lo: 28.5, hi: null });
    expect(differenceOf({ lo: 1, hi: null }, { lo: 3, hi: 4 })).to.deep.equal({ lo: null, hi: 3 });
  });

  it('of many is told by their order', () => {
    expect(changeOfSpans(spans(1, 19), spans(2, 1)), '19 and one').to.equal('worse');
    expect(changeOfSpans(spans(1, 18), spans(2, 1)), '18 and one').to.equal('open');
    expect(changeOfSpans(spans(1, 5), spans(2, 5))).to.equal('worse');
    expect(changeOfSpans(spans(2, 5), spans(1, 5))).to.equal('better');
    expect(changeOfSpans(spans(1, 5), spans(1.001, 5)), 'the intervals overlap').to.equal('same');
    expect(changeOfSpans(spans(1, 9), [...spans(1, 8), { lo: 20, hi: null }])).to.equal('same');
    const [touching, above] = [
      { lo: 1, hi: 2 },
      { lo: 2, hi: 3 },
    ].map((span) => new Array<Interval>(5).fill(span));
    expect(changeOfSpans(touching ?? [], above ?? []), 'they may be the same').to.equal('same');
    expect(changeOfSpans([], spans(1, 5))).to.equal('unknown');
  });

  it('that is open above is no longer than it was seen to be', () => {
    const open: Interval[] = Array.from({ length: 5 }, () => ({ lo: 0, hi: null }));
    expect([changeOfSpans(spans(1, 5), open), changeOfSpans(open, spans(1, 5))].join()).to.equal('same,same');
    const censored: Interval[] = Array.from({ length: 5 }, () => ({ lo: 20, hi: null }));
    expect(changeOfSpans(spans(1, 5), censored)).to.equal('worse');
  });
});

describe('compare: shares of places', () => {
  it('differ where the interval of the difference has no 0', () => {
    expect(changeOfShares(fails(500, 500), fails(350, 500))?.differs).to.equal(true);
    expect(changeOfShares(fails(350, 500), fails(355, 500))?.differs).to.equal(false);
    expect(changeOfShares(fails(0, 0), fails(1, 1))).to.equal(undefined);
  });
});
