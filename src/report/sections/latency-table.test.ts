import { expect } from 'chai';
import type { LatencyRow } from '../../model/result.ts';
import { readMarkup, visibleText } from '../testing/markup.ts';
import { percentiles } from './latency-table.ts';

const row: LatencyRow = {
  phase: 'hold',
  service: 'mocka',
  zone: 'z1',
  n: 250,
  p50: 2,
  p90: 5,
  p95: 9.5,
  p99: 25,
  max: 60,
  censored: 0,
};

const text = (rows: readonly LatencyRow[]): string =>
  visibleText(percentiles(rows).text).replace(/\s+/g, ' ').split(' max ')[1] ?? '';

describe('report/latency: the table', () => {
  it('gives services with the same figures one row, and no others', () => {
    const rows = [row, { ...row, service: 'mockb' }, { ...row, service: 'mockc', n: 251 }];
    expect(text(rows)).to.equal(
      'hold 0% z1 mocka, mockb 250 2.00 5.00 9.50 25.00 60.00 hold 0% z1 mockc 251 2.00 5.00 9.50 25.00 60.00 ',
    );
  });

  it('says how many never answered, and which percentiles they could hold', () => {
    const cut = { ...row, p95: null, p99: null, censored: 0.06 };
    expect(text([cut])).to.equal('hold 6% z1 mocka 250 2.00 5.00 unanswered unanswered 60.00 ');
    expect(text([{ ...cut, censored: 0.02 }])).to.include('too few unanswered');
    expect(text([{ ...cut, censored: 0 }])).to.include('too few too few');
  });

  it('of too many rows keeps the slowest, and says where the others are', () => {
    const rows = Array.from({ length: 500 }, (_, at) => ({ ...row, service: `s${at}`, p95: at }));
    const { tags } = readMarkup(percentiles(rows).text, 'html');
    expect(tags.filter(({ name, closing }) => name === 'tr' && !closing)).to.have.length(61);
    expect(text(rows)).to.include('s499 ').and.to.include('and 440 more, see result.json');
    expect(text(rows)).to.not.include('s439 ');
  });
});
