import { expect } from 'chai';
import fc from 'fast-check';
import type { RunResult } from '../model/result.ts';
import { sentOf, tallySum, tallyText } from './tally.ts';
import { visibleText } from './testing/markup.ts';
import { renderHtml } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';

const fail = FIXTURES.fail ?? expect.fail('fail');
const textOf = (result: RunResult): string => visibleText(renderHtml(result)).replace(/\s+/g, ' ');

describe('report/tally', () => {
  it('does not count what is unknown as sent, good or bad', () => {
    expect(tallyText({ good: 890, bad: 10, unknown: 100 })).to.equal('1.1% (10 of 900) bad, 100 unknown');
  });

  it('sums up part by part', () => {
    const tally = fc.record({ good: fc.nat(999), bad: fc.nat(999), unknown: fc.nat(999) });
    fc.assert(
      fc.property(tally, tally, (a, b) => {
        const sum = tallySum([a, b]);
        expect(sentOf(sum)).to.equal(sentOf(a) + sentOf(b));
        expect(sum.unknown).to.equal(a.unknown + b.unknown);
      }),
    );
  });

  it('is what the table of paths says', () => {
    const paths = [{ path: 'entry@a/b', good: 890, bad: 10, doubtful: 3, unknown: 100 }];
    const text = textOf({ ...fail, budget: { ...fail.budget, good: 890, bad: 10, unknown: 100, paths } });
    expect(text).to.include(
      'Path Sent Good Bad Of these doubtful Share bad Unknown entry@a/b 900 890 10 3 1.1% (10 of 900) 100',
    );
    expect(text).to.include('1.1% (10 of 900) bad, 100 unknown');
  });

  it('names the callers that were not asked', () => {
    expect(textOf(fail)).to.include('Not asked while the fault was on: mocka-ap-northeast-1b-77f4c.');
  });
});

describe('report: the tracks of the timeline', () => {
  const tracks = (change: (columns: number) => Partial<RunResult['series']>): string => {
    const { series } = fail;
    return textOf({ ...fail, series: { ...series, ...change(series.columns) } });
  };
  const flat = (columns: number, count: number): number[] => new Array<number>(columns).fill(count);

  it('are bad requests in one, unknown ones in another', () => {
    const text = tracks((columns) => ({ bad: flat(columns, 0), dropped: flat(columns, 5) }));
    expect(text)
      .to.include('failed requests: none')
      .and.to.match(/unknown \(dropped or lost\), at most 20 in/);
  });

  it('have none for unknown requests where there are none', () => {
    expect(tracks((columns) => ({ dropped: flat(columns, 0) }))).to.not.include('unknown (dropped');
  });
});
