import { expect } from 'chai';
import type { QueryValues } from '../../model/result.ts';
import { drawQuery, figureText, limitText, queryColumns } from './queries.ts';

const ABOVE = { side: 'above', value: 0.2 } as const;
const query = (values: QueryValues['values'], limit: QueryValues['limit'] = ABOVE): QueryValues => ({
  of: 'abort',
  index: 0,
  query: 'errors',
  limit,
  values,
});
const AXIS = { start: 0, end: 100 };

/** Where the line and the dashed limit lie, in pixels from the top of the plot. */
function drawn(values: readonly (number | null)[], limit: QueryValues['limit'] = ABOVE) {
  const { marks, titles } = drawQuery(query([], limit), 'abort condition 1', values, 0);
  const text = marks.text;
  return {
    d: / d="([^"]*)"/.exec(text)?.[1],
    limit: Number(/ y1="([^"]*)"[^>]*stroke-dasharray/.exec(text)?.[1]) - 20,
    titles: titles.text,
  };
}

describe('report/svg: what queries were', () => {
  it('has a column where a value stands, and none where none was told or nobody asked', () => {
    const values = [
      { at: 10, until: 30, value: 0.1 },
      { at: 30, until: 50, value: null },
      { at: 50, until: 70, value: 0 },
    ];
    const none = [null, null];
    expect(queryColumns(query(values), AXIS, 10)).to.deep.equal([null, 0.1, 0.1, ...none, 0, 0, ...none, null]);
  });

  it('keeps the worst of a column by the side of the limit, and a gap before what is within it', () => {
    const of = (...values: (number | null)[]) => values.map((value, at) => ({ at, until: at + 1, value }));
    const below = { side: 'below', value: 3 } as const;
    const one = (values: (number | null)[], limit: QueryValues['limit']) =>
      queryColumns(query(of(...values), limit), { start: 0, end: values.length }, 1)[0];
    expect(one([0.1, 0.15, 0.12], ABOVE)).to.equal(0.15);
    expect(one([5, 4, 6], below)).to.equal(4);
    expect(one([0.1, null], ABOVE)).to.equal(null);
    expect(one([null, 0.3, 0.1], ABOVE)).to.equal(0.3);
    expect(one([null, 2, 5], below)).to.equal(2);
  });

  it('draws the line with gaps and the limit at its height, with its figure', () => {
    const { d, limit, titles } = drawn([0.1, 0.1, null, 0.4]);
    expect(d).to.equal('M0,30H2M3,0H4');
    expect(limit).to.equal(20);
    expect(titles).to.contain('abort condition 1, 0 to 0.4: errors').and.contain('at most 0.2');
  });

  it('keeps the limit in the picture when all values are far from it, also below 0', () => {
    expect(drawn([0, 0], { side: 'above', value: 100 })).to.deep.include({ d: 'M0,40H2', limit: 0 });
    expect(drawn([0, -4, 4], { side: 'below', value: -2 })).to.deep.include({ d: 'M0,20H1V40H2V0H3', limit: 30 });
    expect(drawn([0, 0], { side: 'above', value: 0 })).to.deep.include({ d: 'M0,40H2', limit: 40 });
    expect(drawn([-1, null], { side: 'above', value: -4 })).to.deep.include({ d: 'M0,10H1', limit: 40 });
    expect(drawn([null, null]).d).to.equal(undefined);
  });

  it('never says a figure that is past its limit as the limit', () => {
    expect(figureText(0.20004, { limit: ABOVE })).to.equal('0.20004');
    expect(figureText(0.123_456, { limit: ABOVE })).to.equal('0.123');
    expect(limitText({ limit: { side: 'below', value: 3 } })).to.equal('at least 3');
  });
});
