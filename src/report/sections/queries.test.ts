import { expect } from 'chai';
import { visibleText } from '../testing/markup.ts';
import { renderHtml } from '../testing/render.ts';
import { FIXTURES } from '../testing/results/index.ts';
import { QUERIES } from '../testing/results/queries.ts';

const { pass } = FIXTURES;
if (pass === undefined) throw new Error('the fixture is there');
const page = renderHtml(pass);
const HEADING = 'Prometheus queries of the scenario';

/** The chart of the queries with what its script reads. */
const chart =
  /<div class="chart"[^>]*><svg[^>]*aria-labelledby="ui-pic-queries-t[\s\S]*?<\/svg><\/div>/.exec(page)?.[0] ?? '';

describe('report/sections: Prometheus queries', () => {
  it('have a row each with a name, what was told and what is allowed in words', () => {
    expect(chart).to.contain('<title id="ui-pic-queries-t">Values of Prometheus queries over the run</title>');
    expect(/<desc[^>]*>([^<]*)/.exec(chart)?.[1])
      .to.contain('abort condition 1, sum(rate(http_requests_total')
      .and.contain('0 to 0.13, allowed at most 0.2, without a figure for 10 s.')
      .and.contain('requirement 1');
  });

  it('are read at the line over the charts, 0 as 0 and a gap as nothing', () => {
    const rows = /data-rows="([^"]*)"/.exec(chart)?.[1]?.split(';') ?? [];
    expect(rows.map((row) => row.split('|')[1])).to.deep.equal(['abort condition 1 (≤ 0.2)', 'requirement 1 (≥ 1)']);
    expect(rows[0])
      .to.match(/^\|[^|]*\|0\*\d+,/)
      .and.match(/,\*\d+,/);
    const zero = QUERIES.map((query) => ({ ...query, values: query.values.map((one) => ({ ...one, value: 0 })) }));
    expect(renderHtml({ ...pass, queries: zero })).to.match(/\|abort condition 1 \(≤ 0\.2\)\|0\*/);
  });

  it('are in a table, whole and with how long nobody could tell, and all of many', () => {
    const text = visibleText(page);
    expect(text).to.contain('namespace="default"}[1m])) or vector(0)');
    const many = Array.from({ length: 20 }, (_, index) => ({ ...QUERIES[0], index }) as (typeof QUERIES)[number]);
    const told = visibleText(renderHtml({ ...pass, queries: many }));
    expect(told).to.contain('and 8 more').and.contain('abort condition 20');
    expect(text).to.not.contain('and 8 more');
  });

  it('are not there where the scenario names none', () => {
    const { queries: _, ...old } = pass;
    expect(visibleText(page)).to.contain(HEADING);
    for (const result of [old, { ...old, queries: [] }]) expect(renderHtml(result)).to.not.contain(HEADING);
  });
});
