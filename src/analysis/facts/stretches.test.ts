import { expect } from 'chai';
import fc from 'fast-check';
import { without } from './stretches.ts';

const span = fc.tuple(fc.nat(40), fc.nat(12)).map(([start, length]) => ({ start, end: start + length }));

describe('what is left of a window without some spans', () => {
  it('is every time in it that lies in none of them, in order', () => {
    fc.assert(
      fc.property(span, fc.array(span, { maxLength: 8 }), (window, spans) => {
        const parts = without(window, spans);
        const isIn = (t: number) => (one: { start: number; end: number }) => one.start <= t && t < one.end;
        for (let t = 0; t < 60; t++) {
          const expected = isIn(t)(window) && !spans.some(isIn(t)) ? 1 : 0;
          expect(parts.filter(isIn(t)).length, `${t}`).to.equal(expected);
        }
        expect(parts).to.deep.equal([...parts].sort((a, b) => a.start - b.start));
      }),
    );
  });

  it('leaves an empty window as it is', () => {
    expect(without({ start: 5, end: 5 }, [{ start: 0, end: 9 }])).to.deep.equal([{ start: 5, end: 5 }]);
  });
});
